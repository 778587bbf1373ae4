//! Calls to DynamoDB: metered, retried where it is safe, and with errors that say which condition failed.

use std::{borrow::Cow, collections::HashMap};

use aws_sdk_dynamodb::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::{
        transact_write_items::TransactWriteItemsError,
        update_item::{UpdateItemError, UpdateItemOutput},
    },
    types::{
        AttributeValue, ConditionCheck, ConsumedCapacity, Delete, DeleteRequest, KeysAndAttributes, Put, PutRequest,
        ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
        WriteRequest,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    keys::{Index, KIND, Key, PK, SK},
    meter::{Call, Side},
};

/// An item as DynamoDB has it.
pub type Item = HashMap<String, AttributeValue>;

/// What can go wrong with a call.
#[derive(Debug)]
pub enum Error {
    /// A condition did not hold.
    Clash(Clash),
    /// Another transaction holds one of the items right now; trying again is safe.
    Contended,
    /// The table takes no more just now; trying again is safe.
    Throttled,
    /// Anything else, described for the log.
    Failed(String),
}

/// A condition that did not hold: of which write (counted from 0), and the item that stands there, if one does.
#[derive(Debug, Default)]
pub struct Clash {
    /// The failed writes and what stands in their place.
    pub failed: Vec<(usize, Option<Item>)>,
}

impl Clash {
    /// Whether the condition of this write failed.
    #[must_use]
    pub fn at(&self, index: usize) -> bool {
        self.failed.iter().any(|(failed, _)| *failed == index)
    }

    /// What stands in the place of the first failed write.
    #[must_use]
    pub fn standing(&self) -> Option<&Item> {
        self.failed.first().and_then(|(_, item)| item.as_ref())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Clash(clash) => {
                let writes: Vec<usize> = clash.failed.iter().map(|(index, _)| *index).collect();
                write!(f, "condition failed on write {writes:?}")
            }
            Self::Contended => f.write_str("transaction conflict"),
            Self::Throttled => f.write_str("table throttled"),
            Self::Failed(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Error {}

/// One write of a transaction, or a single one.
#[derive(Debug, Clone)]
pub enum Write {
    /// Puts an item, if the condition holds.
    Put {
        /// The item with its keys.
        item: Item,
        /// When it may be put.
        condition: Option<Expression>,
    },
    /// Changes an item, if the condition holds.
    Update {
        /// Which.
        key: Key,
        /// How: an update expression.
        update: Cow<'static, str>,
        /// When it may be changed, and the values of both expressions.
        condition: Expression,
    },
    /// Deletes an item, if the condition holds.
    Delete {
        /// Which.
        key: Key,
        /// When it may be deleted.
        condition: Option<Expression>,
    },
    /// Only checks.
    Check {
        /// Which.
        key: Key,
        /// What must hold.
        condition: Expression,
    },
}

/// An expression with its names and values. Attribute names that DynamoDB reserves are written `#name`.
#[derive(Debug, Clone, Default)]
pub struct Expression {
    /// The condition; empty for none.
    pub text: &'static str,
    /// `#status` → `status` for each name used with `#`.
    pub names: Vec<Cow<'static, str>>,
    /// `:now` → value.
    pub values: Vec<(Cow<'static, str>, AttributeValue)>,
}

impl Write {
    /// Puts an item in the place of the one that stands there, but leaves its counters alone: somebody may be counting
    /// at this moment. Index keys that the new item lacks are taken away.
    pub(crate) fn replace(item: Item, counters: &[&str], condition: Expression) -> Result<Self, Error> {
        let key = key_of(&item).ok_or_else(|| Error::Failed("an item without a key".into()))?;
        let mut condition = condition;
        let mut sets = Vec::new();
        let mut removes = Vec::new();
        for name in Index::KEY_ATTRIBUTES {
            if !item.contains_key(name) {
                removes.push(name);
            }
        }
        let mut attributes: Vec<_> = item.into_iter().collect();
        attributes.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, value) in attributes {
            if name == PK || name == SK || counters.contains(&name.as_str()) {
                continue;
            }
            let placeholder = format!(":set_{name}");
            sets.push(format!("#{name} = {placeholder}"));
            if !condition.names.iter().any(|known| *known == name) {
                condition.names.push(Cow::Owned(name));
            }
            condition.values.push((Cow::Owned(placeholder), value));
        }
        let mut update = format!("SET {}", sets.join(", "));
        if !removes.is_empty() {
            update.push_str(" REMOVE ");
            update.push_str(&removes.join(", "));
        }
        Ok(Self::Update { key, update: update.into(), condition })
    }
}

impl Expression {
    pub(crate) fn new(text: &'static str, names: &[&'static str], values: Vec<(&'static str, AttributeValue)>) -> Self {
        Self {
            text,
            names: names.iter().map(|name| Cow::Borrowed(*name)).collect(),
            values: values.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect(),
        }
    }

    /// There must be no such item.
    pub(crate) fn absent() -> Self {
        Self::new("attribute_not_exists(pk)", &[], vec![])
    }

    fn condition(&self) -> Option<String> {
        (!self.text.is_empty()).then(|| self.text.to_owned())
    }

    fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.iter().map(|name| (format!("#{name}"), name.to_string())).collect())
    }

    fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty())
            .then(|| self.values.iter().map(|(name, value)| (name.to_string(), value.clone())).collect())
    }
}

