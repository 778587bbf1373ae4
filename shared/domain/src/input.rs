//! What is wrong with what somebody sent: one value that gathers every bad field.

use std::ops::ControlFlow;

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, MergeWithError, Value, ValueKind, ValuePointerRef, take_cf_content,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// One thing that can be wrong with a field. `code` is stable; the sentence is for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// The field is needed and absent.
    Missing,
    /// No such field is known here.
    UnknownField,
    /// Another JSON type was wanted; the names of the accepted ones.
    WrongType(String),
    /// One of the listed values was wanted.
    UnknownValue(String),
    /// Fewer characters or entries than this.
    TooShort(usize),
    /// More characters or entries than this.
    TooLong(usize),
    /// A number below this.
    TooSmall(i64),
    /// A number above this.
    TooLarge(i64),
    /// Not of the form described.
    Malformed(&'static str),
    /// Holds control, zero-width or direction characters.
    HiddenCharacters,
    /// A time that has passed.
    Past,
    /// A time further ahead than this many days.
    TooFar(i64),
    /// A time before this one.
    TooEarly(&'static str),
    /// A time that is not on the hour.
    NotOnTheHour,
    /// The same entry twice.
    Duplicate,
    /// Names nothing that exists (or nothing that is the caller's).
    NotFound,
    /// Exists, but is not ready to be used.
    NotReady,
    /// Already used elsewhere.
    InUse,
    /// Cannot be used together with what else was sent.
    NotTogether(&'static str),
    /// The same as before, where a new one is due.
    Unchanged,
}

impl Wrong {
    /// The stable name of the fault.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::UnknownField => "unknown_field",
            Self::WrongType(_) => "wrong_type",
            Self::UnknownValue(_) => "unknown_value",
            Self::TooShort(_) => "too_short",
            Self::TooLong(_) => "too_long",
            Self::TooSmall(_) => "too_small",
            Self::TooLarge(_) => "too_large",
            Self::Malformed(_) => "malformed",
            Self::HiddenCharacters => "hidden_characters",
            Self::Past => "past",
            Self::TooFar(_) => "too_far",
            Self::TooEarly(_) => "too_early",
            Self::NotOnTheHour => "not_on_the_hour",
            Self::Duplicate => "duplicate",
            Self::NotFound => "not_found",
            Self::NotReady => "not_ready",
            Self::InUse => "in_use",
            Self::NotTogether(_) => "not_together",
            Self::Unchanged => "unchanged",
        }
    }

    /// Whether the input has the wrong shape (as opposed to a right shape that breaks a rule).
    #[must_use]
    pub fn is_shape(&self) -> bool {
        matches!(self, Self::Missing | Self::UnknownField | Self::WrongType(_) | Self::UnknownValue(_))
    }

    /// The fault as a sentence.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::Ko => match self {
                Self::Missing => "꼭 필요한 값입니다.".into(),
                Self::UnknownField => "알 수 없는 항목입니다.".into(),
                Self::WrongType(wanted) => format!("값의 형식이 다릅니다. 필요한 형식: {wanted}"),
                Self::UnknownValue(allowed) => format!("쓸 수 없는 값입니다. 쓸 수 있는 값: {allowed}"),
                Self::TooShort(min) => format!("{min} 이상이어야 합니다."),
                Self::TooLong(max) => format!("{max}을(를) 넘을 수 없습니다."),
                Self::TooSmall(min) => format!("{min}보다 작을 수 없습니다."),
                Self::TooLarge(max) => format!("{max}보다 클 수 없습니다."),
                Self::Malformed(form) => format!("형식이 맞지 않습니다: {form}"),
                Self::HiddenCharacters => "보이지 않는 문자나 제어 문자는 쓸 수 없습니다.".into(),
                Self::Past => "이미 지난 시각입니다.".into(),
                Self::TooFar(days) => format!("지금부터 {days}일 안이어야 합니다."),
                Self::TooEarly(from) => format!("너무 이릅니다. 가장 이른 시각: {from}"),
                Self::NotOnTheHour => "정각이어야 합니다.".into(),
                Self::Duplicate => "같은 값이 두 번 있습니다.".into(),
                Self::NotFound => "찾을 수 없습니다.".into(),
                Self::NotReady => "아직 준비되지 않았습니다.".into(),
                Self::InUse => "이미 다른 곳에서 쓰고 있습니다.".into(),
                Self::NotTogether(other) => format!("{other}와(과) 함께 쓸 수 없습니다."),
                Self::Unchanged => "이전과 달라야 합니다.".into(),
            },
            Lang::En => match self {
                Self::Missing => "This is required.".into(),
                Self::UnknownField => "There is no such field.".into(),
                Self::WrongType(wanted) => format!("Wrong type; wanted: {wanted}."),
                Self::UnknownValue(allowed) => format!("Not one of: {allowed}."),
                Self::TooShort(min) => format!("At least {min} needed."),
                Self::TooLong(max) => format!("At most {max} allowed."),
                Self::TooSmall(min) => format!("At least {min} needed."),
                Self::TooLarge(max) => format!("At most {max} allowed."),
                Self::Malformed(form) => format!("Malformed; wanted: {form}."),
                Self::HiddenCharacters => "Hidden or control characters are not allowed.".into(),
                Self::Past => "This time has passed.".into(),
                Self::TooFar(days) => format!("At most {days} days ahead."),
                Self::TooEarly(from) => format!("Too early; the earliest: {from}."),
                Self::NotOnTheHour => "Must be on the hour.".into(),
                Self::Duplicate => "The same value twice.".into(),
                Self::NotFound => "Not found.".into(),
                Self::NotReady => "Not ready yet.".into(),
                Self::InUse => "Already in use elsewhere.".into(),
                Self::NotTogether(other) => format!("Cannot be used together with {other}."),
                Self::Unchanged => "Must differ from before.".into(),
            },
        }
    }
}

