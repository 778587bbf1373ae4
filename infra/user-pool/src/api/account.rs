//! ChangePassword, DeleteUser.

use serde_json::json;

use super::request::Request;
use super::{Fault, Outcome};
use crate::passwords::{conforms, count, refuse_locked};
use crate::{Inner, srp};

pub(super) fn change_password(inner: &Inner, request: &Request) -> Outcome {
    let user = request.bearer(inner)?;
    let previous = request.text("PreviousPassword", 1, 256)?;
    let proposed = request.text("ProposedPassword", 1, 256)?;
    let now_ms = inner.now_ms();
    inner.read(|state| refuse_locked(state, &user.username, now_ms))?;
    let right =
        user.password.as_ref().is_some_and(|kept| srp::matches(kept, inner.pool_name(), &user.username, &previous));
    inner.change(|state| count(state, &user.username, right, now_ms))?;
    conforms(&proposed)?;
    let verifier = inner.enroll(&user.username, &proposed);
    inner.change(|state| {
        let user = state.users.get_mut(&user.username).ok_or_else(Fault::no_user)?;
        user.password = Some(verifier);
        user.modified_ms = now_ms;
        Ok(json!({}))
    })
}

pub(super) fn delete(inner: &Inner, request: &Request) -> Outcome {
    let user = request.bearer(inner)?;
    inner.change(|state| {
        state.remove(&user.username);
        Ok(json!({}))
    })
}
