//! Whether somebody is there (row P16), from their connections and what they chose.

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    input::Invalid,
    time::{HOUR, MINUTE, Time},
};

/// How long somebody does nothing before they count as away (row P16).
pub const IDLE: i64 = 5 * MINUTE;

/// How long a connection is believed in: the two hours that API Gateway gives it at the most, and ten minutes.
pub const CONNECTION_LIFE: i64 = 2 * HOUR + 10 * MINUTE;

/// Whether somebody is there: 온라인, 자리비움, 오프라인.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Presence {
    /// Connected, and did something within five minutes.
    Online,
    /// Connected, and idle; or said to be away.
    Away,
    /// Not connected, or not to be seen.
    Offline,
}

/// What somebody wants to be seen as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase)]
pub enum Choice {
    /// As the connections say.
    #[default]
    Automatic,
    /// Away, while connected.
    Away,
    /// Offline to everybody else.
    Invisible,
}

/// A connection, as far as presence asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sign {
    /// When it was opened.
    pub connected_at: Time,
    /// When its person last did something.
    pub active_at: Time,
    /// Whether its client said that its person does nothing.
    #[serde(default)]
    pub idle: bool,
}

impl Presence {
    /// Whether somebody with these connections and this choice is there.
    #[must_use]
    pub fn of(choice: Choice, signs: impl IntoIterator<Item = Sign>, now: Time) -> Self {
        let mut connected = false;
        let mut active = false;
        for sign in signs {
            // A `$disconnect` may never have come.
            if now < sign.connected_at.plus(CONNECTION_LIFE) {
                connected = true;
                active |= !sign.idle && now < sign.active_at.plus(IDLE);
            }
        }
        match (choice, connected, active) {
            (Choice::Invisible, ..) | (_, false, _) => Self::Offline,
            (Choice::Automatic, true, true) => Self::Online,
            (Choice::Away, true, _) | (Choice::Automatic, true, false) => Self::Away,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(connected: i64, active: i64, idle: bool) -> Sign {
        Sign { connected_at: Time::from_ms(connected), active_at: Time::from_ms(active), idle }
    }

    fn seen(choice: Choice, signs: &[Sign], now: i64) -> Presence {
        Presence::of(choice, signs.iter().copied(), Time::from_ms(now))
    }

    #[test]
    fn whoever_is_connected_and_active_is_online_to_the_last_millisecond_of_five_minutes() {
        let signs = [sign(0, 0, false)];
        assert_eq!(seen(Choice::Automatic, &signs, IDLE - 1), Presence::Online);
        assert_eq!(seen(Choice::Automatic, &signs, IDLE), Presence::Away);
        assert_eq!(seen(Choice::Automatic, &[], 0), Presence::Offline);
    }

    #[test]
    fn one_active_device_is_enough_and_an_idle_one_says_nothing() {
        assert_eq!(seen(Choice::Automatic, &[sign(0, 0, true)], 1), Presence::Away);
        assert_eq!(seen(Choice::Automatic, &[sign(0, 0, true), sign(0, 0, false)], 1), Presence::Online);
    }

    #[test]
    fn a_connection_that_never_ended_is_not_believed_in_for_ever() {
        let signs = [sign(0, CONNECTION_LIFE, false)];
        assert_eq!(seen(Choice::Automatic, &signs, CONNECTION_LIFE - 1), Presence::Online);
        assert_eq!(seen(Choice::Automatic, &signs, CONNECTION_LIFE), Presence::Offline);
    }

    #[test]
    fn what_somebody_chose_holds_while_they_are_connected() {
        let signs = [sign(0, 0, false)];
        assert_eq!(seen(Choice::Away, &signs, 1), Presence::Away);
        assert_eq!(seen(Choice::Invisible, &signs, 1), Presence::Offline);
        assert_eq!(seen(Choice::Away, &[], 1), Presence::Offline);
    }
}