/// A bad field: where (a JSON Pointer into the body, or the name of a query or path parameter) and what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadField {
    /// `/pictures/2`, or `limit`.
    pub field: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// Every bad field of one input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Invalid(pub Vec<BadField>);

impl Invalid {
    /// One bad field.
    #[must_use]
    pub fn one(field: impl Into<String>, wrong: Wrong) -> Self {
        Self(vec![BadField { field: field.into(), wrong }])
    }

    /// Notes one more bad field.
    pub fn add(&mut self, field: impl Into<String>, wrong: Wrong) {
        self.0.push(BadField { field: field.into(), wrong });
    }

    /// `Err` when anything was noted.
    ///
    /// # Errors
    /// The gathered fields, if there are any.
    pub fn none(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Whether any field has the wrong shape: the input is malformed rather than against a rule.
    #[must_use]
    pub fn is_shape(&self) -> bool {
        self.0.iter().any(|bad| bad.wrong.is_shape())
    }

    /// The same faults under query or path parameter names: `/limit` becomes `limit`.
    #[must_use]
    pub fn as_parameters(mut self) -> Self {
        for bad in &mut self.0 {
            bad.field = bad.field.trim_start_matches('/').to_owned();
        }
        self
    }
}

/// The place of a value as a JSON Pointer (RFC 6901); the whole document is "".
#[must_use]
pub fn pointer(location: ValuePointerRef<'_>) -> String {
    match location {
        ValuePointerRef::Origin => String::new(),
        ValuePointerRef::Key { key, prev } => {
            format!("{}/{}", pointer(*prev), key.replace('~', "~0").replace('/', "~1"))
        }
        ValuePointerRef::Index { index, prev } => format!("{}/{index}", pointer(*prev)),
    }
}

impl MergeWithError<Self> for Invalid {
    fn merge(this: Option<Self>, other: Self, _: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        let mut all = this.unwrap_or_default();
        all.0.extend(other.0);
        ControlFlow::Continue(all)
    }
}

impl MergeWithError<Wrong> for Invalid {
    fn merge(this: Option<Self>, wrong: Wrong, at: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        let mut all = this.unwrap_or_default();
        all.add(pointer(at), wrong);
        ControlFlow::Continue(all)
    }
}

impl DeserializeError for Invalid {
    fn error<V: IntoValue>(
        this: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let mut all = this.unwrap_or_default();
        let at = pointer(location);
        match error {
            ErrorKind::IncorrectValueKind { accepted, .. } => {
                let wanted: Vec<String> = accepted.iter().map(kind_name).collect();
                all.add(at, Wrong::WrongType(wanted.join(", ")));
            }
            ErrorKind::MissingField { field } => all.add(format!("{at}/{field}"), Wrong::Missing),
            ErrorKind::UnknownKey { key, .. } => {
                // A hostile key may be megabytes long; the client knows what it sent.
                let key: String = key.chars().take(64).collect();
                all.add(format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), Wrong::UnknownField);
            }
            ErrorKind::UnknownValue { accepted, .. } => {
                all.add(at, Wrong::UnknownValue(accepted.join(", ")));
            }
            ErrorKind::BadSequenceLen { expected, .. } => all.add(at, Wrong::TooLong(expected)),
            ErrorKind::Unexpected { msg } => all.add(at, Wrong::WrongType(msg)),
        }
        ControlFlow::Continue(all)
    }
}

