//! POST /me/identities: the caller will also sign in by an identity they have proved to hold.

use deserr::Deserr;
use domain::{account::Account, id::AccountId, input::Invalid, text::Secret};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use ports::{Identity, PoolError};
use schemars::JsonSchema;
use store::{AccountRecord, Error};

use crate::{Accounts, faults::told, me_edit::saved, views::MeView};

pub(crate) const ROUTE: Route<Accounts> = Row::post("accounts.identity_link", "/me/identities")
    .summary("Link an identity at Google, Kakao or Naver")
    .description(
        "Sign in by the provider in a second session and do not finish signing up; send that session's access token \
         here. Holding both tokens proves both accounts. An identity that has an account in use is not linked.",
    )
    .features(&["A15"])
    .needs(&[Setting::UserPoolId, Setting::ClientId, Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Table("DeleteItem", &["ACCOUNT#", "NICKNAME#"]),
        Grant::Pool(&["GetUser", "AdminDeleteUser", "AdminLinkProviderForUser"]),
    ])
    .takes::<Body>()
    .replies::<MeView>(200)
    .problems(&[Code::IdentityInUse, Code::VersionConflict, Code::BadToken, Code::NotFound, Code::TooMany])
    .budget(3, 2.0, 12.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "IdentityLink", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// The access token of the session that was opened by the provider.
    access_token: Secret,
}

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let Body { access_token } = call.body()?;
    let pool = app.pool()?;
    let accounts = store::Accounts(call.table()?);

    // The pool itself says whose token this is.
    let other = pool.user_of_token(access_token.reveal()).await.map_err(|refused| match refused {
        PoolError::WrongCredentials | PoolError::BadIdentity | PoolError::Failed(_) => not_a_token(),
        refused => told(refused, "/accessToken"),
    })?;
    let identity = Identity::in_username(&other.username).ok_or(Code::IdentityInUse)?;
    let other_id = AccountId::parse(&other.sub).map_err(|_| not_a_token())?;

    let (mine, theirs) =
        futures::try_join!(accounts.by_id_now(&caller.id), accounts.by_id_now(&other_id)).map_err(Fault::from)?;
    let mine = mine.and_then(AccountRecord::active).ok_or(Code::BadToken)?;
    if let Some(AccountRecord::Active(theirs)) = theirs {
        if theirs.onboarded || theirs.id == mine.id {
            return Err(Code::IdentityInUse.into());
        }
        accounts.remove_unfinished(&theirs).await.map_err(|error| match error {
            Error::Clash(_) => Fault::from(Code::IdentityInUse),
            error => error.into(),
        })?;
    }
    // Cognito links only identities that have no user. Should the call break off here, the next sign-in by the provider
    // makes the user again, and linking can be asked for again.
    pool.delete(&other.username).await.map_err(|refused| told(refused, "/accessToken"))?;
    pool.link(&mine.username, &identity).await.map_err(|refused| match refused {
        PoolError::BadIdentity => Code::IdentityInUse.into(),
        refused => told(refused, "/accessToken"),
    })?;

    let mut sign_in_by = mine.sign_in_by.clone();
    sign_in_by.push(identity.provider);
    sign_in_by.sort_unstable();
    sign_in_by.dedup();
    let after = Account { sign_in_by, updated_at: call.now, version: mine.version + 1, ..mine.clone() };
    saved(accounts.save(&mine, &after, call.now).await)?;
    Reply::ok(&MeView::of(after, caller.is_admin(), call)?)
}

fn not_a_token() -> Fault {
    Invalid::one("/accessToken", domain::input::Wrong::Malformed("an access token that is good")).into()
}
