//! What the demo people would like others to do for them, who makes journeys, and what was quoted.

use domain::{
    coins::Coins,
    deal::{Deal, Said, Subject, Terms},
    errand::{Designation, Errand, Journey},
    id::{AccountId, DealId, ErrandId},
    listing::Status,
    maker::{GalleryUrl, Maker},
    region::ProvinceId,
    text::{AddressLine, ErrandDetails, ErrandTitle, MakerDescription, MakerLine, QuoteText},
    time::{DAY, Date, HOUR, Time},
};
use store::{Around, Deals, Designations, Errands, Makers, Table, Told};

use crate::seed::PEOPLE;

/// An errand of the first demo person: the second has quoted on it, the third was asked to.
pub const ERRAND: &str = "err_01K9ZX3V5M8QJ4T0N2R6W7Y1AK";
/// An errand of the first demo person that nobody has quoted on.
pub const LONELY: &str = "err_01K9ZX3V5M8QJ4T0N2R6W7Y1AM";
/// An errand of the third demo person for this very day.
pub const TODAY: &str = "err_01K9ZX3V5M8QJ4T0N2R6W7Y1AN";
/// The second demo person's quote.
pub const QUOTE: &str = "dea_01K9ZX3V5M8QJ4T0N2R6W7Y1AP";

/// Makes the second and the third demo person makers, and puts errands up.
pub(crate) async fn begin(table: &Table, now: Time) -> Result<(), String> {
    let (errands, makers) = put_together(now).ok_or("a demo errand is not well formed")?;
    for maker in &makers {
        Makers(table).save(maker, 0).await.map_err(|error| error.to_string())?;
    }
    for errand in &errands {
        Errands(table).create(errand, None).await.map_err(|error| error.to_string())?;
    }
    let [errand, ..] = &errands;
    let asked = Designation::of(errand, makers[1].account.clone(), now.plus(-HOUR));
    Designations(table).ask(errand, &asked, None).await.map_err(|error| error.to_string())?;
    let around = Around { errand: Some(errand.clone()), ..Around::default() };
    let deal = quote(errand, &makers[0].account, now.plus(-HOUR)).ok_or("the demo quote is not well formed")?;
    let facts = around.facts(&deal, &Said::default(), now);
    let step = deal.propose(&facts, now.plus(-HOUR)).map_err(|refused| format!("the demo quote: {refused:?}"))?;
    Deals(table).write(None, &step, &around, Told::default(), now).await.map_err(|error| error.to_string())
}

fn put_together(now: Time) -> Option<([Errand; 3], [Maker; 2])> {
    let person = |index: usize| AccountId::parse(PEOPLE[index].sub).ok();
    let errand = |id, host, days, (title, details), journey, province, address: Option<&str>| {
        let put_up = now.plus(-2 * HOUR);
        Some(Errand {
            id: ErrandId::parse(id).ok()?,
            host: person(host)?,
            title: ErrandTitle::parse(title).ok()?,
            date: Date::of(now.plus(days * DAY)),
            journey,
            province: ProvinceId::parse(province)?,
            details: ErrandDetails::parse(details).ok()?,
            address: address.map(AddressLine::parse).transpose().ok()?,
            status: Status::Open,
            maker: None,
            deal: None,
            created_at: put_up,
            updated_at: put_up,
            version: 1,
        })
    };
    let cakes = ("제주 오메기떡 사 오기", "동문시장에서 오메기떡 두 상자를 부탁드려요.");
    let alleys = ("서촌 골목 사진", "비 오는 날의 서촌을 스무 장쯤 찍어 주세요.");
    let fireworks = ("광안리 불꽃축제 보고 오기", "맨 앞자리에서 영상 통화로 보여 주세요.");
    let address = Some("서울 강남구 테헤란로 1");
    let maker = |index, line, description, journeys: &[Journey], provinces: &[&str], gallery: Option<&str>| {
        Some(Maker {
            account: person(index)?,
            gallery: gallery.map(GalleryUrl::parse).transpose().ok()?,
            line: MakerLine::parse(line).ok()?,
            description: MakerDescription::parse(description).ok()?,
            journeys: journeys.to_vec(),
            provinces: provinces.iter().copied().map(ProvinceId::parse).collect::<Option<_>>()?,
            created_at: now.plus(-DAY),
            updated_at: now.plus(-DAY),
            version: 1,
        })
    };
    Some((
        [
            errand(ERRAND, 0, 14, cakes, Journey::Shopping, "jeju", address)?,
            errand(LONELY, 0, 7, alleys, Journey::Culture, "seoul", None)?,
            errand(TODAY, 2, 0, fireworks, Journey::Festival, "busan", None)?,
        ],
        [
            maker(
                1,
                "서울과 제주를 오가는 사진가",
                "한 달에 두 번 제주에 갑니다. 장도 보고 사진도 찍어 드려요.",
                &[Journey::Shopping, Journey::Culture],
                &["seoul", "jeju"],
                Some("https://www.instagram.com/madang"),
            )?,
            maker(
                2,
                "부산 토박이가 대신 걸어 드려요",
                "바다가 보이는 길은 다 압니다. 배를 타고 제주까지도 다녀옵니다.",
                &[Journey::Shopping, Journey::Relaxation, Journey::Activity],
                &["busan", "jeju"],
                None,
            )?,
        ],
    ))
}

fn quote(errand: &Errand, maker: &AccountId, now: Time) -> Option<Deal> {
    let terms = Terms::Errand {
        price: Coins(300),
        content: QuoteText::parse("다음 주에 제주에 가니 들러서 사 올게요.").ok()?,
        date: errand.date,
        designated: false,
    };
    let (id, subject) = (DealId::parse(QUOTE).ok()?, Subject::Errand(errand.id.clone()));
    let title = errand.title.as_str().to_owned();
    Some(Deal::proposed(id, subject, title, errand.host.clone(), maker.clone(), terms, now))
}
