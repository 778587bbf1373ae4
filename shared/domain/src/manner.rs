//! The manner score: how well somebody deals, 0–100, by a formula that everybody may read (rows P9, D24, X7, Z6).
//!
//! ```text
//! weight of a review   800 − its age in days, but never less than 80: a fresh one counts ten times an old one
//! base                 the weighted mean of stars × 20 over the latest 100 reviews; 60 where there are none
//! points of a penalty  by its cause, less each day, none after 365 days
//! score                base − points, rounded half up, not below 0 and not above 100
//! ```
//!
//! Whoever has neither reviews nor penalties has no score. Whole numbers alone: two machines never differ.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::{DAY, Time};

/// How many reviews are looked at, the latest.
pub const MOST_REVIEWS: usize = 100;
/// How many penalties are looked at, the latest.
pub const MOST_PENALTIES: usize = 100;
/// How long a penalty counts, in days.
pub const PENALTY_DAYS: i64 = 365;
/// What somebody starts from who has penalties and no reviews: three stars.
pub const START: i64 = 60;
/// What a star is worth.
pub const STAR: i64 = 20;
/// The weight of a review of today.
const FRESH: i64 = 800;
/// The weight of a review that is old.
const OLD: i64 = 80;

/// What costs manner points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PenaltyCause {
    /// Broke a deal that was agreed on.
    BrokeDeal,
    /// Did not come to a hand-over.
    NoShow,
    /// Brought back late what was lent.
    LateReturn,
    /// A report of theirs was found to be right.
    UpheldReport,
}

impl PenaltyCause {
    /// Every cause.
    pub const ALL: [Self; 4] = [Self::BrokeDeal, Self::NoShow, Self::LateReturn, Self::UpheldReport];

    /// What it costs on the day it happens.
    #[must_use]
    pub fn points(self) -> i64 {
        match self {
            Self::BrokeDeal => 10,
            Self::NoShow => 15,
            Self::LateReturn => 5,
            Self::UpheldReport => 20,
        }
    }
}

/// A review, as far as the score looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rated {
    /// 1–5.
    pub stars: u8,
    /// Since when it can be seen.
    pub at: Time,
}

/// A penalty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Penalty {
    /// What for.
    pub cause: PenaltyCause,
    /// By what: a deal, a report.
    pub about: String,
    /// When.
    pub at: Time,
}

/// What a score is worth in a word (row P9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    /// 30 and less.
    Poor,
    /// 31–59.
    Fair,
    /// 60–79.
    Good,
    /// 80 and more.
    Great,
}

impl Band {
    /// The band of a score.
    #[must_use]
    pub fn of(score: u8) -> Self {
        match score {
            80.. => Self::Great,
            60.. => Self::Good,
            31.. => Self::Fair,
            _ => Self::Poor,
        }
    }
}

/// A fraction that is not below zero: how much of something there is, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    /// Above the line.
    pub of: i64,
    /// Below it; never 0.
    pub by: i64,
}

impl Fraction {
    /// In hundredths, rounded half up.
    #[must_use]
    pub fn hundredths(self) -> i64 {
        rounded(self.of.saturating_mul(100), self.by)
    }
}

/// A score and the parts that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner {
    /// 0–100.
    pub score: u8,
    /// What reviews alone make.
    pub base: Fraction,
    /// How many reviews were looked at.
    pub reviews: usize,
    /// What penalties take off.
    pub off: Fraction,
    /// The penalties that still count, and what each of them takes off.
    pub penalties: Vec<(Penalty, Fraction)>,
}

impl Manner {
    /// The score of whoever has these reviews and penalties, both the latest first; nothing where there is nothing to
    /// judge by.
    #[must_use]
    pub fn of(reviews: &[Rated], penalties: &[Penalty], now: Time) -> Option<Self> {
        let reviews = &reviews[..reviews.len().min(MOST_REVIEWS)];
        let penalties: Vec<(Penalty, Fraction)> = penalties
            .iter()
            .take(MOST_PENALTIES)
            .filter_map(|penalty| points_left(penalty, now).map(|left| (penalty.clone(), left)))
            .collect();
        if reviews.is_empty() && penalties.is_empty() {
            return None;
        }
        let weights: i64 = reviews.iter().map(|review| weight(review, now)).sum();
        let base = if reviews.is_empty() {
            Fraction { of: START, by: 1 }
        } else {
            let stars =
                reviews.iter().map(|review| weight(review, now) * i64::from(review.stars.clamp(1, 5))).sum::<i64>();
            Fraction { of: stars * STAR, by: weights }
        };
        let off = Fraction { of: penalties.iter().map(|(_, left)| left.of).sum(), by: PENALTY_DAYS };
        let exact = rounded(base.of * off.by - off.of * base.by, base.by * off.by);
        Some(Self {
            score: u8::try_from(exact.clamp(0, 100)).unwrap_or_default(),
            base,
            reviews: reviews.len(),
            off,
            penalties,
        })
    }

    /// What the score is worth in a word.
    #[must_use]
    pub fn band(&self) -> Band {
        Band::of(self.score)
    }
}

fn days(since: Time, now: Time) -> i64 {
    (now.ms() - since.ms()).max(0).div_euclid(DAY)
}

fn weight(review: &Rated, now: Time) -> i64 {
    (FRESH - days(review.at, now)).max(OLD)
}