fn kind_name(kind: &ValueKind) -> String {
    match kind {
        ValueKind::Null => "null",
        ValueKind::Boolean => "boolean",
        ValueKind::Integer | ValueKind::NegativeInteger => "integer",
        ValueKind::Float => "number",
        ValueKind::String => "string",
        ValueKind::Sequence => "array",
        ValueKind::Map => "object",
    }
    .into()
}

/// The one error of a value at a place; what a hand-written `Deserr` returns.
#[must_use]
pub fn wrong_at(wrong: Wrong, at: ValuePointerRef<'_>) -> Invalid {
    take_cf_content(Invalid::merge(None, wrong, at))
}

/// A text, or the error that another JSON type was sent.
///
/// # Errors
/// `wrong_type` for anything but a string.
pub fn text_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<String, Invalid> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(wrong_kind(other, &[ValueKind::String], at)),
    }
}

fn wrong_kind<V: IntoValue>(actual: Value<V>, accepted: &[ValueKind], at: ValuePointerRef<'_>) -> Invalid {
    take_cf_content(Invalid::error::<V>(None, ErrorKind::IncorrectValueKind { actual, accepted }, at))
}

/// A whole number in a range. Fractions, texts and numbers beyond 64 bits are refused.
///
/// # Errors
/// `wrong_type`, `too_small`, `too_large`.
pub fn integer_value<V: IntoValue>(
    value: Value<V>,
    at: ValuePointerRef<'_>,
    range: std::ops::RangeInclusive<i64>,
) -> Result<i64, Invalid> {
    let number = match value {
        Value::Integer(number) => i64::try_from(number).unwrap_or(i64::MAX),
        Value::NegativeInteger(number) => number,
        other => return Err(wrong_kind(other, &[ValueKind::Integer], at)),
    };
    if number < *range.start() {
        Err(wrong_at(Wrong::TooSmall(*range.start()), at))
    } else if number > *range.end() {
        Err(wrong_at(Wrong::TooLarge(*range.end()), at))
    } else {
        Ok(number)
    }
}

/// A field of a change: absent keeps what there is, null clears it, a value sets it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// Absent: keep.
    #[default]
    Keep,
    /// Null: clear.
    Clear,
    /// A value: set.
    Set(T),
}

impl<T> Change<T> {
    /// The value after the change.
    #[must_use]
    pub fn apply(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The value that is set, if one is.
    pub fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            _ => None,
        }
    }

    /// Whether nothing is asked.
    #[must_use]
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<T: Deserr<Invalid>> Deserr<Invalid> for Change<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        match value {
            Value::Null => Ok(Self::Clear),
            other => T::deserialize_from_value(other, at).map(Self::Set),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Change<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("ChangeOf{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Option<T>>()
    }
}

/// A list of at most `MAX` different entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Few<T, const MAX: usize>(pub Vec<T>);

impl<T, const MAX: usize> Default for Few<T, MAX> {
    fn default() -> Self {
        Self(vec![])
    }
}

impl<T: Deserr<Invalid> + PartialEq, const MAX: usize> Deserr<Invalid> for Few<T, MAX> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let all = Vec::<T>::deserialize_from_value(value, at)?;
        if all.len() > MAX {
            return Err(wrong_at(Wrong::TooLong(MAX), at));
        }
        for (index, entry) in all.iter().enumerate() {
            if all[..index].contains(entry) {
                return Err(wrong_at(Wrong::Duplicate, at.push_index(index)));
            }
        }
        Ok(Self(all))
    }
}

impl<T: JsonSchema, const MAX: usize> JsonSchema for Few<T, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("UpTo{MAX}{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "array", "maxItems": MAX, "uniqueItems": true,
            "items": generator.subschema_for::<T>(),
        })
    }
}
