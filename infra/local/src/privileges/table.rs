//! What a call of DynamoDB does, item by item: the partitions that `dynamodb:LeadingKeys` would hold.

use serde_json::Value;

use super::Need;

/// All that an operation does with this body. A body that is no JSON does nothing; the table will say so.
pub(crate) fn needs(operation: &str, body: &[u8]) -> Vec<Need> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return vec![] };
    let item = |action: &str, one: &Value, keys: &Value| Need::table(action, table_of(one), None, partition(keys));
    let each = |value: &Value| value.as_array().cloned().unwrap_or_default();
    match operation {
        "GetItem" | "UpdateItem" | "DeleteItem" => vec![item(operation, &body, &body["Key"])],
        "PutItem" => vec![item(operation, &body, &body["Item"])],
        "Query" => {
            let index = body["IndexName"].as_str();
            vec![Need::table(operation, table_of(&body), index, queried(&body, index))]
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body["RequestItems"].as_object().into_iter().flatten();
            let asked = tables.flat_map(|(table, asked)| {
                let keys = if operation == "BatchGetItem" {
                    each(&asked["Keys"])
                } else {
                    let written = |one: &Value| match &one["PutRequest"] {
                        Value::Null => one["DeleteRequest"]["Key"].clone(),
                        put => put["Item"].clone(),
                    };
                    each(asked).iter().map(written).collect()
                };
                keys.into_iter()
                    .map(|keys| Need::table(operation, named(table), None, partition(&keys)))
                    .collect::<Vec<_>>()
            });
            asked.collect()
        }
        // A transaction is no action of its own; each of its parts is.
        "TransactGetItems" => {
            each(&body["TransactItems"]).iter().map(|one| item("GetItem", &one["Get"], &one["Get"]["Key"])).collect()
        }
        "TransactWriteItems" => {
            let part = |one: &Value| {
                let (name, part) = one.as_object().and_then(|one| one.iter().next())?;
                let action =
                    if name == "ConditionCheck" { "ConditionCheckItem".to_owned() } else { format!("{name}Item") };
                let keys = if name == "Put" { &part["Item"] } else { &part["Key"] };
                Some(item(&action, part, keys))
            };
            each(&body["TransactItems"]).iter().filter_map(part).collect()
        }
        // Scans, PartiQL, tables themselves: what names no partition.
        other => vec![Need::table(other, table_of(&body), body["IndexName"].as_str(), None)],
    }
}

fn table_of(body: &Value) -> &str {
    named(body["TableName"].as_str().unwrap_or_default())
}

/// A table may be named by its ARN.
fn named(table: &str) -> &str {
    table.rsplit_once(":table/").map_or(table, |(_, name)| name)
}

fn partition(keys: &Value) -> Option<String> {
    keys[store::keys::PK]["S"].as_str().map(str::to_owned)
}

/// The partition that a query reads: what its condition says the partition key is.
fn queried(body: &Value, index: Option<&str>) -> Option<String> {
    let key = index.map_or_else(|| store::keys::PK.to_owned(), |index| format!("{index}pk"));
    let text = |value: &Value| value["S"].as_str().map(str::to_owned);
    let Some(condition) = body["KeyConditionExpression"].as_str() else {
        return text(&body["KeyConditions"][&key]["AttributeValueList"][0]);
    };
    let is_key = |word: &str| match word.starts_with('#') {
        true => body["ExpressionAttributeNames"][word] == key,
        false => word == key,
    };
    let words = words(condition);
    let mut found = words.windows(3).filter(|three| three[1] == "=").filter_map(|three| match three {
        [name, _, value] | [value, _, name] if is_key(name) && value.starts_with(':') => Some(*value),
        _ => None,
    });
    // A condition that says it twice says nothing.
    match (found.next(), found.next()) {
        (Some(value), None) => text(&body["ExpressionAttributeValues"][value]),
        _ => None,
    }
}

