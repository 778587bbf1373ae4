//! Texts that people write, each a type of its own that cannot hold what its rule forbids.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::input::{Invalid, Wrong, text_value, wrong_at};

/// Declares a text type: its bounds in characters, whether it may have several lines, its example.
macro_rules! line_of_text {
    ($(#[$doc:meta])* $name:ident, $min:literal..=$max:literal, $lines:expr, $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Most characters it may have.
            pub const MAX: usize = $max;

            /// Reads what somebody wrote: composed (NFC), blanks around it dropped, counted in characters.
            ///
            /// # Errors
            /// `too_short`, `too_long`, `hidden_characters`.
            pub fn parse(text: &str) -> Result<Self, Wrong> {
                written(text, $min, $max, $lines).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Deserr<Invalid> for $name {
            fn deserialize_from_value<V: IntoValue>(
                value: Value<V>,
                at: ValuePointerRef<'_>,
            ) -> Result<Self, Invalid> {
                Self::parse(&text_value(value, at)?).map_err(|wrong| wrong_at(wrong, at))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string", "minLength": $min, "maxLength": $max, "examples": [$example],
                })
            }
        }
    };
}

line_of_text!(
    /// What is offered or asked for: the title of a listing (rows L3, L4), searched by (row L15).
    Title, 1..=31, Lines::One, "자전거 (21단)"
);
line_of_text!(
    /// What a barter's owner would like in return (row L3).
    Wish, 1..=31, Lines::One, "캠핑 의자 두 개"
);
line_of_text!(
    /// The text of a listing (row L4; system 004: at most 1,000).
    Description, 1..=1000, Lines::Many, "일 년 탔습니다. 체인은 새것입니다."
);
line_of_text!(
    /// The name of a category (row L5; system 004: at most 30).
    CategoryName, 1..=30, Lines::One, "디지털/가전"
);
line_of_text!(
    /// What somebody says in a room (row C11): the most that any tier allows; [`crate::tier::Tier`] says what one's own does.
    MessageText, 1..=1000, Lines::Many, "안녕하세요, 아직 있나요?"
);
line_of_text!(
    /// The first line of a postal address, from province to house number (row P5; system 004: at most 256).
    AddressLine, 2..=256, Lines::One, "서울 강남구 테헤란로 1"
);

line_of_text!(
    /// What somebody offers in return for a barter (row D1).
    OfferText, 1..=500, Lines::Many, "거의 새 캠핑 의자 두 개입니다."
);
line_of_text!(
    /// What an errand is called (row D9: at most 25).
    ErrandTitle, 1..=25, Lines::One, "제주 오메기떡 사 오기"
);
line_of_text!(
    /// What an errand is about (row D9).
    ErrandDetails, 1..=1000, Lines::Many, "동문시장에서 오메기떡 두 상자를 부탁드려요."
);
line_of_text!(
    /// What a maker says to an errand (row D14: at least 10).
    QuoteText, 10..=1000, Lines::Many, "제주에 살고 있어 바로 다녀올 수 있습니다."
);
line_of_text!(
    /// A maker in one line (row P7: at most 50).
    MakerLine, 1..=50, Lines::One, "제주에 사는 십 년 차 여행 안내자"
);
line_of_text!(
    /// What a maker says of themselves (row P7).
    MakerDescription, 1..=1000, Lines::Many, "주말마다 오름과 오일장을 다닙니다. 사진은 그날 보내드려요."
);
line_of_text!(
    /// Why somebody does not do what was agreed, or what an administrator decided.
    ReasonText, 2..=300, Lines::Many, "물건이 설명과 달랐습니다."
);
line_of_text!(
    /// What somebody says of a deal and of whom they dealt with (row P10).
    ReviewText, 10..=300, Lines::Many, "약속 시간을 잘 지키고 물건도 설명 그대로였어요."
);
line_of_text!(
    /// What somebody adds to a report (row X1).
    ReportText, 1..=512, Lines::Many, "같은 물건을 여러 이름으로 올리고 있어요."
);
line_of_text!(
    /// Why an administrator decided so: it is told to whom it concerns, and travels in the token of whoever is suspended.
    Reason, 1..=200, Lines::One, "판매가 금지된 물품이에요."
);
line_of_text!(
    /// What feedback is about (row X2).
    FeedbackTitle, 1..=70, Lines::One, "지도에서 동네를 고르고 싶어요"
);
line_of_text!(
    /// Feedback (row X2).
    FeedbackText, 1..=512, Lines::Many, "동네를 이름으로만 찾을 수 있어서 불편했어요."
);

/// Whether a text may have line breaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

