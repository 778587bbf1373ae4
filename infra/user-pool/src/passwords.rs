//! Passwords: the policy, checking one, and the lock after wrong ones.

use crate::api::Fault;
use crate::srp;
use crate::state::{State, Status, User};
use crate::triggers::Metadata;
use crate::{AppClient, Inner};

/// Wrong passwords before the lock begins.
const FREE_TRIES: u32 = 5;
const LONGEST_LOCK_MS: i64 = 15 * 60_000;
const SYMBOLS: &str = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ";

/// 8 to 64 characters with a letter, a digit and a symbol.
pub(crate) fn conforms(password: &str) -> Result<(), Fault> {
    let refuse =
        |why: &str| Err(Fault::new("InvalidPasswordException", format!("Password did not conform with policy: {why}")));
    let length = password.chars().count();
    if length < 8 {
        refuse("Password not long enough")
    } else if length > 64 {
        refuse("Password too long")
    } else if password.starts_with(' ') || password.ends_with(' ') {
        refuse("Password must not begin or end with a space")
    } else if !password.chars().any(|c| c.is_ascii_alphabetic()) {
        refuse("Password must have letter characters")
    } else if !password.chars().any(|c| c.is_ascii_digit()) {
        refuse("Password must have numeric characters")
    } else if !password.chars().any(|c| SYMBOLS.contains(c)) {
        refuse("Password must have symbol characters")
    } else {
        Ok(())
    }
}

fn tally_name(state: &State, typed: &str) -> String {
    state.user(typed).map_or_else(|| typed.to_lowercase(), |user| user.username.clone())
}

/// Refuses while the lock is on; the right password does not open it either.
pub(crate) fn refuse_locked(state: &State, typed: &str, now_ms: i64) -> Result<(), Fault> {
    let tally = state.wrong_passwords.get(&tally_name(state, typed));
    if tally.is_some_and(|tally| now_ms < tally.locked_until_ms) {
        return Err(Fault::not_authorized("Password attempts exceeded"));
    }
    Ok(())
}

/// Counts one check: a right one clears the tally, a wrong one may lock.
pub(crate) fn count(state: &mut State, typed: &str, right: bool, now_ms: i64) -> Result<(), Fault> {
    // Tries made at the same time all passed the first look.
    refuse_locked(state, typed, now_ms)?;
    let name = tally_name(state, typed);
    if right {
        state.wrong_passwords.remove(&name);
        return Ok(());
    }
    let tally = state.wrong_passwords.entry(name).or_default();
    if now_ms - tally.last_ms.max(tally.locked_until_ms) > LONGEST_LOCK_MS {
        tally.count = 0;
    }
    tally.count += 1;
    tally.last_ms = now_ms;
    if tally.count >= FREE_TRIES {
        let lock_ms = 1000_i64.checked_shl(tally.count - FREE_TRIES).filter(|ms| *ms > 0).unwrap_or(LONGEST_LOCK_MS);
        tally.locked_until_ms = now_ms + lock_ms.min(LONGEST_LOCK_MS);
    }
    Err(Fault::wrong_password())
}

impl Inner {
    /// The verifier an unknown name is answered with.
    pub(crate) fn decoy(&self, name: &str) -> srp::Verifier {
        srp::decoy(self.settings.pool_id.as_bytes(), &name.to_lowercase())
    }

    pub(crate) fn enroll(&self, username: &str, password: &str) -> srp::Verifier {
        srp::enroll(self.pool_name(), username, password)
    }

    /// Checks a password sent in clear. The user is not yet signed in: see [`may_enter`].
    pub(crate) async fn check_password(
        &self,
        client: &AppClient,
        typed: &str,
        password: &str,
        validation_data: &Metadata,
    ) -> Result<User, Fault> {
        let now_ms = self.now_ms();
        let user = self.read(|state| {
            refuse_locked(state, typed, now_ms)?;
            Ok::<_, Fault>(state.user(typed).cloned())
        })?;
        if let Some(user) = &user {
            if !user.enabled {
                return Err(Fault::not_authorized("User is disabled."));
            }
            self.pre_authentication(&client.id, user, validation_data).await?;
        }
        // The same work is done for a name nobody has.
        let kept = user.as_ref().and_then(|user| user.password.clone()).unwrap_or_else(|| self.decoy(typed));
        let user_id = user.as_ref().map_or(typed, |user| user.username.as_str());
        let right = srp::matches(&kept, self.pool_name(), user_id, password);
        self.change(|state| count(state, typed, right, now_ms))?;
        user.ok_or_else(Fault::wrong_password)
    }
}

/// Whether someone who knows the password may come in.
pub(crate) fn may_enter(user: &User) -> Result<(), Fault> {
    if !user.enabled {
        return Err(Fault::not_authorized("User is disabled."));
    }
    if user.status == Status::Unconfirmed {
        return Err(Fault::new("UserNotConfirmedException", "User is not confirmed."));
    }
    Ok(())
}
