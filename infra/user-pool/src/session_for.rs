//! Sessions that nobody signed in for: tests with hundreds of people have no time for the arithmetic of passwords.

use crate::{
    Pool,
    tokens::{Entry, SELF_SCOPE},
    triggers::Metadata,
};

/// A session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The access token, signed as any other.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
    /// Seconds until the access token runs out.
    pub expires_in: i64,
}

impl Pool {
    /// Begins a session of a user as if they had just signed in: for seeds. The function that words tokens is asked.
    ///
    /// # Errors
    /// When there is no such user or client, or what the pool says of it.
    pub async fn session_for(&self, username: &str) -> Result<Session, String> {
        let inner = &self.inner;
        let client = inner.settings.clients.first().ok_or("the pool has no client")?;
        let entry = Entry {
            client,
            username,
            scopes: vec![SELF_SCOPE.to_owned()],
            auth_time_s: inner.now_ms() / 1000,
            hosted: false,
            nonce: None,
            metadata: Metadata::default(),
        };
        let issued = inner.enter(entry).await.map_err(|fault| format!("{fault:?}"))?;
        let refresh = issued.refresh.ok_or("a sign-in without a refresh token")?;
        Ok(Session { access: issued.access, refresh, expires_in: crate::tokens::TOKEN_S })
    }
}