/// What is left of a penalty's points, by [`PENALTY_DAYS`].
fn points_left(penalty: &Penalty, now: Time) -> Option<Fraction> {
    let left = PENALTY_DAYS - days(penalty.at, now);
    (left > 0).then(|| Fraction { of: penalty.cause.points() * left, by: PENALTY_DAYS })
}

fn rounded(of: i64, by: i64) -> i64 {
    (2 * of + by).div_euclid(2 * by)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Time = Time::EPOCH;

    fn rated(stars: u8, days: i64) -> Rated {
        Rated { stars, at: NOW.plus(-days * DAY) }
    }

    fn penalty(cause: PenaltyCause, days: i64) -> Penalty {
        Penalty { cause, about: "dea_".into(), at: NOW.plus(-days * DAY) }
    }

    fn score(reviews: &[Rated], penalties: &[Penalty]) -> Option<u8> {
        Manner::of(reviews, penalties, NOW).map(|manner| manner.score)
    }

    #[test]
    fn whoever_has_nothing_to_be_judged_by_has_no_score() {
        assert_eq!(score(&[], &[]), None);
        assert_eq!(score(&[], &[penalty(PenaltyCause::NoShow, 365)]), None, "a year later it is forgotten");
        assert_eq!(score(&[], &[penalty(PenaltyCause::NoShow, 364)]), Some(60));
    }

    #[test]
    fn stars_times_twenty_is_the_score_of_whoever_has_no_penalties() {
        for stars in 1..=5 {
            assert_eq!(score(&[rated(stars, 3)], &[]), Some(stars * 20));
        }
        assert_eq!(score(&[rated(5, 0), rated(4, 0)], &[]), Some(90));
        // 800 × 1 and 80 × 5 by 880: 27.27.
        assert_eq!(score(&[rated(1, 0), rated(5, 900)], &[]), Some(27));
        assert_eq!(score(&[rated(5, 0), rated(1, 900)], &[]), Some(93));
    }

    #[test]
    fn penalties_take_points_off_that_come_back_day_by_day() {
        let reviews = [rated(5, 0)];
        assert_eq!(score(&reviews, &[penalty(PenaltyCause::BrokeDeal, 0)]), Some(90));
        assert_eq!(score(&reviews, &[penalty(PenaltyCause::UpheldReport, 0)]), Some(80));
        assert_eq!(score(&reviews, &[penalty(PenaltyCause::NoShow, 73)]), Some(88), "four fifths of fifteen");
        assert_eq!(score(&reviews, &[penalty(PenaltyCause::LateReturn, 365)]), Some(100));
        assert_eq!(score(&reviews, &vec![penalty(PenaltyCause::UpheldReport, 0); 9]), Some(0));
    }

    #[test]
    fn the_bands_begin_where_system_004_had_them() {
        let band = |score| Band::of(score);
        assert_eq!([80, 79, 60, 59, 31, 30, 0, 100].map(band), {
            use Band::{Fair, Good, Great, Poor};
            [Great, Good, Good, Fair, Fair, Poor, Poor, Great]
        });
    }

    fn reviews() -> impl Strategy<Value = Vec<Rated>> {
        prop::collection::vec((1_u8..=5, 0_i64..3_000).prop_map(|(stars, days)| rated(stars, days)), 0..130)
    }

    fn penalties() -> impl Strategy<Value = Vec<Penalty>> {
        let one = (0_usize..4, 0_i64..500).prop_map(|(cause, days)| penalty(PenaltyCause::ALL[cause], days));
        prop::collection::vec(one, 0..130)
    }

    proptest! {
        #[test]
        fn a_score_is_within_its_bounds(reviews in reviews(), penalties in penalties()) {
            prop_assert!(score(&reviews, &penalties).is_none_or(|score| score <= 100));
        }

        #[test]
        fn a_star_more_never_lowers_a_score(
            reviews in reviews(), penalties in penalties(), at in any::<prop::sample::Index>(),
        ) {
            prop_assume!(!reviews.is_empty());
            let mut better = reviews.clone();
            let one = at.index(better.len());
            better[one].stars = (better[one].stars + 1).min(5);
            prop_assert!(score(&better, &penalties) >= score(&reviews, &penalties));
        }

        #[test]
        fn a_penalty_more_never_raises_a_score(reviews in reviews(), penalties in penalties(), cause in 0_usize..4) {
            prop_assume!(!reviews.is_empty() && penalties.len() < MOST_PENALTIES);
            let mut worse = penalties.clone();
            worse.insert(0, penalty(PenaltyCause::ALL[cause], 0));
            prop_assert!(score(&reviews, &worse) <= score(&reviews, &penalties));
        }

        #[test]
        fn whoever_does_no_wrong_recovers(
            stars in 1_u8..=5, count in 1_usize..40, penalties in penalties(), days in 0_i64..400,
        ) {
            // Reviews of one age weigh the same however old they are: what moves is what penalties take.
            let reviews = vec![rated(stars, 0); count];
            let at = |days: i64| Manner::of(&reviews, &penalties, NOW.plus(days * DAY)).map(|manner| manner.score);
            prop_assert!(at(days + 1) >= at(days));
            prop_assert_eq!(at(366), Some(stars * 20));
        }

        #[test]
        fn the_order_of_reviews_says_nothing(reviews in reviews(), penalties in penalties()) {
            prop_assume!(reviews.len() <= MOST_REVIEWS && penalties.len() <= MOST_PENALTIES);
            let mut turned = reviews.clone();
            turned.reverse();
            prop_assert_eq!(score(&turned, &penalties), score(&reviews, &penalties));
        }
    }
}
