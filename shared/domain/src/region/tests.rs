//! Regions, tested against the data they are made of.

use std::collections::HashSet;

use deserr::errors::JsonError;
use proptest::prelude::*;

use super::*;

/// The rows that cover a divided city: what their inner point finds instead, and why they are the exceptions
/// everywhere below.
const WHOLE_CITIES: [(&str, &str); 2] = [
    ("chungnam/cheonan-si", "chungnam/cheonan-si-dongnam-gu"),
    ("gyeongnam/changwon-si", "gyeongnam/changwonsimasanhoewon-gu"),
];

const LONG_FORMS: [&str; 17] = [
    "서울특별시",
    "부산광역시",
    "대구광역시",
    "인천광역시",
    "광주광역시",
    "대전광역시",
    "울산광역시",
    "세종특별자치시",
    "경기도",
    "강원특별자치도",
    "충청북도",
    "충청남도",
    "전북특별자치도",
    "전라남도",
    "경상북도",
    "경상남도",
    "제주특별자치도",
];

fn found(district: Option<&District>) -> Option<&str> {
    district.map(|district| district.id)
}

#[test]
fn there_are_17_provinces_and_253_districts_of_them() {
    assert_eq!(provinces().len(), 17);
    assert_eq!(districts().len(), 253);
    let mut order: Vec<&str> = districts().iter().map(|district| district.province).collect();
    order.dedup();
    assert_eq!(order, provinces().iter().map(|province| province.id).collect::<Vec<_>>());
    for row in districts() {
        assert_eq!(row.id, format!("{}/{}", row.province, row.district));
        assert!(row.id.split_once('/').is_some_and(|(a, b)| {
            a.bytes().all(|c| c.is_ascii_lowercase()) && b.bytes().all(|c| c.is_ascii_lowercase() || c == b'-')
        }));
    }
    assert!(provinces().iter().all(|p| province(p.id) == Some(p)));
}

#[test]
fn names_are_those_of_the_data_or_corrected() {
    let data: serde_json::Value = serde_json::from_str(include_str!("../../data/regions.json")).unwrap_or_default();
    let mut changed = Vec::new();
    for (index, row) in districts().iter().enumerate() {
        let entry = &data[index];
        assert_eq!((entry["id"].as_str(), entry["code"].as_str()), (Some(row.id), Some(row.code)));
        assert_eq!((entry["lat"].as_f64(), entry["lng"].as_f64()), (Some(row.lat), Some(row.lng)));
        assert_eq!(entry["provinceKo"].as_str(), province(row.province).map(|province| province.name_ko));
        if entry["districtKo"].as_str() != Some(row.name_ko) {
            changed.push(row.name_ko);
        }
    }
    assert_eq!(
        changed,
        [
            "미추홀구",
            "고양시 덕양구",
            "고양시 일산동구",
            "고양시 일산서구",
            "용인시 처인구",
            "용인시 기흥구",
            "용인시 수지구",
            "여주시",
            "창원시 마산합포구",
            "창원시 마산회원구",
        ]
    );
    let names: HashSet<(&str, &str)> = districts().iter().map(|row| (row.province, row.name_ko)).collect();
    assert_eq!(names.len(), 253);
    let english = |id| district(id).map(|row| row.name_en);
    assert_eq!(english("seoul/gangnam-gu"), Some("Gangnam-gu"));
    assert_eq!(english("gyeonggi/suwon-si-paldal-gu"), Some("Paldal-gu, Suwon-si"));
    assert_eq!(english("gyeongnam/changwonsimasanhappo-gu"), Some("Masanhappo-gu, Changwon-si"));
}

#[test]
fn every_district_is_found_by_its_id_and_nothing_else_is() {
    for row in districts() {
        assert_eq!(found(district(row.id)), Some(row.id));
    }
    for id in [
        "",
        "seoul",
        "seoul/",
        "/",
        "seoul/gangnam",
        "seoul/gangnam-gu ",
        "SEOUL/GANGNAM-GU",
        "zz/zz",
        "gyeonggi/suwon-si",
    ] {
        assert_eq!(found(district(id)), None, "{id}");
    }
}

