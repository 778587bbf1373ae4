//! The 17 provinces and 253 districts of South Korea (section 13, point 6), compiled in: nothing is parsed or
//! allocated at start.
//!
//! Administrative boundaries © National Geographic Information Institute (NGII), Ministry of Land,
//! Infrastructure and Transport; see `data/README.md` for the source, its licence and how it differs from the
//! map of today.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use deserr::{DeserializeError, Deserr, ErrorKind, IntoValue, Value, ValueKind, ValuePointerRef, take_cf_content};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod address;
mod outline;
#[cfg(test)]
mod tests;

pub use address::from_address;
pub use outline::at;

/// One of the 17 provinces and province-level cities, the "areas" of a trip (section 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Province {
    /// Latin letters, e.g. `seoul`.
    pub id: &'static str,
    /// e.g. `서울`
    pub name_ko: &'static str,
    /// e.g. `Seoul`
    pub name_en: &'static str,
}

/// A 시, 군 or 구, the grain of a regional feed (row L11).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct District {
    /// `province/district`, e.g. `seoul/gangnam-gu`.
    pub id: &'static str,
    /// Statutory code, five digits.
    pub code: &'static str,
    /// The province's id.
    pub province: &'static str,
    /// The second half of the id.
    pub district: &'static str,
    /// e.g. `강남구`, `수원시 팔달구`
    pub name_ko: &'static str,
    /// e.g. `Gangnam-gu`, `Paldal-gu, Suwon-si`
    pub name_en: &'static str,
    /// The divided city it is a part of, e.g. `gyeonggi/suwon-si`.
    pub city: Option<&'static str>,
    /// Latitude of a point inside.
    pub lat: f64,
    /// Longitude of a point inside.
    pub lng: f64,
}

include!(concat!(env!("OUT_DIR"), "/regions.rs"));

static PROVINCES: [Province; 17] = [
    Province { id: "seoul", name_ko: "서울", name_en: "Seoul" },
    Province { id: "busan", name_ko: "부산", name_en: "Busan" },
    Province { id: "daegu", name_ko: "대구", name_en: "Daegu" },
    Province { id: "incheon", name_ko: "인천", name_en: "Incheon" },
    Province { id: "gwangju", name_ko: "광주", name_en: "Gwangju" },
    Province { id: "daejeon", name_ko: "대전", name_en: "Daejeon" },
    Province { id: "ulsan", name_ko: "울산", name_en: "Ulsan" },
    Province { id: "sejong", name_ko: "세종", name_en: "Sejong" },
    Province { id: "gyeonggi", name_ko: "경기", name_en: "Gyeonggi" },
    Province { id: "gangwon", name_ko: "강원", name_en: "Gangwon" },
    Province { id: "chungbuk", name_ko: "충북", name_en: "Chungbuk" },
    Province { id: "chungnam", name_ko: "충남", name_en: "Chungnam" },
    Province { id: "jeonbuk", name_ko: "전북", name_en: "Jeonbuk" },
    Province { id: "jeonnam", name_ko: "전남", name_en: "Jeonnam" },
    Province { id: "gyeongbuk", name_ko: "경북", name_en: "Gyeongbuk" },
    Province { id: "gyeongnam", name_ko: "경남", name_en: "Gyeongnam" },
    Province { id: "jeju", name_ko: "제주", name_en: "Jeju" },
];

/// The 17 provinces in their customary order (section 14).
pub fn provinces() -> &'static [Province] {
    &PROVINCES
}

/// The 253 districts in the order of their codes, hence of the provinces (section 13, point 6).
pub fn districts() -> &'static [District] {
    &DISTRICTS
}

/// The province with this id.
pub fn province(id: &str) -> Option<&'static Province> {
    PROVINCES.iter().find(|province| province.id == id)
}

/// The district with this id, e.g. `seoul/gangnam-gu`.
pub fn district(id: &str) -> Option<&'static District> {
    let place = BY_ID.binary_search_by(|index| DISTRICTS[usize::from(*index)].id.cmp(id)).ok()?;
    DISTRICTS.get(usize::from(BY_ID[place]))
}

impl District {
    /// Whether this row is the whole of a divided city (천안시, 창원시), whose 구 have rows of their own.
    ///
    /// Neither a position nor an address ever leads to it.
    pub fn is_whole_city(&self) -> bool {
        self.city == Some(self.id)
    }
}

