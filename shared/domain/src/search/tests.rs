//! Search, tested by example and against a plain reading of the rule.

use proptest::prelude::*;

use super::*;

fn terms(title: &str) -> Vec<String> {
    index_terms(title).into_iter().collect()
}

fn finds(query: &str, title: &str) -> bool {
    Query::parse(query).is_ok_and(|query| {
        let found = query.matches(&fold(title));
        assert!(!found || index_terms(title).contains(query.term()), "{title} is not in the partition of {query:?}");
        found
    })
}

fn term(query: &str) -> Result<String, QueryError> {
    Query::parse(query).map(|query| query.term().to_owned())
}

#[test]
fn blanks_case_and_width_are_of_no_account() {
    assert_eq!(fold(" 삼성 Galaxy\tＳ24　Ultra\n"), "삼성galaxys24ultra");
    assert_eq!(fold("ΟΔΟΣ"), fold("οδος"));
    assert_eq!(fold("ｶﾞﾝﾀﾞﾑ ㎏"), "ガンダムkg");
    assert_eq!(fold(""), "");
}

#[test]
fn what_is_not_seen_is_dropped() {
    assert_eq!(fold("자\u{200B}전\u{AD}거\u{7}\u{FEFF}"), "자전거");
    assert_eq!(fold("자전거\u{3164}\u{115F}"), "자전거");
    assert_eq!(fold("❤\u{FE0F}👩\u{200D}🚀"), "❤👩🚀");
    // The blank that NFKC makes of a diaeresis goes as well, and the mark composes.
    assert_eq!(fold("a\u{A8}"), "ä");
}

#[test]
fn a_decomposed_title_equals_the_composed_one() {
    let decomposed: String = "자전거 Café 뷁 넋".nfd().collect();
    assert_ne!(decomposed, "자전거 Café 뷁 넋");
    assert_eq!(fold(&decomposed), "자전거café뷁넋");
    assert_eq!(index_terms(&decomposed), index_terms("자전거 Café 뷁 넋"));
}

#[test]
fn jamo_become_those_of_the_keyboard() {
    assert_eq!(fold("\u{110C}\u{110C}\u{1100}"), "ㅈㅈㄱ");
    assert_eq!(fold("\u{1161}\u{1175}\u{11A8}\u{11C2}\u{11B9}"), "ㅏㅣㄱㅎㅄ");
    assert_eq!(fold("ﾡﾢﾾ"), "ㄱㄲㅎ");
    assert_eq!(fold("\u{FFC2}\u{FFC7}\u{FFCA}\u{FFCF}\u{FFD2}\u{FFD7}\u{FFDA}\u{FFDC}"), "ㅏㅔㅕㅚㅛㅠㅡㅣ");
    assert_eq!(fold("㉠"), "ㄱ");
    let all: String = INITIALS.iter().collect();
    assert_eq!(all.nfkd().map(|c| conjoining_jamo(c).unwrap_or(c)).collect::<String>(), all);
    let all: String = FINALS.iter().collect();
    assert_eq!(('\u{11A8}'..='\u{11C2}').filter_map(conjoining_jamo).collect::<String>(), all);
}

#[test]
fn half_width_jamo_are_those_that_unicode_says() {
    for c in '\u{FFA1}'..='\u{FFDC}' {
        let compatibility = lone_jamo(c).map(|jamo| jamo.nfkc().collect::<String>());
        let itself = c.nfkc().collect::<String>();
        assert!(compatibility.is_none_or(|jamo| jamo == itself), "{c:?}");
    }
}

#[test]
fn lone_jamo_do_not_join_the_syllable_before() {
    assert_eq!(fold("나ㄳ"), "나ㄳ");
    assert_eq!(fold("가자ㅏㅏ"), "가자ㅏㅏ");
    assert_eq!(fold("ㅋㅏ"), "ㅋㅏ");
    assert!(finds("ㄳ요", "나ㄳ요"));
    assert!(finds("ㅈㅏ", "가자ㅏㅏ"));
}

#[test]
fn every_syllable_has_the_initial_of_its_decomposition() {
    for syllable in SYLLABLES {
        let lead = syllable.nfd().next().and_then(conjoining_jamo);
        assert_eq!(Some(initial(syllable)), lead, "{syllable}");
    }
    assert_eq!(initials("까치x3ㅋㅏ꽃🚲"), "ㄲㅊx3ㅋㅏㄲ🚲");
}