/// A text value.
pub(crate) fn s(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number value.
pub(crate) fn n(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A page of one partition, in the order of its sort key.
#[derive(Debug, Clone)]
pub(crate) struct Page<'a> {
    pub(crate) index: Index,
    pub(crate) partition: &'a str,
    /// Sort keys above (forward) or below (backward) this one.
    pub(crate) after: Option<&'a str>,
    /// Sort keys up to and with this one.
    pub(crate) until: Option<&'a str>,
    pub(crate) prefix: Option<&'a str>,
    pub(crate) forward: bool,
    pub(crate) limit: usize,
    pub(crate) keys_only: bool,
    /// As it is now: of the table alone.
    pub(crate) consistent: bool,
}

impl<'a> Page<'a> {
    pub(crate) fn of(index: Index, partition: &'a str) -> Self {
        Self {
            index,
            partition,
            after: None,
            until: None,
            prefix: None,
            forward: true,
            limit: 100,
            keys_only: false,
            consistent: false,
        }
    }
}

/// The table.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table of this name, reached as the configuration says. Opens no connection yet.
    #[must_use]
    pub fn new(config: &aws_config::SdkConfig, name: String) -> Self {
        Self { client: Client::new(config), name }
    }

    /// An item by its key, read eventually consistent: half the price, and right a moment later.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Error> {
        self.get_item(key, false).await?.map(read).transpose()
    }

    /// An item by its key as it is now: for what decides a write or follows one at once.
    pub(crate) async fn get_now<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Error> {
        self.get_item(key, true).await?.map(read).transpose()
    }

    pub(crate) async fn get_item(&self, key: &Key, consistent: bool) -> Result<Option<Item>, Error> {
        let call = Call::start();
        let reply = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(PK, s(&key.pk))
            .key(SK, s(&key.sk))
            .consistent_read(consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(failed)?;
        consumed(Side::Read, reply.consumed_capacity.as_slice());
        drop(call);
        Ok(reply.item)
    }

    /// Items by their keys, in one call; absent ones are absent in the reply.
    pub(crate) async fn get_many(&self, keys: &[Key]) -> Result<HashMap<Key, Item>, Error> {
        self.get_all(keys, false).await
    }

    /// Items by their keys as they are now.
    pub(crate) async fn get_many_now(&self, keys: &[Key]) -> Result<HashMap<Key, Item>, Error> {
        self.get_all(keys, true).await
    }

    /// Items by their keys, more of them than one call takes: the calls are made side by side.
    pub(crate) async fn get_wide(&self, keys: &[Key]) -> Result<HashMap<Key, Item>, Error> {
        let mut wanted: Vec<Key> = keys.to_vec();
        wanted.sort();
        wanted.dedup();
        let calls = wanted.chunks(100).map(|chunk| self.get_all(chunk, false));
        Ok(futures::future::try_join_all(calls).await?.into_iter().flatten().collect())
    }

    async fn get_all(&self, keys: &[Key], consistent: bool) -> Result<HashMap<Key, Item>, Error> {
        let mut found = HashMap::new();
        let mut wanted: Vec<Key> = keys.to_vec();
        wanted.sort();
        wanted.dedup();
        let mut rounds = 0_u32;
        while !wanted.is_empty() {
            let now: Vec<Key> = wanted.drain(..wanted.len().min(100)).collect();
            let request = KeysAndAttributes::builder()
                .consistent_read(consistent)
                .set_keys(Some(
                    now.iter()
                        .map(|key| HashMap::from([(PK.to_owned(), s(&key.pk)), (SK.to_owned(), s(&key.sk))]))
                        .collect(),
                ))
                .build()
                .map_err(|error| Error::Failed(error.to_string()))?;
            let call = Call::start();
            let reply = self
                .client
                .batch_get_item()
                .request_items(&self.name, request)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(failed)?;
            consumed(Side::Read, reply.consumed_capacity());
            drop(call);
            for item in reply.responses.unwrap_or_default().into_values().flatten() {
                if let Some(key) = key_of(&item) {
                    found.insert(key, item);
                }
            }
            for left in reply.unprocessed_keys.unwrap_or_default().into_values() {
                wanted.extend(left.keys.iter().filter_map(key_of));
            }
            rounds += 1;
            if rounds > 8 {
                return Err(Error::Throttled);
            }
        }
        Ok(found)
    }

    /// One page of one partition.
    pub(crate) async fn page(&self, page: &Page<'_>) -> Result<Vec<Item>, Error> {
        let (index, pk, sk) = page.index.names();
        let mut condition = "#pk = :pk".to_owned();
        let mut request = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(index.map(str::to_owned))
            .expression_attribute_names("#pk", pk)
            .expression_attribute_values(":pk", s(page.partition))
            .scan_index_forward(page.forward)
            .consistent_read(page.consistent)
            .limit(i32::try_from(page.limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if page.after.is_some() || page.until.is_some() || page.prefix.is_some() {
            request = request.expression_attribute_names("#sk", sk);
        }
        match (page.after, page.until) {
            (Some(after), Some(until)) => {
                // BETWEEN is inclusive: a zero byte behind the last key makes it exclusive.
                condition.push_str(" AND #sk BETWEEN :after AND :until");
                request = request
                    .expression_attribute_values(":after", s(format!("{after}\0")))
                    .expression_attribute_values(":until", s(until));
            }
            (Some(after), None) => {
                condition.push_str(if page.forward { " AND #sk > :after" } else { " AND #sk < :after" });
                request = request.expression_attribute_values(":after", s(after));
            }
            (None, Some(until)) if page.prefix.is_some() => {
                condition.push_str(" AND #sk BETWEEN :prefix AND :until");
                request = request
                    .expression_attribute_values(":prefix", s(page.prefix.unwrap_or_default()))
                    .expression_attribute_values(":until", s(until));
            }
            (None, Some(until)) => {
                condition.push_str(" AND #sk <= :until");
                request = request.expression_attribute_values(":until", s(until));
            }
            (None, None) => {
                if let Some(prefix) = page.prefix {
                    condition.push_str(" AND begins_with(#sk, :prefix)");
                    request = request.expression_attribute_values(":prefix", s(prefix));
                }
            }
        }
        if page.keys_only && index.is_none() {
            request = request.projection_expression("pk, sk");
        }
        let call = Call::start();
        let reply = request.key_condition_expression(condition).send().await.map_err(failed)?;
        consumed(Side::Read, reply.consumed_capacity.as_slice());
        drop(call);
        Ok(reply.items.unwrap_or_default())
    }

    /// One write. A failed condition is a [`Clash`] at 0 with the item that stands there.
    pub(crate) async fn write(&self, write: Write) -> Result<(), Error> {
        let call = Call::start();
        let total = ReturnConsumedCapacity::Total;
        let standing = ReturnValuesOnConditionCheckFailure::AllOld;
        let capacity = match write {
            Write::Put { item, condition } => {
                let condition = condition.unwrap_or_default();
                self.client
                    .put_item()
                    .table_name(&self.name)
                    .set_item(Some(item))
                    .set_condition_expression(condition.condition())
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(condition.values())
                    .return_consumed_capacity(total)
                    .return_values_on_condition_check_failure(standing)
                    .send()
                    .await
                    .map_err(|error| match error.as_service_error() {
                        Some(aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(
                            exception,
                        )) => Error::Clash(Clash { failed: vec![(0, exception.item.clone())] }),
                        _ => failed(error),
                    })?
                    .consumed_capacity
            }
            Write::Update { key, update, condition } => {
                self.updating(key, update, condition, ReturnValue::None).await?.consumed_capacity
            }
            Write::Delete { key, condition } => {
                let condition = condition.unwrap_or_default();
                self.client
                    .delete_item()
                    .table_name(&self.name)
                    .key(PK, s(&key.pk))
                    .key(SK, s(&key.sk))
                    .set_condition_expression(condition.condition())
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(condition.values())
                    .return_consumed_capacity(total)
                    .return_values_on_condition_check_failure(standing)
                    .send()
                    .await
                    .map_err(|error| match error.as_service_error() {
                        Some(
                            aws_sdk_dynamodb::operation::delete_item::DeleteItemError::ConditionalCheckFailedException(
                                exception,
                            ),
                        ) => Error::Clash(Clash { failed: vec![(0, exception.item.clone())] }),
                        _ => failed(error),
                    })?
                    .consumed_capacity
            }
            Write::Check { .. } => return Err(Error::Failed("a check belongs in a transaction".into())),
        };
        consumed(Side::Write, capacity.as_slice());
        drop(call);
        Ok(())
    }

    /// One update, and the item as it is then. A failed condition is a [`Clash`] at 0 with the item that stands there.
    pub(crate) async fn update(
        &self,
        key: Key,
        update: Cow<'static, str>,
        condition: Expression,
    ) -> Result<Item, Error> {
        let call = Call::start();
        let reply = self.updating(key, update, condition, ReturnValue::AllNew).await?;
        consumed(Side::Write, reply.consumed_capacity.as_slice());
        drop(call);
        Ok(reply.attributes.unwrap_or_default())
    }

    async fn updating(
        &self,
        key: Key,
        update: Cow<'static, str>,
        condition: Expression,
        answer: ReturnValue,
    ) -> Result<UpdateItemOutput, Error> {
        self.client
            .update_item()
            .table_name(&self.name)
            .key(PK, s(&key.pk))
            .key(SK, s(&key.sk))
            .update_expression(update)
            .set_condition_expression(condition.condition())
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .return_values(answer)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await
            .map_err(|error| match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(exception)) => {
                    Error::Clash(Clash { failed: vec![(0, exception.item.clone())] })
                }
                _ => failed(error),
            })
    }

    /// All of the writes or none. A failed condition is a [`Clash`] that tells which.
    pub(crate) async fn transact(&self, writes: Vec<Write>) -> Result<(), Error> {
        let items = writes.into_iter().map(|write| self.in_transaction(write)).collect::<Result<Vec<_>, _>>()?;
        let call = Call::start();
        let reply = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(cancelled)?;
        consumed(Side::Write, reply.consumed_capacity());
        drop(call);
        Ok(())
    }

    fn in_transaction(&self, write: Write) -> Result<TransactWriteItem, Error> {
        let standing = ReturnValuesOnConditionCheckFailure::AllOld;
        let keyed = |key: Key| HashMap::from([(PK.to_owned(), s(key.pk)), (SK.to_owned(), s(key.sk))]);
        let item = TransactWriteItem::builder();
        let built = match write {
            Write::Put { item: put, condition } => {
                let condition = condition.unwrap_or_default();
                Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(put))
                    .set_condition_expression(condition.condition())
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(condition.values())
                    .return_values_on_condition_check_failure(standing)
                    .build()
                    .map(|put| item.put(put))
            }
            Write::Update { key, update, condition } => Update::builder()
                .table_name(&self.name)
                .set_key(Some(keyed(key)))
                .update_expression(update)
                .set_condition_expression(condition.condition())
                .set_expression_attribute_names(condition.names())
                .set_expression_attribute_values(condition.values())
                .return_values_on_condition_check_failure(standing)
                .build()
                .map(|update| item.update(update)),
            Write::Delete { key, condition } => {
                let condition = condition.unwrap_or_default();
                Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(keyed(key)))
                    .set_condition_expression(condition.condition())
                    .set_expression_attribute_names(condition.names())
                    .set_expression_attribute_values(condition.values())
                    .return_values_on_condition_check_failure(standing)
                    .build()
                    .map(|delete| item.delete(delete))
            }
            Write::Check { key, condition } => ConditionCheck::builder()
                .table_name(&self.name)
                .set_key(Some(keyed(key)))
                .set_condition_expression(condition.condition())
                .set_expression_attribute_names(condition.names())
                .set_expression_attribute_values(condition.values())
                .return_values_on_condition_check_failure(standing)
                .build()
                .map(|check| item.condition_check(check)),
        };
        built.map(|item| item.build()).map_err(|error| Error::Failed(error.to_string()))
    }

    /// Puts and deletes many items without conditions, 25 a call, calls side by side; safe to repeat.
    pub(crate) async fn put_and_delete(&self, puts: Vec<Item>, deletes: Vec<Key>) -> Result<(), Error> {
        let mut requests = Vec::with_capacity(puts.len() + deletes.len());
        for item in puts {
            let put =
                PutRequest::builder().set_item(Some(item)).build().map_err(|error| Error::Failed(error.to_string()))?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        for key in deletes {
            let delete = DeleteRequest::builder()
                .key(PK, s(key.pk))
                .key(SK, s(key.sk))
                .build()
                .map_err(|error| Error::Failed(error.to_string()))?;
            requests.push(WriteRequest::builder().delete_request(delete).build());
        }
        let calls = requests.chunks(25).map(|chunk| self.write_batch(chunk.to_vec()));
        futures::future::try_join_all(calls).await?;
        Ok(())
    }

    async fn write_batch(&self, mut requests: Vec<WriteRequest>) -> Result<(), Error> {
        for _ in 0..8 {
            let call = Call::start();
            let reply = self
                .client
                .batch_write_item()
                .request_items(&self.name, requests)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(failed)?;
            consumed(Side::Write, reply.consumed_capacity());
            drop(call);
            requests = reply.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
            if requests.is_empty() {
                return Ok(());
            }
        }
        Err(Error::Throttled)
    }
}

