//! Which district a Korean address lies in (rows P4, P5).

use unicode_normalization::UnicodeNormalization;

use super::{DISTRICTS, District, OTHER_ADDRESSES};

/// How an address may begin, by province; within a province the longer form first.
static PROVINCE_FORMS: [(&str, &[&str]); 17] = [
    ("seoul", &["서울특별시", "서울시", "서울"]),
    ("busan", &["부산광역시", "부산시", "부산"]),
    ("daegu", &["대구광역시", "대구시", "대구"]),
    ("incheon", &["인천광역시", "인천시", "인천"]),
    ("gwangju", &["광주광역시", "광주시", "광주"]),
    ("daejeon", &["대전광역시", "대전시", "대전"]),
    ("ulsan", &["울산광역시", "울산시", "울산"]),
    ("sejong", &["세종특별자치시", "세종시", "세종"]),
    ("gyeonggi", &["경기도", "경기"]),
    ("gangwon", &["강원특별자치도", "강원도", "강원"]),
    ("chungbuk", &["충청북도", "충북"]),
    ("chungnam", &["충청남도", "충남"]),
    ("jeonbuk", &["전북특별자치도", "전라북도", "전북"]),
    ("jeonnam", &["전라남도", "전남"]),
    ("gyeongbuk", &["경상북도", "경북"]),
    ("gyeongnam", &["경상남도", "경남"]),
    ("jeju", &["제주특별자치도", "제주도", "제주"]),
];

/// Province and district stand at the front: what comes after is a street, which no one needs here.
const READ_CHARACTERS: usize = 64;

/// The district of a Korean address, long or short, with or without a postcode or the country in front (rows
/// P4, P5).
///
/// None where the province is missing, and where a divided city is named without its 구.
pub fn from_address(address: &str) -> Option<&'static District> {
    let address: String = address.trim_start().nfkc().take(READ_CHARACTERS).collect();
    let mut rest = to_first_word(&address);
    for front in ["우편번호", "대한민국", "우"] {
        rest = rest.strip_prefix(front).map_or(rest, to_first_word);
    }

    let (province, form, rest) = PROVINCE_FORMS
        .iter()
        .find_map(|(province, forms)| forms.iter().find_map(|form| Some((*province, *form, after(rest, form)?))))?;
    let here = || DISTRICTS.iter().filter(|district| district.province == province && !district.is_whole_city());
    if province == "sejong" {
        // One district, so nothing need follow; but 세종대로 is a street in Seoul.
        let stands_alone = form != "세종" || !rest.starts_with(is_syllable);
        return here().next().filter(|_| stands_alone);
    }

    let others = OTHER_ADDRESSES.iter().filter(|(other, _, _)| *other == province);
    let others = others.filter_map(|(_, name, index)| Some((*name, DISTRICTS.get(usize::from(*index))?)));
    here()
        .map(|district| (district.name_ko, district))
        .chain(others)
        .find(|(name, _)| after(rest, name).is_some())
        .map(|(_, district)| district)
}

fn is_syllable(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// What stands before the first Hangul word is a postcode, brackets or blanks.
fn to_first_word(text: &str) -> &str {
    text.trim_start_matches(|c| !is_syllable(c))
}

/// What follows a name at the front of a text, blanks in either of no account: `수원시팔달구` is also written `수원시 팔달구`.
fn after<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = text;
    for letter in name.chars().filter(|c| !c.is_whitespace()) {
        rest = rest.trim_start().strip_prefix(letter)?;
    }
    Some(rest)
}