#[test]
fn a_title_is_entered_by_its_pairs_and_those_of_its_initials() {
    assert_eq!(terms("자 전거"), ["ㅈㄱ", "ㅈㅈ", "자전", "전거"]);
    assert_eq!(terms("TV장"), ["tv", "vㅈ", "v장"]);
    assert_eq!(terms("자"), [""; 0]);
    assert_eq!(terms(" \u{200B} "), [""; 0]);
    assert_eq!(terms("하하하"), ["ㅎㅎ", "하하"]);
    assert_eq!(terms("ㅎㅎ"), ["ㅎㅎ"]);
    assert_eq!(terms("🚲자"), ["🚲ㅈ", "🚲자"]);
    assert_eq!(grams("abab").into_iter().collect::<Vec<_>>(), ["ab", "ba"]);
}

#[test]
fn a_title_of_31_characters_has_60_terms_at_most() {
    // 가나가다가라…: no pair of syllables, and none of initials, comes twice.
    let syllable = |n: u32| nth('가', n * SYLLABLES_PER_INITIAL);
    let title: String = (0..31).filter_map(|n| syllable(if n % 2 == 0 { 0 } else { n / 2 + 1 })).collect();
    assert_eq!(title.chars().count(), 31);
    assert_eq!(index_terms(&title).len(), 60);
}

#[test]
fn a_query_has_2_to_31_characters_besides_blanks() {
    assert_eq!(term(""), Err(QueryError::TooShort));
    assert_eq!(term(" 자 \u{200B}"), Err(QueryError::TooShort));
    assert_eq!(term("자 전"), Ok("자전".to_owned()));
    assert!(Query::parse(&"자".repeat(31)).is_ok());
    assert_eq!(term(&"자".repeat(32)), Err(QueryError::TooLong));
    assert_eq!(QueryError::TooShort.to_string(), "a search needs 2 characters, blanks not counted");
}

#[test]
fn a_consonant_stands_for_the_syllables_it_begins() {
    for query in
        ["자전거", "전거", "ㅈ전거", "자ㅈㄱ", "ㅈㅈㄱ", "ㅈ전ㄱ", "ㅈㄱ", "\u{110C}\u{110C}", "ﾸﾡ", "JA 전 거ㅍ"]
    {
        let title = if query.starts_with('J') { "ja전거 팝니다" } else { "새 자전거 팝니다" };
        assert!(finds(query, title), "{query}");
    }
    assert!(finds("ㅊㅅ", "책상"));
    assert!(finds("ㄲㅅ", "꽃신"));
    assert!(finds("ㅋㅋ", "크크") && finds("ㅋㅋ", "ㅋㅋㅋ") && finds("ㅋㅋ", "아 ㅋ 쿠"));
    for query in ["ㄱㅅ", "ㄲㅇ", "전자거", "자전거ㅍㄹ", "ㅈㅈㄲ", "거자", "ㅏㅏ"] {
        assert!(!finds(query, "새 자전거 팝니다"), "{query}");
    }
    // ㄱ is no ㄲ, nor the other way, and a consonant is no ending.
    assert!(!finds("ㄱㅅ", "꽃신") && !finds("ㄲㅅ", "곳신") && !finds("자ㄴ", "잔"));
    // A syllable in the query stands for itself alone.
    assert!(!finds("크크", "ㅋㅋ") && !finds("자저", "자전"));
}

#[test]
fn the_partition_read_is_a_likely_small_one() {
    for (query, expected) in [
        ("자전거", "자전"),
        ("ㅈ전거", "전거"),
        ("ㅈㅈㄱ", "ㅈㅈ"),
        ("ㅈ전ㄱ", "ㅈㅈ"),
        ("iphone 15 케이스", "케이"),
        ("tv장", "tv"),
        ("ㅌtv", "tv"),
        ("니다 tv", "다t"),
        ("팝니다", "팝니"),
        ("빌려드려요 텐트", "려드"),
        ("합니다ㅊㅅ", "합니"),
        ("요~!tv", "tv"),
        ("!!ㅠㅠㅋㅋ", "!!"),
        ("🚲🚲ㅈㅈ", "🚲🚲"),
    ] {
        assert_eq!(term(query), Ok(expected.to_owned()), "{query}");
    }
}

#[test]
fn a_partition_matches_as_a_whole_only_when_the_query_is_its_name() {
    let exact = |query| Query::parse(query).map(|query| query.is_exact());
    for query in ["자전", "ㅈㅈ", "tv", "ㅋ!", "ㄳ요"] {
        assert_eq!(exact(query), Ok(true), "{query}");
    }
    for query in ["ㅈ전", "자ㅈ", "자전거", "ㅈㅈㄱ"] {
        assert_eq!(exact(query), Ok(false), "{query}");
    }
}