#[test]
fn a_feed_is_asked_by_country_province_city_or_district() {
    let scope = |text| {
        Scope::parse(text).map(|scope| (scope.id(), districts().iter().filter(|row| scope.contains(row)).count()))
    };
    assert_eq!(scope("all"), Some(("all", 253)));
    assert_eq!(scope("seoul"), Some(("seoul", 25)));
    assert_eq!(scope("sejong"), Some(("sejong", 1)));
    assert_eq!(scope("gyeonggi/suwon-si"), Some(("gyeonggi/suwon-si", 4)));
    assert_eq!(scope("seoul/gangnam-gu"), Some(("seoul/gangnam-gu", 1)));
    for text in ["", "/", "Seoul", "gyeonggi/suwon", "gyeonggi/", "seoul/gangnam-gu/", "suwon-si", "seoul/suwon-si"] {
        assert_eq!(scope(text), None, "{text}");
    }
}

#[test]
fn a_divided_city_is_its_districts() {
    let cities: Vec<(&str, usize)> = CITIES.iter().map(|(city, members)| (*city, members.len())).collect();
    assert_eq!(
        cities,
        [
            ("chungbuk/cheongju-si", 2),
            ("chungnam/cheonan-si", 3),
            ("gyeongbuk/pohang-si", 2),
            ("gyeonggi/ansan-si", 2),
            ("gyeonggi/anyang-si", 2),
            ("gyeonggi/bucheon-si", 3),
            ("gyeonggi/goyang-si", 3),
            ("gyeonggi/seongnam-si", 3),
            ("gyeonggi/suwon-si", 4),
            ("gyeonggi/yongin-si", 3),
            ("gyeongnam/changwon-si", 6),
            ("jeonbuk/jeonju-si", 2),
        ]
    );
    for (city, _) in CITIES {
        match Scope::parse(city) {
            Some(Scope::City(id, members)) => {
                assert_eq!(id, city);
                let mine: Vec<&District> = districts().iter().filter(|row| row.city == Some(city)).collect();
                assert_eq!(members, mine);
            }
            other => panic!("{city}: {other:?}"),
        }
    }
    let whole: Vec<&str> = districts().iter().filter(|row| row.is_whole_city()).map(|row| row.id).collect();
    assert_eq!(whole, WHOLE_CITIES.map(|(id, _)| id));
}

#[test]
fn a_region_is_written_as_its_id() {
    for row in districts() {
        let written = serde_json::to_value(Region::from(row)).unwrap_or_default();
        assert_eq!(written, row.id);
        assert_eq!(serde_json::from_value::<Region>(written.clone()).ok(), Some(Region(row)));
        let checked: Result<Region, JsonError> = deserr::deserialize(written);
        assert_eq!(checked.ok(), Some(Region(row)));
        assert_eq!(row.id.parse(), Ok(Region(row)));
    }
    assert_eq!(format!("{0} {0:?}", Region(&DISTRICTS[0])), "seoul/jongno-gu Region(seoul/jongno-gu)");
}

#[test]
fn a_text_that_is_no_region_is_refused_with_what_one_looks_like() {
    let refused = |value: serde_json::Value| {
        deserr::deserialize::<Region, _, JsonError>(value).map_err(|error| error.to_string())
    };
    for value in [serde_json::json!("seoul"), serde_json::json!("seoul/gangnam"), serde_json::json!("")] {
        let plain = serde_json::from_value::<Region>(value.clone()).map_err(|error| error.to_string());
        assert!(plain.is_err_and(|error| error.contains("e.g. `seoul/gangnam-gu`")));
        assert!(refused(value).is_err_and(|error| error.contains("e.g. `seoul/gangnam-gu`")));
    }
    assert!(refused(serde_json::json!(1)).is_err_and(|error| error.contains("expected a string")));
    assert!(serde_json::from_value::<Region>(serde_json::json!(null)).is_err());
}

#[test]
fn the_schema_says_what_a_region_looks_like() {
    let schema = schemars::schema_for!(Region).to_value();
    assert_eq!(schema["type"], "string");
    assert_eq!(schema["pattern"], "^[a-z]+/[a-z-]+$");
    assert!(schema["examples"][0].as_str().and_then(Region::parse).is_some());
}