/// What a feed may be asked for (row L11; section 13, point 6).
#[derive(Debug, Clone, PartialEq)]
pub enum Scope {
    /// The whole country: `all`.
    All,
    /// A province: `seoul`.
    Province(&'static Province),
    /// A city that is divided into districts: `gyeonggi/suwon-si`, and the rows it consists of.
    City(&'static str, Vec<&'static District>),
    /// A district: `seoul/gangnam-gu`.
    District(&'static District),
}

impl Scope {
    /// Reads `all`, `seoul`, `gyeonggi/suwon-si` or `seoul/gangnam-gu`.
    ///
    /// The two rows that are a whole divided city (천안시, 창원시) are read as the city.
    pub fn parse(text: &str) -> Option<Scope> {
        if text == "all" {
            return Some(Scope::All);
        }
        if !text.contains('/') {
            return province(text).map(Scope::Province);
        }
        if let Some((city, members)) = CITIES.iter().find(|(city, _)| *city == text) {
            let members = members.iter().filter_map(|index| DISTRICTS.get(usize::from(*index))).collect();
            return Some(Scope::City(city, members));
        }
        district(text).map(Scope::District)
    }

    /// The text it is read from.
    pub fn id(&self) -> &'static str {
        match self {
            Scope::All => "all",
            Scope::Province(province) => province.id,
            Scope::City(city, _) => city,
            Scope::District(district) => district.id,
        }
    }

    /// Whether a feed of this scope shows what is in the district.
    pub fn contains(&self, district: &District) -> bool {
        match self {
            Scope::All => true,
            Scope::Province(province) => district.province == province.id,
            Scope::City(city, _) => district.city == Some(*city),
            Scope::District(own) => own.id == district.id,
        }
    }
}

/// A stored home region (rows P4, P5), written as the district's id.
#[derive(Clone, Copy)]
pub struct Region(&'static District);

impl Region {
    /// Reads a district's id.
    pub fn parse(id: &str) -> Option<Region> {
        district(id).map(Region)
    }

    /// `province/district`
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The district itself.
    pub fn district(self) -> &'static District {
        self.0
    }
}

impl From<&'static District> for Region {
    fn from(district: &'static District) -> Region {
        Region(district)
    }
}

impl PartialEq for Region {
    fn eq(&self, other: &Region) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Region {}

impl Hash for Region {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({})", self.0.id)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

/// One of the 17 provinces, written as its id.
#[derive(Clone, Copy)]
pub struct ProvinceId(&'static Province);

impl ProvinceId {
    /// Reads a province's id.
    pub fn parse(id: &str) -> Option<ProvinceId> {
        province(id).map(ProvinceId)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = ProvinceId> {
        PROVINCES.iter().map(ProvinceId)
    }

    /// e.g. `jeju`
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// The province itself.
    pub fn province(self) -> &'static Province {
        self.0
    }
}

impl PartialEq for ProvinceId {
    fn eq(&self, other: &ProvinceId) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for ProvinceId {}

impl PartialOrd for ProvinceId {
    fn partial_cmp(&self, other: &ProvinceId) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ProvinceId {
    fn cmp(&self, other: &ProvinceId) -> std::cmp::Ordering {
        self.0.id.cmp(other.0.id)
    }
}

impl fmt::Debug for ProvinceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProvinceId({})", self.0.id)
    }
}

impl fmt::Display for ProvinceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.id)
    }
}

impl Serialize for ProvinceId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.id)
    }
}

impl<'de> Deserialize<'de> for ProvinceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ProvinceId, D::Error> {
        let id = String::deserialize(deserializer)?;
        ProvinceId::parse(&id).ok_or_else(|| serde::de::Error::custom("unknown province"))
    }
}

impl<E: DeserializeError> Deserr<E> for ProvinceId {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<ProvinceId, E> {
        let ids: Vec<&str> = PROVINCES.iter().map(|province| province.id).collect();
        let kind = match &value {
            Value::String(id) => match ProvinceId::parse(id) {
                Some(province) => return Ok(province),
                None => ErrorKind::UnknownValue { value: id, accepted: &ids },
            },
            _ => ErrorKind::IncorrectValueKind { actual: value, accepted: &[ValueKind::String] },
        };
        Err(take_cf_content(E::error::<V>(None, kind, location)))
    }
}

impl JsonSchema for ProvinceId {
    fn schema_name() -> Cow<'static, str> {
        "ProvinceId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let ids: Vec<&str> = PROVINCES.iter().map(|province| province.id).collect();
        json_schema!({ "type": "string", "description": "One of the 17 provinces.", "enum": ids })
    }
}

/// A text that is no district's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownRegion;

impl fmt::Display for UnknownRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a region is `province/district`, e.g. `seoul/gangnam-gu`")
    }
}

impl std::error::Error for UnknownRegion {}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(id: &str) -> Result<Region, UnknownRegion> {
        Region::parse(id).ok_or(UnknownRegion)
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.id)
    }
}

impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Region, D::Error> {
        struct Id;
        impl serde::de::Visitor<'_> for Id {
            type Value = Region;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&UnknownRegion, f)
            }

            fn visit_str<E: serde::de::Error>(self, id: &str) -> Result<Region, E> {
                Region::parse(id).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(id), &self))
            }
        }
        deserializer.deserialize_str(Id)
    }
}

impl<E: DeserializeError> Deserr<E> for Region {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, location: ValuePointerRef<'_>) -> Result<Region, E> {
        let kind = match value {
            Value::String(id) => match Region::parse(&id) {
                Some(region) => return Ok(region),
                None => ErrorKind::Unexpected { msg: UnknownRegion.to_string() },
            },
            actual => ErrorKind::IncorrectValueKind { actual, accepted: &[ValueKind::String] },
        };
        Err(take_cf_content(E::error::<V>(None, kind, location)))
    }
}

impl JsonSchema for Region {
    fn schema_name() -> Cow<'static, str> {
        "Region".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A district: province and 시/군/구 in Latin letters.",
            "pattern": "^[a-z]+/[a-z-]+$",
            "examples": ["seoul/gangnam-gu"],
        })
    }
}
