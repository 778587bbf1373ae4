//! Codes: mailed, checked, and counted when wrong.

use serde_json::{Value, json};

use crate::api::Fault;
use crate::crypto::{same, six_digits};
use crate::state::{MailedCode, Purpose, State, Tally};
use crate::triggers::{About, CODE_PARAMETER, Metadata, USERNAME_PARAMETER};
use crate::{Inner, Mail};

const HOUR_MS: i64 = 3_600_000;
/// Wrong codes in a row before none is looked at any more, and for how long.
const WRONG_CODES: u32 = 5;
const WRONG_CODES_MS: i64 = 15 * 60_000;

impl Purpose {
    pub(crate) fn lives_ms(self) -> i64 {
        match self {
            Self::SignUp | Self::Email => 24 * HOUR_MS,
            Self::ForgotPassword => HOUR_MS,
        }
    }
}

/// How the API says where a code went.
pub(crate) fn delivery(address: &str) -> Value {
    json!({ "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": masked(address) })
}

/// `a***@e***`, whether anybody lives there or not.
fn masked(address: &str) -> String {
    let first = |part: &str| part.chars().next().map(String::from).unwrap_or_default();
    match address.split_once('@') {
        Some((local, domain)) => format!("{}***@{}***", first(local), first(domain)),
        None => format!("{}***@***", first(address)),
    }
}

impl Inner {
    pub(crate) fn new_code(&self) -> String {
        self.settings.fixed_code.clone().unwrap_or_else(six_digits)
    }

    /// Makes a code for a user, keeps it and mails it.
    pub(crate) async fn mail_code(
        &self,
        about: About<'_>,
        purpose: Purpose,
        address: &str,
        metadata: &Metadata,
    ) -> Result<(), Fault> {
        let code = self.new_code();
        let kept = MailedCode {
            code: code.clone(),
            expires_ms: self.now_ms() + purpose.lives_ms(),
            address: address.to_owned(),
        };
        self.change(|state| {
            state.user_mut(about.username).ok_or_else(Fault::no_user)?.codes.insert(purpose, kept);
            Ok(())
        })?;
        self.mail_text(about, address, &code, metadata).await
    }

    /// Mails a code or a temporary password, worded by the custom message function when there is one.
    pub(crate) async fn mail_text(
        &self,
        about: About<'_>,
        address: &str,
        code: &str,
        metadata: &Metadata,
    ) -> Result<(), Fault> {
        let user = self.read(|state| state.user(about.username).cloned()).ok_or_else(Fault::no_user)?;
        let (subject, message) = self.custom_message(about, &user, metadata).await?;
        let (default_subject, default_message) = match about.source {
            "CustomMessage_ForgotPassword" => ("Your password reset code", "Your password reset code is {####}"),
            "CustomMessage_AdminCreateUser" => {
                ("Your temporary password", "Your username is {username} and temporary password is {####}")
            }
            _ => ("Your verification code", "Your confirmation code is {####}"),
        };
        // A text without the placeholder could not do its work: the default goes out instead.
        let message = message.filter(|text| text.contains(CODE_PARAMETER));
        self.surroundings.mail(Mail {
            to: address.to_owned(),
            subject: subject.unwrap_or_else(|| default_subject.to_owned()),
            body_html_or_text: message
                .unwrap_or_else(|| default_message.to_owned())
                .replace(USERNAME_PARAMETER, address)
                .replace(CODE_PARAMETER, code),
            code: Some(code.to_owned()),
            trigger_source: about.source.to_owned(),
        });
        Ok(())
    }
}

/// Refuses when too many wrong codes came in a row. `name` may be anything: nobody learns whether a user exists.
pub(crate) fn refuse_guessing(state: &State, name: &str, now_ms: i64) -> Result<(), Fault> {
    let tally = state.wrong_codes.get(&tally_name(state, name));
    if tally.is_some_and(|tally| tally.count >= WRONG_CODES && now_ms - tally.last_ms < WRONG_CODES_MS) {
        return Err(Fault::new("LimitExceededException", "Attempt limit exceeded, please try after some time."));
    }
    Ok(())
}

/// Counts a wrong code.
pub(crate) fn count_wrong(state: &mut State, name: &str, now_ms: i64) {
    let name = tally_name(state, name);
    let tally = state.wrong_codes.entry(name).or_default();
    if now_ms - tally.last_ms >= WRONG_CODES_MS {
        *tally = Tally::default();
    }
    tally.count += 1;
    tally.last_ms = now_ms;
}

fn tally_name(state: &State, name: &str) -> String {
    state.user(name).map_or_else(|| name.to_lowercase(), |user| user.username.clone())
}

/// Uses up a user's code and answers with the address it proved.
pub(crate) fn redeem(
    state: &mut State,
    username: &str,
    purpose: Purpose,
    code: &str,
    now_ms: i64,
) -> Result<String, Fault> {
    refuse_guessing(state, username, now_ms)?;
    let kept =
        state.user(username).and_then(|user| user.codes.get(&purpose)).cloned().ok_or_else(Fault::expired_code)?;
    if !same(kept.code.as_bytes(), code.as_bytes()) {
        count_wrong(state, username, now_ms);
        return Err(Fault::code_mismatch());
    }
    if kept.expires_ms <= now_ms {
        return Err(Fault::expired_code());
    }
    let name = tally_name(state, username);
    state.wrong_codes.remove(&name);
    if let Some(user) = state.user_mut(username) {
        user.codes.remove(&purpose);
    }
    Ok(kept.address)
}
