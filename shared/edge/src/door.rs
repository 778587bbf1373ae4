//! Who is suspended, as a door knows it: by their token, and by what was decided since it was made.
//!
//! A token that is made for somebody who is suspended says so. What was decided about anybody in the last two hours stands
//! in one small partition of the table, which each process reads once in half a minute, however many people it serves.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{id::AccountId, time::Time};
use store::{Suspended, Suspensions, Table};

use crate::{
    call::Caller,
    problem::{Code, Fault, Problem},
};

/// How long what was read is believed.
const LIFE: i64 = 30_000;

#[derive(Clone)]
struct Known {
    at: Time,
    told: Arc<HashMap<AccountId, Suspended>>,
}

/// What a process knows of who is suspended.
#[derive(Default)]
pub(crate) struct Door(Mutex<Option<Known>>);

impl Door {
    fn known(&self, now: Time) -> Option<Known> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.filter(|known| (0..LIFE).contains(&(now.ms() - known.at.ms())))
    }

    /// Lets somebody in who is not suspended.
    ///
    /// # Errors
    /// [`Code::Suspended`], with until when and why; what the table says when it cannot be read: nobody is let in unseen.
    pub(crate) async fn admit(&self, table: &Table, caller: &Caller, now: Time) -> Result<(), Fault> {
        let told = match self.known(now) {
            Some(known) => known.told,
            None => {
                let told = Arc::new(Suspensions(table).recent(now).await?);
                let known = Known { at: now, told: Arc::clone(&told) };
                *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
                told
            }
        };
        match verdict(told.get(&caller.id), caller.suspended.as_ref(), now) {
            None => Ok(()),
            Some(suspended) => {
                let reason = suspended.reason.as_ref().map(|reason| reason.as_str().to_owned());
                Err(Problem::new(Code::Suspended)
                    .with("until", suspended.until.to_string())
                    .with("reason", reason)
                    .into())
            }
        }
    }
}

/// What holds of somebody: what was decided of late, or else what their token says.
fn verdict<'a>(told: Option<&'a Suspended>, claimed: Option<&'a Suspended>, now: Time) -> Option<&'a Suspended> {
    told.or(claimed).filter(|suspended| now < suspended.until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_of_late_counts_more_than_what_a_token_says() {
        let until = |ms| Suspended { until: Time::from_ms(ms), reason: None };
        let now = Time::from_ms(100);
        assert_eq!(verdict(None, None, now), None);
        assert_eq!(verdict(None, Some(&until(101)), now), Some(&until(101)));
        assert_eq!(verdict(None, Some(&until(100)), now), None, "until then, and not at that moment any more");
        assert_eq!(verdict(Some(&until(90)), Some(&until(500)), now), None, "lifted since");
        assert_eq!(verdict(Some(&until(300)), None, now), Some(&until(300)));
    }
}
