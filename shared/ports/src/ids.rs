//! Fresh identifiers.

use domain::time::Time;
use ulid::Ulid;

/// A ULID of this moment: its first half tells the time, so that identifiers sort by it; its second half is random.
#[must_use]
pub fn fresh_ulid(now: Time) -> String {
    Ulid::from_parts(milliseconds(now), Ulid::generate().random()).to_string()
}

/// The ULID that belongs to an event, the same each time it is asked for: for things that are made once an event.
#[must_use]
pub fn ulid_of(at: Time, event: &[u8; 16]) -> String {
    Ulid::from_parts(milliseconds(at), u128::from_be_bytes(*event)).to_string()
}

fn milliseconds(time: Time) -> u64 {
    u64::try_from(time.ms()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_sort_by_their_time_and_differ_within_it() {
        let (early, late) = (Time::from_ms(1_000), Time::from_ms(1_001));
        assert!(fresh_ulid(early) < fresh_ulid(late));
        assert_ne!(fresh_ulid(early), fresh_ulid(early));
    }

    #[test]
    fn an_events_identifier_is_the_same_each_time() {
        assert_eq!(ulid_of(Time::from_ms(5), &[7; 16]), ulid_of(Time::from_ms(5), &[7; 16]));
    }
}