fn written(text: &str, min: usize, max: usize, lines: Lines) -> Result<String, Wrong> {
    // A megabyte of text is refused before it is composed.
    if text.len() > max * 16 + 64 {
        return Err(Wrong::TooLong(max));
    }
    let text: String = text.trim().nfc().collect();
    let mut before = ' ';
    for c in text.chars() {
        // A zero-width joiner is part of many emoji, and nowhere else of use.
        let joins_emoji = c == '\u{200d}' && before >= '\u{2190}';
        if is_hidden(c) && !joins_emoji && !(lines == Lines::Many && c == '\n') {
            return Err(Wrong::HiddenCharacters);
        }
        before = c;
    }
    let length = text.chars().count();
    if length < min {
        Err(Wrong::TooShort(min))
    } else if length > max {
        Err(Wrong::TooLong(max))
    } else {
        Ok(text)
    }
}

/// Control, zero-width and direction characters: they make two texts that look alike differ.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A name shown to others: 2–15 Hangul syllables, Latin letters, digits or `_` (section 13, point 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nickname(String);

impl Nickname {
    /// Reads a nickname.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.len() > 512 {
            return Err(Wrong::TooLong(15));
        }
        let text: String = text.nfc().collect();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || ('가'..='힣').contains(&c);
        match text.chars().count() {
            length if length < 2 => Err(Wrong::TooShort(2)),
            length if length > 15 => Err(Wrong::TooLong(15)),
            _ if !text.chars().all(fits) => Err(Wrong::Malformed("^[가-힣A-Za-z0-9_]{2,15}$")),
            _ => Ok(Self(text)),
        }
    }

    /// A nickname for somebody who has not chosen one: the wanted one cut to what fits, or "이웃", with `number`
    /// behind it.
    #[must_use]
    pub fn suggested(wanted: &str, number: u32) -> Self {
        let mut stem: String =
            wanted.nfc().filter(|c| c.is_ascii_alphanumeric() || ('가'..='힣').contains(c)).take(8).collect();
        if stem.is_empty() {
            stem.push_str("이웃");
        }
        Self(format!("{stem}_{:06}", number % 1_000_000))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which two nicknames are the same: letters in lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// An e-mail address to sign in with: lower case, one `@`, at most 128 characters (Cognito's limit of a user name).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Reads an address.
    ///
    /// # Errors
    /// `too_long`, `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        const FORM: Wrong = Wrong::Malformed("name@example.com");
        if text.len() > 128 {
            return Err(Wrong::TooLong(128));
        }
        let (local, domain) = text.split_once('@').ok_or(FORM)?;
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
        let local_fits = (1..=64).contains(&local.len())
            && local.chars().all(atom)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let labels: Vec<&str> = domain.split('.').collect();
        let domain_fits = labels.len() >= 2
            && labels.iter().all(|label| {
                (1..=63).contains(&label.len())
                    && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                    && !label.starts_with('-')
                    && !label.ends_with('-')
            })
            && labels.last().is_some_and(|top| top.len() >= 2 && top.chars().any(|c| c.is_ascii_alphabetic()));
        if local_fits && domain_fits { Ok(Self(text.to_ascii_lowercase())) } else { Err(FORM) }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A new password: 8–64 characters with a letter, a digit and a symbol (section 13, point 3). Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Reads a new password. All printable ASCII and any letters are welcome.
    ///
    /// # Errors
    /// `too_short`, `too_long`, `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let length = text.chars().count();
        if length < 8 {
            Err(Wrong::TooShort(8))
        } else if length > 64 || text.len() > 256 {
            Err(Wrong::TooLong(64))
        } else if text.chars().any(is_hidden) || text.trim() != text {
            Err(Wrong::Malformed("no control characters, no blanks around it"))
        } else if text.chars().any(|c| c.is_ascii_alphabetic())
            && text.chars().any(|c| c.is_ascii_digit())
            && text.chars().any(|c| SYMBOLS.contains(c))
        {
            Ok(Self(text.to_owned()))
        } else {
            Err(Wrong::Malformed("a letter, a digit and a symbol"))
        }
    }

    /// The password, for the user pool alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// What Cognito counts as a symbol.
/// (<https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html>)
const SYMBOLS: &str = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-";

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A secret a caller presents to prove who they are: a password in use, a refresh token. Any text up to 4,096 bytes;
/// never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Reads a secret.
    ///
    /// # Errors
    /// `too_short` when empty, `too_long` above 4,096 bytes.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        match text.len() {
            0 => Err(Wrong::TooShort(1)),
            length if length > 4096 => Err(Wrong::TooLong(4096)),
            _ => Ok(Self(text.to_owned())),
        }
    }

    /// The secret, for the user pool alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A mobile number: 010 and eight digits (row P3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Phone(String);

