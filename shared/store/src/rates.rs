//! Token buckets for what can be abused, kept as one moment a bucket (the generic cell rate algorithm): when the bucket
//! will be full again. Taking a token moves it on by one token's time.

use domain::time::Time;

use crate::{
    keys::{self, TTL},
    table::{Clash, Error, Expression, Table, Write, n, s, text},
};

/// A bucket: how many at once, and how long one takes to come back.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// What is limited.
    pub what: &'static str,
    /// Tokens in a full bucket.
    pub burst: i64,
    /// Milliseconds for a token to come back.
    pub refill: i64,
}

/// Access to buckets.
#[derive(Debug, Clone, Copy)]
pub struct Rates<'a>(pub &'a Table);

impl Rates<'_> {
    /// Takes a token; `Err(seconds)` inside when there is none before then.
    ///
    /// # Errors
    /// Those of the table.
    pub async fn take(&self, rate: &Rate, who: &str, now: Time) -> Result<Result<(), i64>, Error> {
        // A bucket that is full (the usual case) takes one round trip; one in use takes two.
        let mut seen: Option<Time> = None;
        for _ in 0..3 {
            let from = seen.map_or(now, |full_at| full_at.max(now));
            let full_at = from.plus(rate.refill);
            if full_at.ms() - now.ms() > rate.burst * rate.refill {
                let wait = full_at.ms() - now.ms() - rate.burst * rate.refill;
                return Ok(Err(wait.div_euclid(1000) + 1));
            }
            let condition = match seen {
                None => Expression::new(
                    "attribute_not_exists(pk) OR #fullAt <= :now",
                    &["fullAt", "kind", TTL],
                    vec![(":now", s(now.to_string()))],
                ),
                Some(seen) => {
                    Expression::new("#fullAt = :seen", &["fullAt", "kind", TTL], vec![(":seen", s(seen.to_string()))])
                }
            };
            let mut condition = condition;
            condition.values.extend([
                (":fullAt".into(), s(full_at.to_string())),
                (":kind".into(), s("rate")),
                (":ttl".into(), n(full_at.seconds() + 60)),
            ]);
            let write = Write::Update {
                key: keys::rate(rate.what, who),
                update: "SET #fullAt = :fullAt, #kind = :kind, #ttl = :ttl".into(),
                condition,
            };
            match self.0.write(write).await {
                Ok(()) => return Ok(Ok(())),
                Err(Error::Clash(clash)) => seen = full_at_of(&clash),
                Err(other) => return Err(other),
            }
        }
        // Many at once at one bucket: whoever loses three times is too many.
        Ok(Err(1))
    }
}

fn full_at_of(clash: &Clash) -> Option<Time> {
    Time::parse(text(clash.standing()?, "fullAt")?).ok()
}
