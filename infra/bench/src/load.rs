//! Listings by the thousand, with every index entry they have, written past the functions into the file of a laptop
//! cloud that is not running. The items are those of `store`: what [`Listings::create`] sends and what [`entries_of`]
//! says.

use std::{
    net::TcpListener,
    path::Path,
    sync::mpsc::{Receiver, channel},
};

use aws_config::{BehaviorVersion, Region as AwsRegion, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use domain::{
    category,
    id::{AccountId, ListingId},
    listing::{Listing, Price, PriceUnit, Section, Status, Terms},
    region::{self, Region},
    text::{Description, Title, Wish},
    time::{HOUR, MINUTE, Time},
};
use dynoxide::{AttributeValue, Database, ImportOptions, Item};
use futures::{StreamExt, TryStreamExt, stream};
use store::{Listings, NewListing, Table, entries_of};

use crate::{Outcome, http::Connection, laptop::TABLE, note};

/// What people put up. The first word is what searches look for.
const THINGS: [&str; 25] = [
    "자전거",
    "텐트",
    "유모차",
    "전동 드릴",
    "캠핑 의자",
    "보드게임",
    "그림책",
    "화분",
    "커피 머신",
    "모니터",
    "키보드",
    "책상",
    "행거",
    "전기장판",
    "에어프라이어",
    "기타",
    "스케이트보드",
    "등산화",
    "패딩",
    "원피스",
    "강아지 캐리어",
    "고양이 타워",
    "콘서트 티켓",
    "프린터",
    "선풍기",
];
const ADJECTIVES: [&str; 10] =
    ["새것 같은", "튼튼한", "가벼운", "접이식", "어린이용", "거의 안 쓴", "검은색", "선물받은", "넓은", "작은"];
const ENDINGS: [&str; 8] = ["나눔해요", "교환해요", "빌려드려요", "급처", "두 개", "풀세트", "상태 좋음", "직거래"];

/// The district that a tenth of the listings is in.
pub(crate) const BUSY: &str = "seoul/gangnam-gu";

/// How listings stand when they are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Half barter with deadlines ahead, half rental.
    Fresh,
    /// All barter, and all deadlines passed within the last day.
    Due,
}

/// Adds listings, numbered from `range`, to the table in a file.
pub(crate) fn load(file: &Path, range: std::ops::Range<u32>, kind: Kind, now: Time) -> Outcome<u64> {
    let capture = Capture::start()?;
    let db = Database::new(file.to_str().ok_or("a path that is not UTF-8")?)?;
    db.enable_bulk_loading()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let table = Table::new(&capture.sdk(), TABLE.to_owned());
    let mut items = 0;
    let numbers: Vec<u32> = range.collect();
    for (round, chunk) in numbers.chunks(1_000).enumerate() {
        let listings = chunk.iter().map(|number| listing(*number, kind, now)).collect::<Outcome<Vec<_>>>()?;
        runtime.block_on(stream::iter(&listings).map(Ok::<_, store::Error>).try_for_each_concurrent(
            16,
            |listing| {
                let table = &table;
                async move { Listings(table).create(NewListing { listing, receipt: None }).await }
            },
        ))?;
        let mut batch: Vec<Item> = capture.items.try_iter().collect();
        if batch.len() != chunk.len() {
            return Err(format!("{} of {} listings were captured", batch.len(), chunk.len()).into());
        }
        for listing in &listings {
            for entry in entries_of(listing).into_values() {
                batch.push(
                    entry
                        .into_iter()
                        .filter_map(|(name, value)| Some((name, AttributeValue::S(value.as_s().ok()?.clone()))))
                        .collect(),
                );
            }
        }
        items += u64::try_from(batch.len())?;
        db.import_items(TABLE, batch, ImportOptions::default())?;
        if round % 10 == 9 {
            note(&format!("loaded {} listings, {items} items", (round + 1) * 1_000));
        }
    }
    db.disable_bulk_loading()?;
    Ok(items)
}