/// Letters that titles are made of, those that make trouble among them.
fn letter() -> impl Strategy<Value = char> {
    prop_oneof![
        6 => prop::char::range('가', '힣'),
        3 => prop::sample::select("자전거책상의자텐트나눔팝니다합드려요~!".chars().collect::<Vec<_>>()),
        2 => prop::char::range('\u{3131}', '\u{318E}'),
        1 => prop::char::range('\u{1100}', '\u{11FF}'),
        1 => prop::char::range('\u{FFA0}', '\u{FFDC}'),
        2 => prop::char::range('!', '~'),
        1 => prop::char::range('\u{300}', '\u{36F}'),
        1 => prop::sample::select("  \u{200B}\u{200D}\u{FE0F}🚲👩❤İΣςß㎏ﬁ¨ｶﾞがǅẞ㈎㉠".chars().collect::<Vec<_>>()),
        1 => any::<char>(),
    ]
}

fn title() -> impl Strategy<Value = String> {
    prop::collection::vec(letter(), 0..32).prop_map(String::from_iter)
}

/// The rule as it is written, letter by letter.
fn plainly_matches(query: &str, title: &str) -> bool {
    let (query, title): (Vec<char>, Vec<char>) = (query.chars().collect(), title.chars().collect());
    let initial = |c: char| match c {
        '가'..='힣' => c.nfd().next().and_then(conjoining_jamo),
        _ => None,
    };
    let alike = |q: char, t: char| q == t || initial(t) == Some(q);
    title.windows(query.len()).any(|part| part.iter().zip(&query).all(|(t, q)| alike(*q, *t)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn folding_twice_changes_nothing(text in title()) {
        let folded = fold(&text);
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert!(!folded.chars().any(is_dropped));
        prop_assert!(!folded.chars().any(|c| conjoining_jamo(c).is_some()));
    }

    #[test]
    fn composed_and_decomposed_fold_alike(text in title()) {
        prop_assert_eq!(fold(&text.nfd().collect::<String>()), fold(&text.nfc().collect::<String>()));
    }

    #[test]
    fn any_part_finds_the_title(
        text in title(),
        start in any::<prop::sample::Index>(),
        length in 2..=QUERY_MAX,
        abbreviated in prop::collection::vec(any::<bool>(), QUERY_MAX),
    ) {
        let folded = fold(&text);
        let letters: Vec<char> = folded.chars().collect();
        prop_assume!(letters.len() >= 2);
        let part = &letters[start.index(letters.len() - 1)..];
        let part = &part[..length.min(part.len())];
        let abbreviated: String = part.iter().zip(abbreviated).map(|(c, short)| if short { initial(*c) } else { *c }).collect();
        for query in [String::from_iter(part), abbreviated, initials(&String::from_iter(part))] {
            let parsed = Query::parse(&query);
            prop_assert_eq!(parsed.as_ref().map(Query::folded), Ok(query.as_str()));
            if let Ok(parsed) = parsed {
                prop_assert!(parsed.matches(&folded));
                prop_assert!(index_terms(&text).contains(parsed.term()), "{} of {:?}", parsed.term(), query);
            }
        }
    }

    #[test]
    fn nothing_else_is_found(
        query in prop::collection::vec(prop::sample::select("ㄱㄲㅇ가까각아a1".chars().collect::<Vec<_>>()), 2..5),
        text in prop::collection::vec(prop::sample::select("ㄱㄲㅇ가까각아a1".chars().collect::<Vec<_>>()), 0..12),
    ) {
        let (query, text) = (String::from_iter(query), String::from_iter(text));
        let found = Query::parse(&query).map(|query| query.matches(&fold(&text)));
        prop_assert_eq!(found, Ok(plainly_matches(&query, &text)));
    }

    #[test]
    fn an_exact_query_matches_all_of_its_partition(query in prop::collection::vec(letter(), 2..3), text in title()) {
        let query = Query::parse(&String::from_iter(query));
        if let Some(query) = query.ok().filter(Query::is_exact) {
            prop_assert_eq!(index_terms(&text).contains(query.term()), query.matches(&fold(&text)));
        }
    }

    #[test]
    fn terms_are_pairs_and_two_a_character_at_most(text in title()) {
        let terms = index_terms(&text);
        let characters = fold(&text).chars().count();
        prop_assert!(terms.len() <= 2 * characters.saturating_sub(1));
        prop_assert!(terms.iter().all(|term| term.chars().count() == 2));
        let mut both = grams(&fold(&text));
        both.extend(grams(&initials(&fold(&text))).into_iter().filter(|term| term.chars().any(is_initial)));
        prop_assert_eq!(terms, both);
    }
}
