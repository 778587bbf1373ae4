//! Title search by any part of a title and by initial consonants (rows L15, Z10), laid out for a store that
//! finds by key alone.
//!
//! Each two neighbouring characters of a title, and each two neighbouring initial consonants, are a
//! partition; an entry's sort key carries the folded title. A query reads the one partition [`Query::term`]
//! names and [`Query::matches`] the keys found in it, so that a longer query costs no more reads than a short
//! one.

use std::collections::BTreeSet;
use std::fmt;

use unicode_normalization::UnicodeNormalization;

#[cfg(test)]
mod tests;

/// The fewest characters a folded query may have: a single one has no partition.
pub const QUERY_MIN: usize = 2;
/// The most characters a folded query may have.
pub const QUERY_MAX: usize = 31;

const SYLLABLES: std::ops::RangeInclusive<char> = '가'..='힣';
/// Syllables that share an initial consonant: 21 vowels by 28 endings.
const SYLLABLES_PER_INITIAL: u32 = 588;

/// The initial consonants in the order of the syllables.
const INITIALS: [char; 19] =
    ['ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];
/// The final consonants in the order of the conjoining ones.
const FINALS: [char; 27] = [
    'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ', 'ㅂ', 'ㅄ', 'ㅅ',
    'ㅆ', 'ㅇ', 'ㅈ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
];

/// What many titles of a marketplace have in common, so that looking it up reads much and leaves little.
const COMMON: &[&str] = &[
    "합니", "니다", "습니", "입니", "팝니", "삽니", "립니", "해요", "아요", "어요", "려요", "세요", "팔아", "구해",
    "구합", "드려", "드립", "빌려", "빌리", "나눔", "판매", "대여", "교환", "구매", "무료", "상태", "급처", "중고",
    "있어", "있습", "주세",
];

/// A title or a query as it is compared (row Z10): NFKC, lower case, without blanks, control and invisible
/// characters.
///
/// Hangul typed or stored in pieces comes together: conjoining jamo become syllables, and jamo that stay
/// alone, conjoining or half-width, become the ones a keyboard gives. Those are kept apart from the syllable
/// before, as NFKC would not: `나ㄳ` is no `낛`, and `ㅈㅏ` no `자`, else a part of a title, or its initials, would
/// not fold to a part of the folded title.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().filter(|c| !is_dropped(*c)) {
        match lone_jamo(c) {
            Some(jamo) => {
                fold_run(&mut run, &mut folded);
                folded.push(jamo);
            }
            None => run.push(c),
        }
    }
    fold_run(&mut run, &mut folded);
    // What lower case and the dropping brought next to each other may compose; NFC leaves the lone jamo alone.
    folded.nfc().map(|c| conjoining_jamo(c).unwrap_or(c)).collect()
}

fn fold_run(run: &mut String, folded: &mut String) {
    // Character by character: a whole text's lower case depends on where in a word a sigma stands.
    let lower = run.nfkc().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c });
    folded.extend(lower.filter(|c| !is_dropped(*c)));
    run.clear();
}

fn is_dropped(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180B}'..='\u{180F}'
            // Zero-width, bidirectional and invisible operators.
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            // Hangul fillers, which are seen as nothing.
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}'
            // Variation selectors and tags: how an emoji is drawn.
            | '\u{FE00}'..='\u{FE0F}' | '\u{E0000}'..='\u{E0FFF}')
}

fn nth(first: char, n: u32) -> Option<char> {
    char::from_u32(u32::from(first) + n)
}

/// The compatibility jamo for itself or for its half-width form.
fn lone_jamo(c: char) -> Option<char> {
    let code = u32::from(c);
    match c {
        '\u{3131}'..='\u{318E}' => Some(c),
        '\u{FFA1}'..='\u{FFBE}' => nth('ㄱ', code - 0xFFA1),
        // The half-width vowels stand in groups of six, with gaps between.
        '\u{FFC2}'..='\u{FFC7}' => nth('ㅏ', code - 0xFFC2),
        '\u{FFCA}'..='\u{FFCF}' => nth('ㅏ', code - 0xFFCA + 6),
        '\u{FFD2}'..='\u{FFD7}' => nth('ㅏ', code - 0xFFD2 + 12),
        '\u{FFDA}'..='\u{FFDC}' => nth('ㅏ', code - 0xFFDA + 18),
        _ => None,
    }
}

/// The compatibility jamo for a conjoining one that found nothing to conjoin with.
fn conjoining_jamo(c: char) -> Option<char> {
    let code = u32::from(c);
    match c {
        '\u{1100}'..='\u{1112}' => INITIALS.get((code - 0x1100) as usize).copied(),
        '\u{1161}'..='\u{1175}' => nth('ㅏ', code - 0x1161),
        '\u{11A8}'..='\u{11C2}' => FINALS.get((code - 0x11A8) as usize).copied(),
        _ => None,
    }
}

