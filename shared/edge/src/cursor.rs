//! Cursors: opaque, and bound to the route, the query and the reader that they were given out for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::problem::{Code, Fault};

/// What a cursor belongs to.
pub struct Bound<'a> {
    /// The key that signs.
    pub key: &'a str,
    /// Route, reader, and what is asked apart from cursor and limit.
    pub to: String,
}

/// Bytes of the signature that are kept: 128 bits.
const SIGNATURE: usize = 16;

impl Bound<'_> {
    /// Wraps a position.
    #[must_use]
    pub fn seal(&self, position: &str) -> String {
        let mut bytes = self.signature(position).to_vec();
        bytes.extend_from_slice(position.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position in a cursor.
    ///
    /// # Errors
    /// [`Code::BadCursor`] for one that was changed or belongs elsewhere.
    pub fn open(&self, cursor: &str) -> Result<String, Fault> {
        let opened = || {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
            let (signature, position) = bytes.split_at_checked(SIGNATURE)?;
            let position = std::str::from_utf8(position).ok()?;
            self.mac(position)?.verify_truncated_left(signature).ok()?;
            Some(position.to_owned())
        };
        opened().ok_or_else(|| Code::BadCursor.into())
    }

    fn signature(&self, position: &str) -> [u8; SIGNATURE] {
        let mut kept = [0; SIGNATURE];
        if let Some(mac) = self.mac(position) {
            kept.copy_from_slice(&mac.finalize().into_bytes()[..SIGNATURE]);
        }
        kept
    }

    fn mac(&self, position: &str) -> Option<Hmac<Sha256>> {
        // HMAC takes keys of any length: this cannot fail.
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.as_bytes()).ok()?;
        mac.update(self.to.as_bytes());
        mac.update(&[0]);
        mac.update(position.as_bytes());
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::Bound;

    fn bound(to: &str) -> Bound<'static> {
        Bound { key: "k", to: to.to_owned() }
    }

    #[test]
    fn a_cursor_opens_where_it_was_given_out() {
        let cursor = bound("listings.feed?scope=seoul").seal("0001#lst_1");
        assert_eq!(bound("listings.feed?scope=seoul").open(&cursor).unwrap(), "0001#lst_1");
    }

    #[test]
    fn a_cursor_opens_nowhere_else_and_not_when_changed() {
        let cursor = bound("listings.feed?scope=seoul").seal("0001#lst_1");
        assert!(bound("listings.feed?scope=busan").open(&cursor).is_err());
        assert!(Bound { key: "other", to: "listings.feed?scope=seoul".into() }.open(&cursor).is_err());
        for at in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(bound("listings.feed?scope=seoul").open(&changed).is_err(), "changed at {at}");
        }
        for junk in ["", "x", "====", "한글", &"A".repeat(5000)] {
            assert!(bound("listings.feed?scope=seoul").open(junk).is_err());
        }
    }
}
