//! The account of whoever the pool knows: made when the address is confirmed, and made up for at sign-in should that
//! have failed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    account::{Account, Provider},
    id::AccountId,
    text::{Email, Nickname},
    time::Time,
};
use edge::{Code, Fault};
use ports::Identity;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::{AccountRecord, Accounts, Error, NewAccount, Table};

/// What the pool says of somebody: the attributes of a trigger's event or the claims of an ID token.
pub(crate) struct Known<'a> {
    pub(crate) username: &'a str,
    pub(crate) attributes: &'a Map<String, Value>,
}

impl Known<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).and_then(Value::as_str)
    }

    /// The account's identifier.
    pub(crate) fn id(&self) -> Result<AccountId, Fault> {
        self.text("sub")
            .and_then(|sub| AccountId::parse(sub).ok())
            .ok_or_else(|| Fault::internal("the pool named nobody"))
    }

    /// The address, if somebody vouches for it.
    pub(crate) fn verified_email(&self) -> Option<Email> {
        let verified = match self.attributes.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            Some(Value::String(text)) => text == "true",
            _ => false,
        };
        let vouched = self.provider().vouches_for_email();
        self.text("email").and_then(|email| Email::parse(email).ok()).filter(|_| verified && vouched)
    }

    fn provider(&self) -> Provider {
        Identity::in_username(self.username).map_or(Provider::Email, |identity| identity.provider)
    }

    fn account(&self, now: Time) -> Result<Account, Fault> {
        let id = self.id()?;
        let provider = self.provider();
        let chosen = self.text("nickname").and_then(|nickname| Nickname::parse(nickname).ok());
        // Nobody signs up by e-mail without; the pool keeps what was agreed to, for whoever makes the account later.
        let terms = self.text("custom:terms").filter(|_| provider == Provider::Email);
        let nickname = match chosen {
            Some(chosen) if terms.is_some() => chosen,
            _ => suggested(&id, self.text("nickname").or_else(|| self.text("name")).unwrap_or_default(), 0),
        };
        Ok(Account {
            username: self.username.to_owned(),
            email: self.verified_email(),
            nickname,
            onboarded: terms.is_some(),
            sign_in_by: vec![provider],
            image: None,
            phone: None,
            region: None,
            address: None,
            terms: terms.map(str::to_owned),
            created_at: now,
            updated_at: now,
            version: 1,
            id,
        })
    }
}

/// Who holds a nickname for an address that is not confirmed yet. A hash: keys are seen by whoever reads logs of AWS.
pub(crate) fn holder_of(email: &Email) -> String {
    let hash = Sha256::digest(email.as_str().as_bytes());
    format!("email:{}", URL_SAFE_NO_PAD.encode(&hash[..18]))
}

fn suggested(id: &AccountId, wanted: &str, attempt: u32) -> Nickname {
    let hash = Sha256::digest(format!("{id}{attempt}"));
    let number = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    Nickname::suggested(wanted, number)
}

/// The account of somebody, made if there is none. Safe to repeat.
pub(crate) async fn ensured(table: &Table, known: &Known<'_>, now: Time) -> Result<Account, Fault> {
    let accounts = Accounts(table);
    let id = known.id()?;
    match accounts.by_id_now(&id).await? {
        Some(AccountRecord::Active(account)) => return Ok(*account),
        // The token of somebody who has left is good for a while; it opens nothing.
        Some(AccountRecord::Withdrawn) => return Err(Code::BadToken.into()),
        None => {}
    }
    let mut account = known.account(now)?;
    let holder = account.email.as_ref().map_or_else(|| id.to_string(), holder_of);
    for attempt in 1..=5 {
        match accounts.create(NewAccount { account: &account, holder: &holder }, now).await {
            Ok(()) => return Ok(account),
            Err(Error::Clash(clash)) if clash.at(0) => {
                return match accounts.by_id_now(&id).await?.and_then(AccountRecord::active) {
                    Some(account) => Ok(account),
                    None => Err(Code::BadToken.into()),
                };
            }
            // The nickname went to somebody else while this address waited to be confirmed: another is suggested, and
            // the person is asked to choose.
            Err(Error::Clash(_)) => {
                account.nickname = suggested(&id, account.nickname.as_str(), attempt);
                account.onboarded = false;
            }
            Err(other) => return Err(other.into()),
        }
    }
    Err(Fault::internal("five suggested nicknames were taken"))
}

/// The claims in a token that came straight from the pool. Nothing is verified: it was not handed in by a caller.
pub(crate) fn claims_of(token: &str) -> Result<Map<String, Value>, Fault> {
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    payload
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| Fault::internal("the pool's token cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn known(username: &str, attributes: Value) -> Option<Email> {
        let attributes = attributes.as_object().cloned().unwrap();
        Known { username, attributes: &attributes }.verified_email()
    }

    #[test]
    fn an_address_counts_only_where_it_is_verified_and_vouched_for() {
        let verified = json!({"email": "a@b.kr", "email_verified": "true"});
        assert!(known("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506", verified.clone()).is_some());
        assert!(known("Google_1", verified.clone()).is_some());
        assert!(known("Kakao_1", verified.clone()).is_none());
        assert!(known("Naver_1", verified).is_none());
        assert!(known("Google_1", json!({"email": "a@b.kr", "email_verified": false})).is_none());
    }
}