#[test]
fn the_inner_point_of_a_district_lies_in_it() {
    for row in districts() {
        let expected = WHOLE_CITIES.iter().find(|(whole, _)| *whole == row.id).map_or(row.id, |(_, part)| part);
        assert_eq!(found(at(row.lat, row.lng)), Some(expected));
    }
}

#[test]
fn known_places_lie_where_they_are() {
    for (lat, lng, id) in [
        (37.5665, 126.9780, "seoul/jung-gu"),                    // Seoul City Hall
        (37.5118, 127.0592, "seoul/gangnam-gu"),                 // COEX
        (35.1587, 129.1604, "busan/haeundae-gu"),                // Haeundae Beach
        (33.4996, 126.5312, "jeju/jeju-si"),                     // Jeju City Hall
        (33.2541, 126.5601, "jeju/seogwipo-si"),                 // Seogwipo
        (37.2412, 131.8653, "gyeongbuk/ulleung-gun"),            // Dokdo
        (37.9569, 124.6700, "incheon/ongjin-gun"),               // Baengnyeongdo
        (36.4800, 127.2890, "sejong/sejong-si"),                 // Sejong government complex
        (36.6424, 127.4890, "chungbuk/cheongju-si-sangdang-gu"), // inside the hole that 청원군 has lost
        (37.6584, 126.8320, "gyeonggi/deogyang-gu"),             // Goyang City Hall
    ] {
        assert_eq!(found(at(lat, lng)), Some(id), "{lat} {lng}");
    }
}

#[test]
fn the_sea_and_abroad_are_nowhere() {
    for (lat, lng) in [
        (35.6812, 139.7671), // Tokyo
        (39.0392, 125.7625), // Pyongyang
        (37.9708, 126.5544), // Kaesong
        (34.2047, 129.2872), // Tsushima
        (40.7128, -74.0060), // New York
        (0.0, 0.0),
        (36.5, 124.9), // the Yellow Sea
        (38.0, 130.0), // the East Sea
        (33.9, 127.5), // between Jeju and the mainland
    ] {
        assert_eq!(found(at(lat, lng)), None, "{lat} {lng}");
    }
}

#[test]
fn what_is_no_position_is_nowhere() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 200.0] {
        assert_eq!(found(at(bad, 127.0)), None);
        assert_eq!(found(at(37.5, bad)), None);
    }
    // Latitude and longitude the wrong way round.
    assert_eq!(found(at(126.9780, 37.5665)), None);
}

#[test]
fn the_water_before_a_coast_belongs_to_it_for_two_kilometres() {
    // East of Sokcho, whose coast lies at about 128.603 on this latitude; a kilometre is about 0.0113 degrees.
    assert_eq!(found(at(38.2, 128.60)), Some("gangwon/sokcho-si"));
    assert_eq!(found(at(38.2, 128.612)), Some("gangwon/sokcho-si"));
    assert_eq!(found(at(38.2, 128.66)), None);
    // North of Dokdo, whose outline ends at 37.2511.
    assert_eq!(found(at(37.2511 + 0.017, 131.8646)), Some("gyeongbuk/ulleung-gun"));
    assert_eq!(found(at(37.2511 + 0.019, 131.8646)), None);
}

type Ring = Vec<(f64, f64)>;

fn outlines() -> Vec<(String, Vec<Ring>)> {
    let data: serde_json::Value = serde_json::from_str(include_str!("../../data/regions.geojson")).unwrap_or_default();
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let ring = |value: &serde_json::Value| -> Ring {
        list(value).iter().map(|position| (number(&position[0]), number(&position[1]))).collect()
    };
    list(&data["features"])
        .iter()
        .map(|feature| {
            let polygons = list(&feature["geometry"]["coordinates"]);
            let id = feature["properties"]["id"].as_str().unwrap_or_default();
            (id.to_owned(), polygons.iter().flat_map(list).map(|value| ring(&value)).collect())
        })
        .collect()
}