/// Names and values of an expression, and its signs one by one.
fn words(expression: &str) -> Vec<&str> {
    let is_sign = |c: char| "=<>(),".contains(c);
    let mut words = vec![];
    for part in expression.split_whitespace() {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let end = if is_sign(first) { first.len_utf8() } else { rest.find(is_sign).unwrap_or(rest.len()) };
            let (word, further) = rest.split_at(end);
            words.push(word);
            rest = further;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn table(action: &str, key: &str) -> Need {
        Need::table(action, "madang-local", None, Some(key.to_owned()))
    }

    fn asked(operation: &str, body: Value) -> Vec<Need> {
        needs(operation, body.to_string().as_bytes())
    }

    fn key(pk: &str) -> Value {
        json!({"pk": {"S": pk}, "sk": {"S": "x"}})
    }

    #[test]
    fn a_single_write_or_read_is_of_its_partition() {
        let by_key = |pk: &str| json!({"TableName": "madang-local", "Key": key(pk)});
        for operation in ["GetItem", "UpdateItem", "DeleteItem"] {
            assert_eq!(asked(operation, by_key("A#1")), [table(operation, "A#1")]);
        }
        let put = json!({"TableName": "arn:aws:dynamodb:r:1:table/madang-local", "Item": key("A#1")});
        assert_eq!(asked("PutItem", put), [table("PutItem", "A#1")]);
    }

    #[test]
    fn every_item_of_a_batch_counts() {
        let read = json!({"RequestItems": {"madang-local": {"Keys": [key("A#1"), key("B#1")]}}});
        assert_eq!(asked("BatchGetItem", read), ["A#1", "B#1"].map(|pk| table("BatchGetItem", pk)));
        let written = json!({"RequestItems": {"madang-local": [
            {"PutRequest": {"Item": key("A#1")}}, {"DeleteRequest": {"Key": key("B#1")}},
        ]}});
        assert_eq!(asked("BatchWriteItem", written), ["A#1", "B#1"].map(|pk| table("BatchWriteItem", pk)));
    }

    #[test]
    fn each_part_of_a_transaction_is_an_action_of_its_own() {
        let part = |name: &str, pk: &str| {
            let keys = if name == "Put" { "Item" } else { "Key" };
            json!({name: {"TableName": "madang-local", keys: key(pk)}})
        };
        let body = json!({"TransactItems": [
            part("Put", "A#1"), part("Update", "B#1"), part("Delete", "C#1"), part("ConditionCheck", "D#1"),
        ]});
        let wanted = [("PutItem", "A#1"), ("UpdateItem", "B#1"), ("DeleteItem", "C#1"), ("ConditionCheckItem", "D#1")];
        assert_eq!(asked("TransactWriteItems", body), wanted.map(|(action, pk)| table(action, pk)));
        let body = json!({"TransactItems": [part("Get", "A#1")]});
        assert_eq!(asked("TransactGetItems", body), [table("GetItem", "A#1")]);
    }

    #[test]
    fn a_query_is_of_the_partition_its_condition_names() {
        let query = |index: Value, condition: &str| {
            asked(
                "Query",
                json!({
                    "TableName": "madang-local", "IndexName": index, "KeyConditionExpression": condition,
                    "ExpressionAttributeNames": {"#pk": "pk", "#g": "gsi1pk", "#sk": "sk"},
                    "ExpressionAttributeValues": {":pk": {"S": "A#1"}, ":sk": {"S": "B#1"}},
                }),
            )
        };
        for condition in [
            "#pk = :pk",
            "pk=:pk AND sk > :sk",
            "#pk = :pk AND #sk BETWEEN :sk AND :pk",
            "(:pk = #pk) AND begins_with(#sk, :sk)",
            "#sk = :sk AND #pk = :pk",
            "#sk <= :sk AND #pk = :pk",
        ] {
            assert_eq!(query(Value::Null, condition), [table("Query", "A#1")], "{condition}");
        }
        let of_index = |pk: Option<&str>| Need::table("Query", "madang-local", Some("gsi1"), pk.map(str::to_owned));
        assert_eq!(query(json!("gsi1"), "#g = :pk"), [of_index(Some("A#1"))]);
        // The table's partition key is none of the index's.
        assert_eq!(query(json!("gsi1"), "#pk = :pk"), [of_index(None)]);
        for condition in ["#pk = :pk AND #pk = :sk", "#pk > :pk", "#pk = :unknown", ""] {
            assert_eq!(
                query(Value::Null, condition),
                [Need::table("Query", "madang-local", None, None)],
                "{condition}"
            );
        }
        let old = json!({"TableName": "madang-local", "KeyConditions": {"pk": {
            "ComparisonOperator": "EQ", "AttributeValueList": [{"S": "A#1"}],
        }}});
        assert_eq!(asked("Query", old), [table("Query", "A#1")]);
    }

    #[test]
    fn what_names_no_partition_is_of_none() {
        let none = |operation: &str| vec![Need::table(operation, "madang-local", None, None)];
        let body = json!({"TableName": "madang-local"});
        for operation in ["Scan", "DescribeTable", "DeleteTable", "GetItem", "Query"] {
            assert_eq!(asked(operation, body.clone()), none(operation));
        }
        assert_eq!(asked("ExecuteStatement", json!({"Statement": "SELECT * FROM x"})).len(), 1);
        assert!(needs("GetItem", b"junk").is_empty());
    }
}
