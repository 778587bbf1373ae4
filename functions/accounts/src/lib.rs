//! Accounts: signing up, signing in, who somebody is, and the districts of the country.

use std::sync::{Arc, OnceLock};

use edge::{Context, Env, Event, Fault, Route, Setting};
use ports::UserPool;

mod account_show;
mod admin_account_show;
mod agreed;
mod custom_message;
mod email_availability;
mod faults;
mod hosted_callback;
mod hosted_start;
mod identity_link;
mod identity_unlink;
mod made;
mod me_delete;
mod me_edit;
mod me_onboard;
mod me_show;
mod naver_userinfo;
mod nickname_availability;
mod password_change;
mod password_forgot;
mod password_reset;
mod post_confirmation;
mod pre_sign_up;
mod pre_token_generation;
mod region_at;
mod region_list;
mod session;
mod session_create;
mod session_end;
mod session_exchange;
mod session_refresh;
mod sign_out_everywhere;
mod sign_up;
mod sign_up_confirm;
mod sign_up_resend;
mod views;

/// What the functions of this context share.
pub struct Accounts {
    env: Arc<Env>,
    pool: OnceLock<UserPool>,
    web: OnceLock<reqwest::Client>,
}

impl Accounts {
    /// The user pool, made at first use.
    fn pool(&self) -> Result<&UserPool, Fault> {
        let pool = self.env.settings.get(Setting::UserPoolId)?;
        let client = self.env.settings.get(Setting::ClientId)?;
        Ok(self.pool.get_or_init(|| UserPool::new(&self.env.sdk, pool, client)))
    }

    /// The user pool whose trigger this is: the pool names the function, so that the function cannot also be told the pool.
    fn pool_of(&self, event: &Event<'_>) -> &UserPool {
        let pool = event.payload["userPoolId"].as_str().unwrap_or_default();
        let client = event.payload["callerContext"]["clientId"].as_str().unwrap_or_default();
        self.pool.get_or_init(|| UserPool::new(&self.env.sdk, pool, client))
    }

    /// A client for other servers, made at first use.
    fn web(&self) -> Result<&reqwest::Client, Fault> {
        if let Some(web) = self.web.get() {
            return Ok(web);
        }
        let web = reqwest::Client::builder()
            .timeout(std::time::Duration::from_secs(5))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Fault::internal)?;
        Ok(self.web.get_or_init(|| web))
    }
}

impl Context for Accounts {
    const NAME: &'static str = "accounts";

    fn routes() -> &'static [Route<Self>] {
        const ROUTES: &[Route<Accounts>] = &[
            sign_up::ROUTE,
            sign_up_confirm::ROUTE,
            sign_up_resend::ROUTE,
            email_availability::ROUTE,
            nickname_availability::ROUTE,
            session_create::ROUTE,
            session_exchange::ROUTE,
            session_refresh::ROUTE,
            session_end::ROUTE,
            sign_out_everywhere::ROUTE,
            hosted_start::ROUTE,
            hosted_callback::ROUTE,
            password_forgot::ROUTE,
            password_reset::ROUTE,
            password_change::ROUTE,
            me_show::ROUTE,
            me_edit::ROUTE,
            me_onboard::ROUTE,
            me_delete::ROUTE,
            identity_link::ROUTE,
            identity_unlink::ROUTE,
            account_show::ROUTE,
            admin_account_show::ROUTE,
            region_list::ROUTE,
            region_at::ROUTE,
            naver_userinfo::ROUTE,
            pre_sign_up::ROUTE,
            post_confirmation::ROUTE,
            pre_token_generation::ROUTE,
            custom_message::ROUTE,
        ];
        ROUTES
    }

    fn new(env: &Arc<Env>) -> Result<Self, String> {
        Ok(Self { env: Arc::clone(env), pool: OnceLock::new(), web: OnceLock::new() })
    }
}
