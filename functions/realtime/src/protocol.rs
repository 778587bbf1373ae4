//! `Sec-WebSocket-Protocol`: a browser can send no other header of its own, so that the token travels beside the name of
//! the protocol.

use edge::Event;

/// The protocol that frames of this API follow.
pub(crate) const PROTOCOL: &str = "madang.v1";

/// Whether the client offers the protocol: then it wants to hear that it was chosen, and closes if it does not.
pub(crate) fn is_offered(event: &Event<'_>) -> bool {
    event.header("sec-websocket-protocol").is_some_and(|offered| names(offered).any(|name| name == PROTOCOL))
}

/// The token that a connection is opened with: behind the protocol, or in the query for clients that cannot do that.
pub(crate) fn token<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    let beside = event.header("sec-websocket-protocol").and_then(beside);
    beside.or_else(|| event.parameter("token")).filter(|token| !token.is_empty())
}

/// What stands behind the protocol's name in an offer of exactly two.
fn beside(offered: &str) -> Option<&str> {
    let mut names = names(offered);
    match (names.next(), names.next(), names.next()) {
        (Some(PROTOCOL), Some(token), None) => Some(token),
        _ => None,
    }
}

fn names(offered: &str) -> impl Iterator<Item = &str> {
    offered.split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_stands_behind_the_protocols_name_and_nowhere_else() {
        assert_eq!(beside("madang.v1, a.b.c"), Some("a.b.c"));
        assert_eq!(beside("madang.v1,a.b.c"), Some("a.b.c"));
        for other in ["", "madang.v1", "a.b.c", "a.b.c, madang.v1", "madang.v2, a.b.c", "madang.v1, a, b"] {
            assert_eq!(beside(other), None, "{other}");
        }
    }
}
