//! How many frames a connection may send: a bucket each, in the memory of the process.
//!
//! Each function of each process counts on its own. That bounds what one connection sets off, costs nothing, and forgets
//! what a restart forgets; what is counted exactly (messages, uploads) is counted in the table.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use domain::{id::ConnectionId, time::Time};

/// Frames at once.
const BURST: i64 = 20;
/// Milliseconds for one more.
const REFILL: i64 = 100;
/// Connections that are remembered; those whose bucket is full again are forgotten first.
const MOST: usize = 10_000;

/// When each connection's bucket is full again (the generic cell rate algorithm).
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<ConnectionId, i64>>);

impl Throttle {
    /// Takes a token; `Err(seconds)` when there is none before then.
    pub(crate) fn admit(&self, connection: &ConnectionId, now: Time) -> Result<(), i64> {
        let now = now.ms();
        // Numbers alone: a panic left nothing half done.
        let mut full_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() >= MOST {
            full_at.retain(|_, at| *at > now);
            if full_at.len() >= MOST {
                full_at.clear();
            }
        }
        let at = full_at.entry(connection.clone()).or_insert(now);
        let next = (*at).max(now) + REFILL;
        let wait = next - now - BURST * REFILL;
        if wait > 0 {
            return Err(wait.div_euclid(1000) + 1);
        }
        *at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> ConnectionId {
        ConnectionId::parse(&format!("c{n}")).unwrap()
    }

    #[test]
    fn twenty_at_once_and_ten_a_second_after_that() {
        let throttle = Throttle::default();
        let at = Time::from_ms;
        for _ in 0..20 {
            assert_eq!(throttle.admit(&id(1), at(0)), Ok(()));
        }
        assert_eq!(throttle.admit(&id(1), at(0)), Err(1));
        assert_eq!(throttle.admit(&id(2), at(0)), Ok(()), "each connection has its own");
        assert_eq!(throttle.admit(&id(1), at(100)), Ok(()));
        assert_eq!(throttle.admit(&id(1), at(100)), Err(1));
        for _ in 0..10 {
            assert_eq!(throttle.admit(&id(1), at(1_100)), Ok(()));
        }
        assert_eq!(throttle.admit(&id(1), at(1_100)), Err(1));
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let throttle = Throttle::default();
        for n in 0..MOST * 2 {
            assert_eq!(throttle.admit(&id(n), Time::from_ms(0)), Ok(()));
        }
        assert!(throttle.0.lock().unwrap().len() <= MOST);
    }
}
