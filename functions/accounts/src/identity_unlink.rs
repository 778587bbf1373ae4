//! DELETE /me/identities/{provider}: the caller will no longer sign in by this provider.

use domain::{
    account::{Account, Provider},
    input::Wrong,
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row, Setting};
use ports::PoolError;
use store::AccountRecord;

use crate::{Accounts, faults::told, me_edit::saved, views::MeView};

pub(crate) const ROUTE: Route<Accounts> = Row::delete("accounts.identity_unlink", "/me/identities/{provider}")
    .summary("Unlink an identity")
    .description("`provider` is `google`, `kakao` or `naver`. The only way to sign in stays.")
    .features(&["A15"])
    .needs(&[Setting::UserPoolId, Setting::ClientId, Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
        Grant::Pool(&["AdminGetUser", "AdminDisableProviderForUser"]),
    ])
    .replies::<MeView>(200)
    .problems(&[Code::LastSignIn, Code::VersionConflict, Code::BadToken, Code::TooMany])
    .budget(2, 1.0, 4.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(app: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let provider = call.path("provider", |text| {
        let mut social = Provider::SOCIAL.into_iter();
        social.find(|p| p.pool_name().to_ascii_lowercase() == text).ok_or(Wrong::Malformed("google, kakao, naver"))
    })?;
    let accounts = store::Accounts(call.table()?);
    let before = accounts.by_id_now(&caller.id).await?.and_then(AccountRecord::active).ok_or(Code::BadToken)?;
    if !before.sign_in_by.contains(&provider) {
        return Err(Code::NotFound.into());
    }
    // A user that a provider made cannot be told apart from its provider.
    let born = ports::Identity::in_username(&before.username).map(|identity| identity.provider);
    if before.sign_in_by.len() == 1 || born == Some(provider) {
        return Err(Code::LastSignIn.into());
    }
    let pool = app.pool()?;
    let identities = pool.identities(&before.username).await.map_err(|refused| told(refused, ""))?;
    for identity in identities.iter().filter(|identity| identity.provider == provider) {
        pool.unlink(identity).await.map_err(|refused| match refused {
            PoolError::BadIdentity => Fault::from(Code::NotFound),
            other => told(other, ""),
        })?;
    }
    let sign_in_by = before.sign_in_by.iter().copied().filter(|known| *known != provider).collect();
    let after = Account { sign_in_by, updated_at: call.now, version: before.version + 1, ..before.clone() };
    saved(accounts.save(&before, &after, call.now).await)?;
    Reply::ok(&MeView::of(after, caller.is_admin(), call)?)
}
