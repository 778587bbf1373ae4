//! Paid membership levels, as far as rules ask for them (row S6).

/// A paid membership level. Which one somebody has is said by their token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Nothing is paid.
    Free,
    /// BASIC.
    Basic,
    /// PREMIUM.
    Premium,
    /// EVENT, which writes as BASIC does.
    Event,
}

impl Tier {
    /// The tier of this name; an unknown one gives nothing.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "basic" => Self::Basic,
            "premium" => Self::Premium,
            "event" => Self::Event,
            _ => Self::Free,
        }
    }

    /// The most characters of a message (row S6: 150 free, 500 BASIC, 1,000 PREMIUM).
    #[must_use]
    pub fn longest_message(self) -> usize {
        match self {
            Self::Free => 150,
            Self::Basic | Self::Event => 500,
            Self::Premium => 1_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_that_nobody_sells_gives_what_is_free() {
        for (name, longest) in [
            ("free", 150),
            ("", 150),
            ("PREMIUM", 150),
            ("gold", 150),
            ("basic", 500),
            ("event", 500),
            ("premium", 1_000),
        ] {
            assert_eq!(Tier::named(name).longest_message(), longest, "{name}");
        }
    }
}