/// The listing of a number, always the same.
pub(crate) fn listing(number: u32, kind: Kind, now: Time) -> Outcome<Listing> {
    let pick = |length: usize, stride: u32| usize::try_from(number / stride).map(|place| place % length);
    let bad = |what: &str| format!("{what} of listing {number}");
    let thing = THINGS[pick(THINGS.len(), 1)?];
    let title = format!("{} {thing} {}", ADJECTIVES[pick(ADJECTIVES.len(), 25)?], ENDINGS[pick(ENDINGS.len(), 250)?]);
    let districts = region::districts();
    // A tenth is in one district, so that a page of it is full at any size; the rest is spread.
    let busy = if number.is_multiple_of(10) { region::district(BUSY) } else { None };
    let district = busy.unwrap_or(&districts[pick(districts.len(), 7)?]);
    let categories = category::built_in();
    let listed_at = now.plus(-i64::from(number) * MINUTE / 4 - HOUR);
    let hour = Time::from_ms(now.ms().div_euclid(HOUR) * HOUR);
    let terms = match (kind, number % 2) {
        (Kind::Due, _) => Terms::Barter { wants: wants(number)?, deadline: hour.plus(-i64::from(number % 12) * HOUR) },
        (Kind::Fresh, 0) => {
            Terms::Barter { wants: wants(number)?, deadline: hour.plus((i64::from(number % 1_440) + 24) * HOUR) }
        }
        (Kind::Fresh, _) => Terms::Rental {
            section: if number % 4 == 1 { Section::Lend } else { Section::Borrow },
            price: Some(Price((number % 20) * 1_000)),
            unit: (!number.is_multiple_of(20)).then_some(PriceUnit::Day),
            deposit: 0,
        },
    };
    Ok(Listing {
        id: id(number),
        owner: AccountId::parse(&format!("00000000-0000-4000-8000-{:012x}", number % 5_000))
            .map_err(|_| bad("the owner"))?,
        terms,
        title: Title::parse(&title).map_err(|_| bad("the title"))?,
        description: Description::parse(
            "깨끗하게 썼습니다. 평일 저녁이나 주말 낮에 만나요. 가까운 지하철역까지 가져다드릴 수 있어요.",
        )
        .map_err(|_| bad("the description"))?,
        category: categories[pick(categories.len(), 3)?].id.clone(),
        region: Region::from(district),
        pictures: vec![],
        status: Status::Open,
        bookmarks: 0,
        inquiries: 0,
        created_at: listed_at,
        listed_at,
        updated_at: listed_at,
        hidden: false,
        version: 1,
    })
}

fn wants(number: u32) -> Outcome<Wish> {
    Wish::parse("비슷한 값의 물건").map_err(|_| format!("the wish of listing {number}").into())
}

/// The identifier of a loaded listing.
pub(crate) fn id(number: u32) -> ListingId {
    // The end of a ULID looks random, as real ones do: shards are chosen by it.
    let scattered = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 4;
    let alphabet = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let tail: String = (0..12)
        .map(|place| char::from(alphabet[usize::try_from(scattered >> (place * 5) & 31).unwrap_or_default()]))
        .collect();
    ListingId::from_ulid(&format!("01K9ZX0000{number:04}{tail}").chars().take(26).collect::<String>())
}

/// Takes what would be put into DynamoDB.
struct Capture {
    address: String,
    items: Receiver<Item>,
}

impl Capture {
    fn start() -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = format!("http://{}", listener.local_addr()?);
        let (sender, items) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                std::thread::spawn(move || -> Outcome<()> {
                    let mut connection = Connection::of(stream)?;
                    while let Some(message) = connection.read()? {
                        let mut body: serde_json::Value = serde_json::from_slice(&message.body)?;
                        sender.send(serde_json::from_value(body["Item"].take())?)?;
                        connection.send(
                            b"HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}",
                        )?;
                    }
                    Ok(())
                });
            }
        });
        Ok(Self { address, items })
    }

    fn sdk(&self) -> SdkConfig {
        let credentials = Credentials::new("bench", "bench", None, None, "bench");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(AwsRegion::new("ap-northeast-2"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(&self.address)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::time::Time;

    use super::{Kind, id, listing};

    #[test]
    fn a_hundred_thousand_listings_are_all_different_and_all_well_formed() {
        let now = Time::from_ms(1_795_000_000_000);
        let ids: HashSet<_> = (0..100_000).map(id).collect();
        assert_eq!(ids.len(), 100_000);
        for number in (0..100_000).step_by(997) {
            listing(number, Kind::Fresh, now).unwrap();
            listing(number, Kind::Due, now).unwrap();
        }
    }
}