/// An entity as an item: its fields, its kind, its key. Index keys and `ttl` are added by whoever knows them.
pub(crate) fn item<T: Serialize>(kind: &str, key: Key, entity: &T) -> Result<Item, Error> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(|error| Error::Failed(error.to_string()))?;
    item.insert(PK.into(), s(key.pk));
    item.insert(SK.into(), s(key.sk));
    item.insert(KIND.into(), s(kind));
    Ok(item)
}

/// Adds the keys of an index to an item.
pub(crate) fn indexed(item: &mut Item, index: Index, pk: impl Into<String>, sk: impl Into<String>) {
    let (_, pk_name, sk_name) = index.names();
    item.insert(pk_name.into(), s(pk));
    item.insert(sk_name.into(), s(sk));
}

/// An entity from an item; attributes it does not know are keys and marks of the table.
pub(crate) fn read<T: DeserializeOwned>(item: Item) -> Result<T, Error> {
    serde_dynamo::from_item(item).map_err(|error| Error::Failed(format!("stored item: {error}")))
}

/// The primary key of an item.
pub(crate) fn key_of(item: &Item) -> Option<Key> {
    Some(Key { pk: text(item, PK)?.to_owned(), sk: text(item, SK)?.to_owned() })
}

/// A text attribute of an item.
pub(crate) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

