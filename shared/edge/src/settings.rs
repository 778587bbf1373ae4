//! Settings: what a function is told by its environment, read once at cold start; all that is missing is said at once.

use std::collections::BTreeMap;

/// A setting by the name of its variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// The public address of this API, no slash at the end.
    ApiUrl,
    /// The user pool's app client.
    ClientId,
    /// Where connections of the WebSocket API are sent frames, no slash at the end.
    ConnectionsUrl,
    /// The key that cursors are signed with.
    CursorKey,
    /// What the names of this deployment's functions begin with: `listings.expire` is `<prefix>-listings-expire`.
    FunctionPrefix,
    /// The address of the hosted sign-in, no slash at the end.
    HostedUrl,
    /// Where the user pool publishes its keys.
    JwksUrl,
    /// Who mails come from, as in `From`; `none` where nobody may send any yet.
    MailFrom,
    /// The bucket of uploads, renditions and files of messages.
    MediaBucket,
    /// Where renditions are shown from, no slash at the end.
    MediaUrl,
    /// Naver's userinfo.
    NaverUserinfoUrl,
    /// Pages a browser may be sent back to after signing in, separated by commas.
    ReturnUrls,
    /// The table.
    TableName,
    /// Who issues tokens: the user pool.
    TokenIssuer,
    /// The user pool.
    UserPoolId,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 15] = [
        Self::ApiUrl,
        Self::ClientId,
        Self::ConnectionsUrl,
        Self::CursorKey,
        Self::FunctionPrefix,
        Self::HostedUrl,
        Self::JwksUrl,
        Self::MailFrom,
        Self::MediaBucket,
        Self::MediaUrl,
        Self::NaverUserinfoUrl,
        Self::ReturnUrls,
        Self::TableName,
        Self::TokenIssuer,
        Self::UserPoolId,
    ];

    /// The variable's name.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::ApiUrl => "API_URL",
            Self::ClientId => "CLIENT_ID",
            Self::ConnectionsUrl => "CONNECTIONS_URL",
            Self::CursorKey => "CURSOR_KEY",
            Self::FunctionPrefix => "FUNCTION_PREFIX",
            Self::HostedUrl => "HOSTED_URL",
            Self::JwksUrl => "JWKS_URL",
            Self::MailFrom => "MAIL_FROM",
            Self::MediaBucket => "MEDIA_BUCKET",
            Self::MediaUrl => "MEDIA_URL",
            Self::NaverUserinfoUrl => "NAVER_USERINFO_URL",
            Self::ReturnUrls => "RETURN_URLS",
            Self::TableName => "TABLE_NAME",
            Self::TokenIssuer => "TOKEN_ISSUER",
            Self::UserPoolId => "USER_POOL_ID",
        }
    }
}

/// The settings of a function.
#[derive(Clone, Default)]
pub struct Settings(BTreeMap<Setting, String>);

impl Settings {
    /// Reads what is needed from where `lookup` finds it.
    ///
    /// # Errors
    /// The names of all that is missing or empty, in one message.
    pub fn read(needed: &[Setting], lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut found = BTreeMap::new();
        let mut missing = vec![];
        for setting in needed {
            match lookup(setting.variable()).filter(|value| !value.is_empty()) {
                Some(value) => {
                    found.insert(*setting, value);
                }
                None => missing.push(setting.variable()),
            }
        }
        if missing.is_empty() { Ok(Self(found)) } else { Err(format!("missing settings: {}", missing.join(", "))) }
    }

    /// The value of a setting.
    ///
    /// # Errors
    /// A fault naming it, when the row did not declare it.
    pub fn get(&self, setting: Setting) -> Result<&str, crate::Fault> {
        self.0
            .get(&setting)
            .map(String::as_str)
            .ok_or_else(|| crate::Fault::internal(format!("the row does not declare {}", setting.variable())))
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Names only: a value may be a key.
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_missing_settings_are_named_in_one_message() {
        let error = Settings::read(&[Setting::TableName, Setting::ClientId, Setting::ApiUrl], |name| {
            (name == "CLIENT_ID").then(|| "c".to_owned())
        })
        .unwrap_err();
        assert_eq!(error, "missing settings: TABLE_NAME, API_URL");
    }

    #[test]
    fn settings_are_never_printed_with_their_values() {
        let settings = Settings::read(&[Setting::CursorKey], |_| Some("hush".into())).unwrap();
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