impl Phone {
    /// Reads a number.
    ///
    /// # Errors
    /// `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.len() == 11 && text.starts_with("010") && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Wrong::Malformed("^010[0-9]{8}$"))
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A code that was mailed: six digits (row A2; Cognito's form).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailedCode(String);

impl MailedCode {
    /// Reads a code.
    ///
    /// # Errors
    /// `malformed`.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Wrong::Malformed("^[0-9]{6}$"))
        }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Gives a text type its place in an input and in the API's document.
macro_rules! input_text {
    ($($name:ident: $schema:tt),* $(,)?) => {$(
        impl Deserr<Invalid> for $name {
            fn deserialize_from_value<V: IntoValue>(
                value: Value<V>,
                at: ValuePointerRef<'_>,
            ) -> Result<Self, Invalid> {
                Self::parse(&text_value(value, at)?).map_err(|wrong| wrong_at(wrong, at))
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

input_text! {
    Nickname: {"type": "string", "minLength": 2, "maxLength": 15, "pattern": "^[가-힣A-Za-z0-9_]{2,15}$", "examples": ["마당쇠"]},
    Email: {"type": "string", "format": "email", "maxLength": 128, "examples": ["minji@example.com"]},
    Password: {"type": "string", "format": "password", "minLength": 8, "maxLength": 64, "examples": ["madang-2026!"],
        "description": "8 to 64 characters with a letter, a digit and a symbol"},
    Secret: {"type": "string", "format": "password", "minLength": 1, "maxLength": 4096},
    Phone: {"type": "string", "pattern": "^010[0-9]{8}$", "examples": ["01012345678"]},
    MailedCode: {"type": "string", "pattern": "^[0-9]{6}$", "examples": ["123456"]},
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_1_to_31_characters_whatever_their_bytes() {
        assert_eq!(Title::parse("").unwrap_err(), Wrong::TooShort(1));
        assert_eq!(Title::parse("   ").unwrap_err(), Wrong::TooShort(1));
        assert!(Title::parse(&"가".repeat(31)).is_ok());
        assert_eq!(Title::parse(&"가".repeat(32)).unwrap_err(), Wrong::TooLong(31));
        assert_eq!(Title::parse(&"x".repeat(3_000_000)).unwrap_err(), Wrong::TooLong(31));
    }

    #[test]
    fn a_decomposed_title_is_stored_composed() {
        let decomposed = "\u{1100}\u{1161}";
        assert_eq!(Title::parse(decomposed).unwrap().as_str(), "가");
    }

    #[test]
    fn hidden_characters_are_refused_and_joined_emoji_are_not() {
        for text in ["a\u{200b}b", "a\u{0}b", "a\u{202e}b", "a\nb", "\u{feff}ab", "a\u{200d}b", "ㅤ가\u{3164}나"] {
            assert_eq!(Title::parse(text).unwrap_err(), Wrong::HiddenCharacters, "{text:?}");
        }
        assert!(Title::parse("👨\u{200d}👩\u{200d}👧 텐트").is_ok());
        assert!(Description::parse("첫 줄\n둘째 줄").is_ok());
    }

    #[test]
    fn a_nickname_is_hangul_latin_digits_or_underscore() {
        for good in ["마당", "Min_ji", "가나다라마바사아자차카타파하거", "007"] {
            assert!(Nickname::parse(good).is_ok(), "{good}");
        }
        for bad in ["가", "a b", "ㅋㅋ", "민지!", "김-이", "가나다라마바사아자차카타파하거너", "🐯🐯"]
        {
            assert!(Nickname::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Nickname::parse("MinJi").unwrap().folded(), Nickname::parse("minji").unwrap().folded());
    }

    #[test]
    fn a_suggested_nickname_is_always_a_nickname() {
        for wanted in ["", "김 민지", "john.doe@example.com", "😀", "가나다라마바사아자차카타파하"] {
            let suggested = Nickname::suggested(wanted, 4_294_967_295);
            assert!(Nickname::parse(suggested.as_str()).is_ok(), "{suggested:?}");
        }
    }

    #[test]
    fn an_address_is_lower_case_with_a_dotted_domain() {
        assert_eq!(Email::parse("MinJi@Example.COM").unwrap().as_str(), "minji@example.com");
        for bad in
            ["", "a", "a@", "@b.kr", "a@b", "a b@c.kr", "a@b..kr", ".a@b.kr", "a@-b.kr", "a@b.k", "a@b@c.kr", "a@1.2"]
        {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(Email::parse(&format!("{}@b.kr", "a".repeat(200))).unwrap_err(), Wrong::TooLong(128));
    }

    #[test]
    fn a_password_needs_a_letter_a_digit_and_a_symbol() {
        assert!(Password::parse("madang-2026").is_ok());
        assert_eq!(Password::parse("m-2").unwrap_err(), Wrong::TooShort(8));
        assert_eq!(Password::parse(&"m-2".repeat(30)).unwrap_err(), Wrong::TooLong(64));
        for bad in ["madang2026", "madang-madang", "2026-2026", "마당마당2026-"] {
            assert!(Password::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", Password::parse("madang-2026").unwrap()), "Password(…)");
    }

    #[test]
    fn a_phone_number_is_010_and_eight_digits() {
        assert!(Phone::parse("01012345678").is_ok());
        for bad in ["0101234567", "01112345678", "010-1234-5678", "０１０12345678"] {
            assert!(Phone::parse(bad).is_err(), "{bad}");
        }
    }
}
