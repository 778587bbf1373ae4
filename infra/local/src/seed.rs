//! What a cloud starts with: demo people, their listings with pictures. Identifiers are fixed, so that event files and
//! documents can name them; times are told from the clock.

use std::{
    collections::BTreeMap,
    io::Cursor,
    iter::once,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    account::{Account, Provider, TERMS_VERSION},
    id::{AccountId, CategoryId, ListingId, MediaId, NotificationId},
    listing::{Listing, Price, PriceUnit, Section, Status, Terms},
    media::{FileType, MAX_BYTES, Media, MediaStatus, Purpose},
    notification::{Notice, Settings},
    region::{self, Region},
    text::{Description, Email, Nickname, Title, Wish},
    time::{HOUR, Time},
};
use image::{ImageFormat, Rgb, RgbImage};
use store::{Accounts, Error, Listings, MediaItems, NewAccount, NewListing, Notifications, Table};
use user_pool::{Enrolled, Standing};

use crate::{
    cloud::{Inner, TABLE},
    dealing,
    functions::sdk,
    talk, travels, trusted, underway,
};

/// The moment event files happen at.
pub const SEED_TIME: &str = "2026-11-21T03:00:00.000Z";
/// The password of every demo person.
pub const PASSWORD: &str = "madang-2026!";

/// A demo person.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// The account's identifier.
    pub sub: &'static str,
    /// The address to sign in with.
    pub email: &'static str,
    /// The nickname.
    pub nickname: &'static str,
    /// The home district.
    pub region: &'static str,
    /// Groups.
    pub groups: &'static [&'static str],
    /// Identities they sign in with besides: provider and identifier there.
    pub linked: &'static [(&'static str, &'static str)],
}

/// The demo people: three neighbours and an administrator.
pub const PEOPLE: [Person; 4] = [
    Person {
        sub: "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506",
        email: "minji@example.com",
        nickname: "민지",
        region: "seoul/gangnam-gu",
        groups: &[],
        linked: &[],
    },
    Person {
        sub: "0b2d4f68-1a3c-4e5d-9f70-8192a3b4c5d6",
        email: "junho@example.com",
        nickname: "준호",
        region: "seoul/gangnam-gu",
        groups: &[],
        linked: &[],
    },
    Person {
        sub: "c3a1e5f7-2b4d-4c6e-8f01-23456789abcd",
        email: "haru@example.com",
        nickname: "하루",
        region: "busan/haeundae-gu",
        groups: &[],
        linked: &[("Google", "110000000000000000042")],
    },
    Person {
        sub: "ad000000-0000-4000-8000-000000000001",
        email: "admin@example.com",
        nickname: "마당지기",
        region: "seoul/jongno-gu",
        groups: &["admin"],
        linked: &[],
    },
];

/// What the pool keeps of whoever signed up by e-mail.
pub(crate) const AGREED: &[(&str, &str)] = &[("custom:terms", TERMS_VERSION)];

/// An upload of the first demo person that is ready and that nothing uses: `med_…AC`.
pub const SPARE_PICTURE: &str = "01K9ZX3V5M8QJ4T0N2R6W7Y1AC";

/// A notification of the first demo person.
pub const NOTIFICATION: &str = "ntf_01K9ZX3V5M8QJ4T0N2R6W7Y1AD";

struct Thing {
    ulid: &'static str,
    owner: usize,
    title: &'static str,
    description: &'static str,
    category: &'static str,
    colour: Option<[u8; 3]>,
    what: What,
}