fn consumed(side: Side, capacities: &[ConsumedCapacity]) {
    Call::consumed(side, capacities.iter().filter_map(|capacity| capacity.capacity_units).sum());
}

fn cancelled(error: SdkError<TransactWriteItemsError>) -> Error {
    let Some(TransactWriteItemsError::TransactionCanceledException(exception)) = error.as_service_error() else {
        return failed(error);
    };
    let reasons = exception.cancellation_reasons();
    let failed: Vec<_> = reasons
        .iter()
        .enumerate()
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(index, reason)| (index, reason.item.clone()))
        .collect();
    if !failed.is_empty() {
        return Error::Clash(Clash { failed });
    }
    if reasons.iter().any(|reason| reason.code() == Some("TransactionConflict")) {
        return Error::Contended;
    }
    if reasons.iter().any(|r| matches!(r.code(), Some("ThrottlingError" | "ProvisionedThroughputExceeded"))) {
        return Error::Throttled;
    }
    let codes: Vec<_> = reasons.iter().filter_map(|reason| reason.code()).collect();
    Error::Failed(format!("transaction cancelled: {codes:?}"))
}

fn failed<E>(error: SdkError<E>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some("TransactionConflictException" | "TransactionInProgressException") => Error::Contended,
        Some("ThrottlingException" | "ProvisionedThroughputExceededException" | "RequestLimitExceeded") => {
            Error::Throttled
        }
        _ => Error::Failed(format!("{}", DisplayErrorContext(&error))),
    }
}