/// The initial consonant of a syllable; any other character stays.
fn initial(c: char) -> char {
    if !SYLLABLES.contains(&c) {
        return c;
    }
    let place = (u32::from(c) - u32::from(*SYLLABLES.start())) / SYLLABLES_PER_INITIAL;
    INITIALS.get(place as usize).copied().unwrap_or(c)
}

/// Whether a query's character stands for any syllable that begins with it. ㄳ and vowels begin none.
fn is_initial(c: char) -> bool {
    INITIALS.contains(&c)
}

/// The initial consonants of a folded text (row Z10): `자전거x` → `ㅈㅈㄱx`.
pub fn initials(folded: &str) -> String {
    folded.chars().map(initial).collect()
}

/// The distinct pairs of neighbouring characters; none in a text of one.
pub fn grams(folded: &str) -> BTreeSet<String> {
    pairs(folded).map(|(a, b)| gram(a, b)).collect()
}

fn pairs(text: &str) -> impl Iterator<Item = (char, char)> {
    text.chars().zip(text.chars().skip(1))
}

fn gram(a: char, b: char) -> String {
    String::from_iter([a, b])
}

/// The partitions a title is entered in (row Z10): its pairs, and the pairs of its initial consonants.
///
/// At most two for each character but the last of the folded title.
pub fn index_terms(title: &str) -> BTreeSet<String> {
    let folded = fold(title);
    let mut terms = grams(&folded);
    let consonants =
        pairs(&folded).map(|(a, b)| (initial(a), initial(b))).filter(|(a, b)| is_initial(*a) || is_initial(*b));
    terms.extend(consonants.map(|(a, b)| gram(a, b)));
    terms
}

/// What someone searches titles for (rows L15, Z10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    folded: String,
    term: String,
}

/// Why a text cannot be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryError {
    /// Fewer than [`QUERY_MIN`] characters, blanks not counted.
    TooShort,
    /// More than [`QUERY_MAX`] characters, blanks not counted.
    TooLong,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueryError::TooShort => write!(f, "a search needs {QUERY_MIN} characters, blanks not counted"),
            QueryError::TooLong => write!(f, "a search has at most {QUERY_MAX} characters, blanks not counted"),
        }
    }
}

impl std::error::Error for QueryError {}

impl Query {
    /// Folds a text and chooses the partition to read.
    ///
    /// # Errors
    /// Fewer than [`QUERY_MIN`] or more than [`QUERY_MAX`] characters are left of it.
    pub fn parse(text: &str) -> Result<Query, QueryError> {
        let folded = fold(text);
        if folded.chars().nth(QUERY_MAX).is_some() {
            return Err(QueryError::TooLong);
        }
        let (a, b) = pairs(&folded).min_by_key(|(a, b)| commonness(*a, *b)).ok_or(QueryError::TooShort)?;
        // A title that matches ㅈ전 need not have the pair ㅈ전, but its initials have ㅈㅈ.
        let term = if is_initial(a) || is_initial(b) { gram(initial(a), initial(b)) } else { gram(a, b) };
        Ok(Query { folded, term })
    }

    /// The folded text.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The partition to read: one of [`index_terms`] of every title that matches, and likely a small one.
    pub fn term(&self) -> &str {
        &self.term
    }

    /// Whether a folded title has the query in it, where a consonant stands for any syllable it begins (row Z10):
    /// `ㅈ전거` and `ㅈㅈㄱ` are in `자전거`; `ㄱ` is not in `까`.
    pub fn matches(&self, folded_title: &str) -> bool {
        folded_title.char_indices().any(|(start, _)| {
            let mut letters = folded_title[start..].chars();
            self.folded.chars().all(|wanted| {
                letters.next().is_some_and(|c| c == wanted || (is_initial(wanted) && initial(c) == wanted))
            })
        })
    }

    /// Whether all that stands in the partition matches, so that its entries need not be compared.
    pub fn is_exact(&self) -> bool {
        self.folded == self.term
    }
}

/// Guesses how many titles share a pair; the first of the least is looked up.
fn commonness(a: char, b: char) -> u8 {
    let syllable = |c: char| SYLLABLES.contains(&c);
    let jamo = |c: char| ('\u{3131}'..='\u{318E}').contains(&c);
    if is_initial(a) || is_initial(b) {
        // Few initials, many syllables to each: such a partition is the largest there is.
        return 5;
    }
    if jamo(a) || jamo(b) {
        return 4;
    }
    match (syllable(a), syllable(b)) {
        (true, true) if COMMON.contains(&gram(a, b).as_str()) => 2,
        (true, true) => 0,
        _ if a.is_alphanumeric() && b.is_alphanumeric() => 1,
        // Marks of punctuation, as in 요~.
        _ => 3,
    }
}