enum What {
    /// Wanted in return, hours left.
    Barter(&'static str, i64),
    Rental(Section, Option<u32>, Option<PriceUnit>),
}

const THINGS: [Thing; 6] = [
    Thing {
        ulid: "01K9ZX3V5M8QJ4T0N2R6W7Y1AB",
        owner: 0,
        title: "자전거 21단, 거의 새것",
        description: "작년에 사서 열 번쯤 탔습니다. 자물쇠도 같이 드려요.",
        category: "sports",
        colour: Some([52, 122, 184]),
        what: What::Barter("캠핑 의자 두 개", 72),
    },
    Thing {
        ulid: "01K9ZX3V5M8QJ4T0N2R6W7Y1AD",
        owner: 1,
        title: "그림책 스무 권",
        description: "아이가 커서 내놓습니다. 낙서는 없어요.",
        category: "kids",
        colour: Some([214, 124, 64]),
        what: What::Barter("보드게임", 4),
    },
    Thing {
        ulid: "01K9ZX3V5M8QJ4T0N2R6W7Y1AE",
        owner: 1,
        title: "전동 드릴 빌려드려요",
        description: "비트 열 개 포함. 당일 반납도 좋습니다.",
        category: "household",
        colour: Some([86, 140, 92]),
        what: What::Rental(Section::Lend, Some(5_000), Some(PriceUnit::Day)),
    },
    Thing {
        ulid: "01K9ZX3V5M8QJ4T0N2R6W7Y1AF",
        owner: 0,
        title: "주말에 쓸 텐트 찾아요",
        description: "4인용이면 좋겠습니다. 값은 이야기해요.",
        category: "sports",
        colour: None,
        what: What::Rental(Section::Borrow, None, None),
    },
    Thing {
        ulid: "01K9ZX3V5M8QJ4T0N2R6W7Y1AG",
        owner: 2,
        title: "서핑보드 무료로 빌려드려요",
        description: "초보용 소프트 보드. 해운대에서만.",
        category: "sports",
        colour: Some([44, 158, 170]),
        what: What::Rental(Section::Lend, Some(0), None),
    },
    Thing {
        ulid: "01K9ZX3V5M8QJ4T0N2R6W7Y1AH",
        owner: 2,
        title: "다육이 화분 세 개",
        description: "햇빛만 있으면 잘 자랍니다.",
        category: "plants",
        colour: Some([120, 168, 72]),
        what: What::Barter("커피 원두", 120),
    },
];

pub(crate) async fn seed(inner: &Arc<Inner>) -> Result<(), String> {
    let (Some(pool), Some(bucket)) = (inner.pool.get(), inner.bucket.get()) else {
        return Err("the cloud is not put together".into());
    };
    let now = inner.clock.now();
    let table = Table::new(&sdk(&inner.base_url, "seed"), TABLE.to_owned());
    let mut accounts = vec![];
    for person in &PEOPLE {
        let account = account(person, now).ok_or("a demo person is not well formed")?;
        let made = Accounts(&table).create(NewAccount { account: &account, holder: person.sub }, now).await;
        match made {
            Ok(()) => pool.enroll(&Enrolled {
                sub: person.sub,
                email: person.email,
                password: PASSWORD,
                nickname: person.nickname,
                attributes: AGREED,
                groups: person.groups,
                standing: Standing::Confirmed,
                linked: person.linked,
            })?,
            // A restart keeps what is there, and does not bring back what was removed.
            Err(Error::Clash(_)) => return Ok(()),
            Err(other) => return Err(other.to_string()),
        }
        accounts.push(account);
    }

    // All pictures are made side by side, by the function that makes everybody's.
    let mut pictures = vec![(SPARE_PICTURE, &accounts[0], [150, 110, 170])];
    for thing in &THINGS {
        pictures.extend(thing.colour.map(|colour| (thing.ulid, &accounts[thing.owner], colour)));
    }
    for (ulid, owner, colour) in pictures {
        let id = MediaId::from_ulid(ulid);
        let bytes = drawn(colour)?;
        let upload = Media {
            id: id.clone(),
            owner: owner.id.clone(),
            purpose: Purpose::Listing,
            content_type: FileType::Jpeg,
            size: u32::try_from(bytes.len()).unwrap_or(MAX_BYTES),
            status: MediaStatus::Waiting,
            rejection: None,
            picture: None,
            file: None,
            used_by: None,
            created_at: now,
        };
        MediaItems(&table).create(&upload, None).await.map_err(|error| error.to_string())?;
        bucket.write(&format!("uploads/{id}"), bytes, "image/jpeg").await?;
    }
    inner.settled().await;

    // The first thing of the list is put up last: it comes first in the feed.
    for (age, thing) in THINGS.iter().enumerate() {
        let put_up = now.plus(-(i64::try_from(age).unwrap_or_default() + 1) * HOUR);
        let listing = listing(thing, &accounts[thing.owner], now, put_up).ok_or("a demo listing is not well formed")?;
        let listing = with_picture(&table, thing, listing).await?;
        let new = NewListing { listing: &listing, receipt: None };
        Listings(&table).create(new).await.map_err(|error| error.to_string())?;
    }
    inner.settled().await;
    tell(&table, &accounts[0], now).await?;
    trusted::begin(&table, now).await?;
    underway::begin(inner, (pool, bucket, &table), drawn([98, 110, 200])?, now).await?;
    inner.settled().await;
    travels::begin(&table, now).await?;
    inner.settled().await;
    talk::begin(inner, (bucket, &table), drawn([70, 120, 170])?, now).await?;
    Box::pin(dealing::begin(&table, now)).await?;
    inner.settled().await;
    Ok(())
}

/// Something that the first demo person was told.
async fn tell(table: &Table, person: &Account, now: Time) -> Result<(), String> {
    let notice = Notice::ListingExpired {
        listing: ListingId::from_ulid("01K9ZX3V5M8QJ4T0N2R6W7Y1AC"),
        title: "접이식 의자".to_owned(),
    };
    let id = NotificationId::parse(NOTIFICATION).map_err(|_| "the demo notification is not well formed")?;
    let notification = Settings::default().told(id, person.id.clone(), notice, now.plus(-HOUR));
    let notification = notification.ok_or("nobody wants the demo notification")?;
    Notifications(table).tell(&notification).await.map_err(|error| error.to_string())
}

async fn with_picture(table: &Table, thing: &Thing, listing: Listing) -> Result<Listing, String> {
    if thing.colour.is_none() {
        return Ok(listing);
    }
    let id = MediaId::from_ulid(thing.ulid);
    let media = MediaItems(table).by_id(&id).await.map_err(|error| error.to_string())?;
    let picture = media.and_then(|media| media.picture).ok_or("a demo picture was not made ready")?;
    Ok(Listing { pictures: vec![picture], ..listing })
}

fn account(person: &Person, now: Time) -> Option<Account> {
    Some(Account {
        id: AccountId::parse(person.sub).ok()?,
        username: person.sub.to_owned(),
        email: Email::parse(person.email).ok(),
        nickname: Nickname::parse(person.nickname).ok()?,
        onboarded: true,
        sign_in_by: once(Provider::Email)
            .chain(person.linked.iter().filter_map(|(provider, _)| Provider::from_pool_name(provider)))
            .collect(),
        image: None,
        phone: None,
        region: region::district(person.region).map(Region::from),
        address: None,
        terms: Some(TERMS_VERSION.to_owned()),
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

fn listing(thing: &Thing, owner: &Account, now: Time, put_up: Time) -> Option<Listing> {
    let terms = match &thing.what {
        What::Barter(wants, hours) => {
            let hour = now.ms().div_euclid(HOUR) + hours;
            Terms::Barter { wants: Wish::parse(wants).ok()?, deadline: Time::from_ms(hour * HOUR) }
        }
        What::Rental(section, price, unit) => {
            Terms::Rental { section: *section, price: price.map(Price), unit: *unit, deposit: 0 }
        }
    };
    Some(Listing {
        id: ListingId::from_ulid(thing.ulid),
        owner: owner.id.clone(),
        terms,
        title: Title::parse(thing.title).ok()?,
        description: Description::parse(thing.description).ok()?,
        category: CategoryId::parse(thing.category).ok()?,
        region: owner.region?,
        pictures: vec![],
        status: Status::Open,
        bookmarks: 0,
        inquiries: 0,
        created_at: put_up,
        listed_at: put_up,
        updated_at: put_up,
        hidden: false,
        version: 1,
    })
}

/// A small picture: a thing of some colour on a table, in evening light. Drawn once a process: tests seed many clouds.
fn drawn(colour: [u8; 3]) -> Result<Vec<u8>, String> {
    static DRAWN: Mutex<BTreeMap<[u8; 3], Vec<u8>>> = Mutex::new(BTreeMap::new());
    if let Some(bytes) = DRAWN.lock().unwrap_or_else(PoisonError::into_inner).get(&colour) {
        return Ok(bytes.clone());
    }
    let bytes = painted(colour)?;
    DRAWN.lock().unwrap_or_else(PoisonError::into_inner).insert(colour, bytes.clone());
    Ok(bytes)
}

fn painted(colour: [u8; 3]) -> Result<Vec<u8>, String> {
    const WIDTH: u32 = 480;
    const HEIGHT: u32 = 360;
    let picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let light = 255 - (y * 110 / HEIGHT) - (x * 40 / WIDTH);
        let (dx, dy) = (i64::from(x) - 240, i64::from(y) - 190);
        let inside = dx * dx / 4 + dy * dy < 84 * 84;
        let shade = |base: u8| {
            let value = u32::from(base) * light / 255;
            u8::try_from(value.min(255)).unwrap_or(255)
        };
        if inside {
            Rgb(colour.map(shade))
        } else if y > 248 {
            Rgb([150, 112, 80].map(shade))
        } else {
            Rgb([236, 226, 208].map(shade))
        }
    });
    let mut bytes = Cursor::new(vec![]);
    picture.write_to(&mut bytes, ImageFormat::Jpeg).map_err(|error| error.to_string())?;
    Ok(bytes.into_inner())
}