fn plainly_inside(ring: &Ring, (x, y): (f64, f64)) -> bool {
    let edges = ring.iter().zip(ring.iter().skip(1));
    let crossed = edges.filter(|(a, b)| (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0);
    crossed.count() % 2 == 1
}

#[test]
fn the_compact_outlines_say_what_the_data_says() {
    let outlines = outlines();
    assert_eq!(outlines.len(), 253);
    let parts = outlines.iter().filter(|(id, _)| WHOLE_CITIES.iter().all(|(whole, _)| whole != id));
    let rings: Vec<(&str, &Ring)> =
        parts.flat_map(|(id, rings)| rings.iter().map(|ring| (id.as_str(), ring))).collect();
    let mut land = 0;
    // A grid that misses the vertices, which have four decimals.
    for row in 0..80 {
        let lat = 33.1 + 0.068_803 * f64::from(row);
        let on_line: Vec<&(&str, &Ring)> = rings
            .iter()
            .filter(|(_, ring)| ring.iter().any(|point| point.1 < lat) && ring.iter().any(|point| point.1 > lat))
            .collect();
        for column in 0..80 {
            let lng = 124.6 + 0.090_907 * f64::from(column);
            let holding: Vec<&str> =
                on_line.iter().filter(|(_, ring)| plainly_inside(ring, (lng, lat))).map(|(id, _)| *id).collect();
            let answer = found(at(lat, lng));
            if !holding.is_empty() {
                land += 1;
                assert!(answer.is_some_and(|id| holding.contains(&id)), "{lat} {lng}: {answer:?}");
            }
            if holding.len() > 1 && holding.contains(&"chungbuk/cheongwon-gun") {
                assert_ne!(answer, Some("chungbuk/cheongwon-gun"));
            }
        }
    }
    assert!(land > 1_300, "{land}");
}

#[test]
fn a_vertex_shared_by_neighbours_lies_in_one_of_them() {
    for (id, rings) in outlines() {
        for (lng, lat) in rings.iter().flatten().step_by(7) {
            assert!(at(*lat, *lng).is_some(), "{id} {lat} {lng}");
        }
    }
}

#[test]
fn every_district_is_found_by_its_address() {
    for (province, long) in provinces().iter().zip(LONG_FORMS) {
        for row in districts().iter().filter(|row| row.province == province.id) {
            let expected = Some(row.id).filter(|_| !row.is_whole_city());
            for form in [long, province.name_ko] {
                assert_eq!(found(from_address(&format!("{form} {}", row.name_ko))), expected);
                assert_eq!(found(from_address(&format!("{form} {} 가나다로 1", row.name_ko))), expected);
                assert_eq!(
                    found(from_address(&format!("(06234)  {form}   {},", row.name_ko.replace(' ', "")))),
                    expected
                );
            }
        }
    }
}

#[test]
fn addresses_are_read_however_they_are_written() {
    for (address, id) in [
        ("서울특별시 강남구 테헤란로 1", "seoul/gangnam-gu"),
        ("서울 강남구", "seoul/gangnam-gu"),
        ("서울시 강남구 역삼동 737", "seoul/gangnam-gu"),
        ("  서울특별시\t강남구  ", "seoul/gangnam-gu"),
        ("(06234) 서울 강남구 테헤란로 1", "seoul/gangnam-gu"),
        ("[06234] 서울강남구", "seoul/gangnam-gu"),
        ("우)06234 서울 강남구", "seoul/gangnam-gu"),
        ("우편번호 06234, 서울 강남구", "seoul/gangnam-gu"),
        ("０６２３４　서울특별시　강남구", "seoul/gangnam-gu"),
        ("대한민국 서울특별시 강남구 테헤란로 1", "seoul/gangnam-gu"),
        ("경기도 수원시 팔달구 정조로 1", "gyeonggi/suwon-si-paldal-gu"),
        ("경기 수원시팔달구", "gyeonggi/suwon-si-paldal-gu"),
        ("경기도 광주시 오포읍", "gyeonggi/gwangju-si"),
        ("광주광역시 서구", "gwangju/seo-gu"),
        ("광주 광산구", "gwangju/gwangsan-gu"),
        ("강원특별자치도 춘천시", "gangwon/chuncheon-si"),
        ("강원도 고성군", "gangwon/goseong-gun"),
        ("경남 고성군", "gyeongnam/goseong-gun"),
        ("전북특별자치도 전주시 완산구", "jeonbuk/jeonju-si-wansan-gu"),
        ("전라북도 전주시 완산구", "jeonbuk/jeonju-si-wansan-gu"),
        ("세종특별자치시 한누리대로 2130", "sejong/sejong-si"),
        ("세종특별자치시", "sejong/sejong-si"),
        ("세종 조치원읍", "sejong/sejong-si"),
        ("제주특별자치도 제주시", "jeju/jeju-si"),
        ("제주 서귀포시", "jeju/seogwipo-si"),
        ("충청북도 청주시 상당구", "chungbuk/cheongju-si-sangdang-gu"),
        ("충북 충주시", "chungbuk/chungju-si"),
        ("경상남도 창원시 의창구", "gyeongnam/changwon-si-uichang-gu"),
        ("경남 창원시 마산합포구 해안대로", "gyeongnam/changwonsimasanhappo-gu"),
        ("충남 천안시 서북구", "chungnam/cheonan-si-seobuk-gu"),
        ("부산 부산진구", "busan/busanjin-gu"),
        ("인천 남동구", "incheon/namdong-gu"),
        // The map has moved on since the data was drawn.
        ("인천광역시 미추홀구 인하로 100", "incheon/nam-gu"),
        ("인천 남구", "incheon/nam-gu"),
        ("경기도 여주시", "gyeonggi/yeoju-gun"),
        ("경기도 여주군", "gyeonggi/yeoju-gun"),
        ("경기 고양시 일산동구 중앙로", "gyeonggi/ilsandong-gu"),
        ("경기 용인시 수지구", "gyeonggi/suji-gu"),
        ("경기 수지구", "gyeonggi/suji-gu"),
        ("대구광역시 군위군", "gyeongbuk/gunwi-gun"),
        ("경상북도 군위군", "gyeongbuk/gunwi-gun"),
        ("충북 청주시 서원구", "chungbuk/cheongju-si-heungdeok-gu"),
        ("충북 청주시 청원구", "chungbuk/cheongwon-gun"),
    ] {
        assert_eq!(found(from_address(address)), Some(id), "{address}");
    }
    let decomposed: String = unicode_normalization::UnicodeNormalization::nfd("서울 강남구").collect();
    assert_eq!(found(from_address(&decomposed)), Some("seoul/gangnam-gu"));
}

#[test]
fn an_address_without_province_or_district_is_nowhere() {
    for address in [
        "",
        " ",
        "(06234)",
        "강남구",
        "서울",
        "서울특별시",
        "경기도 수원시",
        "경기 수원시 정조로 1",
        "충남 천안시",
        "경상남도 창원시 중앙대로",
        "충북 청주시",
        "제주시 연동",
        "서울 수원시 팔달구",
        "부산 강남구",
        "세종대로 1",
        "세종로",
        "Seoul Gangnam-gu",
        "평양직할시 중구역",
        "東京都",
    ] {
        assert_eq!(found(from_address(address)), None, "{address}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_position_panics(lat in any::<f64>(), lng in any::<f64>(), bits in any::<(u64, u64)>()) {
        let _ = at(lat, lng);
        let _ = at(f64::from_bits(bits.0), f64::from_bits(bits.1));
    }

    #[test]
    fn no_position_near_korea_panics_and_none_finds_a_whole_city(lat in 32.0..39.5, lng in 124.0..132.5) {
        prop_assert!(at(lat, lng).is_none_or(|row| !row.is_whole_city()));
    }

    #[test]
    fn no_text_panics(text in "\\PC*", province in prop::sample::select(&LONG_FORMS[..])) {
        let _ = from_address(&text);
        let _ = from_address(&format!("{province} {text}"));
        let _ = Scope::parse(&text);
        prop_assert!(Region::parse(&text).is_none());
    }
}
