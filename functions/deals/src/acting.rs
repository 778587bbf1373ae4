//! Doing something to a deal: decided on what is there now, written on the condition that it still is, and decided again
//! where it is not.

use domain::input::{Invalid, Wrong, text_value, wrong_at};
use std::collections::HashMap;

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    account::Account,
    deal::{Action, By, Deal, Facts, Refused, Said, Step, Terms},
    id::{AccountId, DealId},
    listing::Status,
    time::Time,
};
use edge::{Call, Code, Fault, Outcome, Problem, Reply, Setting};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use store::{Accounts, Around, Deals, Error, Table, Told};

use crate::views::{DealView, Look};

/// How often what was decided is decided anew because something else happened at that moment.
pub(crate) const TRIES: u32 = 8;

/// `?dryRun=true`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Flag(pub(crate) bool);

impl Deserr<Invalid> for Flag {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        match text_value(value, at)?.as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err(wrong_at(Wrong::UnknownValue("true, false".into()), at)),
        }
    }
}

impl JsonSchema for Flag {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Flag".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "boolean", "default": false})
    }
}

/// The query of what can be tried without doing it.
#[derive(Debug, Default, Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
pub(crate) struct Trial {
    /// Only says what would happen.
    #[deserr(default)]
    #[schemars(default)]
    pub(crate) dry_run: Flag,
}

/// What a refusal is answered with: what is so now.
pub(crate) fn refused(refused: Refused, deal: Option<(&Deal, &By<'_>, &Facts, Time)>) -> Fault {
    let problem = match refused {
        Refused::Invalid(invalid) => return invalid.into(),
        Refused::NotYours => Problem::new(Code::NotYours),
        Refused::State(_) => Problem::new(Code::DealMoved),
        Refused::Subject(status) => {
            Problem::new(Code::WrongStatus).with("listingStatus", status.map_or("deleted", Status::word))
        }
        Refused::Taken => Problem::new(Code::TimesTaken),
        Refused::TooFewCoins { needs, has } => Problem::new(Code::TooFewCoins).with("needs", needs).with("has", has),
        Refused::TooEarly(from) => Problem::new(Code::TooEarly).with("from", from.to_string()),
        Refused::TooLate(until) => Problem::new(Code::Passed).with("until", until.to_string()),
        Refused::NothingHeld => Problem::new(Code::NothingHeld),
        Refused::Extension => Problem::new(Code::NoExtension),
    };
    let problem = match deal {
        None => problem,
        Some((deal, by, facts, now)) => {
            let actions: Vec<_> = deal.actions(by, facts, now).into_iter().map(Action::word).collect();
            problem.with("state", deal.at(now).deal.state.word()).with("actions", actions)
        }
    };
    problem.into()
}

/// Does something to a deal and shows what came of it.
pub(crate) async fn act(call: &Call<'_>, by: &By<'_>, action: Action, said: &Said, trial: Trial) -> Outcome {
    let id = call.path("dealId", DealId::parse)?;
    let (table, now) = (call.table()?, call.now);
    for _ in 0..TRIES {
        let deal = seen(table, &id, by).await?;
        let around = Deals(table).around(&deal).await?;
        let facts = around.facts(&deal, said, now);
        let step = match deal.step(action, by, said, &facts, now) {
            Ok(step) => step,
            // The same again, by whoever did it: it is done.
            Err(_) if is_done(&deal, action, by, said) => {
                return Reply::ok(&shown(call, &deal, &around, by).await?);
            }
            Err(why) => return Err(refused(why, Some((&deal, by, &facts, now)))),
        };
        if trial.dry_run.0 {
            return Reply::ok(&shown(call, &step.deal, &around, by).await?.would(&step));
        }
        if written(table, Some(&deal), &step, &around, Told::default(), now).await? {
            return Reply::ok(&shown(call, &step.deal, &after(&around, &step), by).await?);
        }
    }
    Err(Code::InProgress.into())
}

fn is_done(deal: &Deal, action: Action, by: &By<'_>, said: &Said) -> bool {
    let asked = match &deal.terms {
        Terms::Rental { extension, .. } if action == Action::AskExtension => *extension == said.until,
        _ => true,
    };
    let account = match by {
        By::Account(account) => Some(*account),
        By::Admin(_) | By::Madang => None,
    };
    deal.last == action && action != Action::Propose && deal.by.as_ref() == account && asked
}

/// A deal that the caller may know of.
async fn seen(table: &Table, id: &DealId, by: &By<'_>) -> Result<Deal, Fault> {
    let deal = Deals(table).by_id_now(id).await?.ok_or(Code::NotFound)?;
    match by {
        By::Account(account) if !deal.is_of(account) => Err(Code::NotFound.into()),
        _ => Ok(deal),
    }
}

/// Writes what was decided; whether everything was still as it was decided on.
pub(crate) async fn written(
    table: &Table,
    before: Option<&Deal>,
    step: &Step,
    around: &Around,
    told: Told,
    now: Time,
) -> Result<bool, Fault> {
    match Deals(table).write(before, step, around, told, now).await {
        Ok(()) => Ok(true),
        Err(Error::Clash(_) | Error::Contended) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// What is around a deal once its step is written, as far as it matters for what may be done next.
pub(crate) fn after(around: &Around, step: &Step) -> Around {
    use domain::{deal::Effect, listing::Step as Listing};
    let mut after = around.clone();
    for effect in step.effects() {
        let step = match effect {
            Effect::Reserve => Listing::Reserve,
            Effect::Release => Listing::Release,
            Effect::Close => Listing::Close,
            _ => continue,
        };
        if let Some(listing) = &mut after.listing {
            listing.status = listing.status.after(step).unwrap_or(listing.status);
        }
        if let Some(errand) = &mut after.errand {
            errand.status = errand.status.after(step).unwrap_or(errand.status);
        }
    }
    after
}

/// A deal as the caller sees it.
pub(crate) async fn shown(call: &Call<'_>, deal: &Deal, around: &Around, by: &By<'_>) -> Result<DealView, Fault> {
    let people = Accounts(call.table()?).by_ids(&[deal.host.clone(), deal.guest.clone()]).await?;
    shown_to(call, deal, around, by, &people)
}

/// A deal as the caller sees it, by who is known to be in it.
pub(crate) fn shown_to(
    call: &Call<'_>,
    deal: &Deal,
    around: &Around,
    by: &By<'_>,
    people: &HashMap<AccountId, Account>,
) -> Result<DealView, Fault> {
    let look = Look { people, reader: *by, media_url: call.setting(Setting::MediaUrl)?, now: call.now };
    let facts = Facts { balance: None, free: None, ..around.facts(deal, &Said::default(), call.now) };
    Ok(DealView::of(deal, &facts, &look))
}

/// A deal that the caller is a side of, for reading.
pub(crate) async fn of_caller(call: &Call<'_>) -> Result<(Deal, Around), Fault> {
    let id = call.path("dealId", DealId::parse)?;
    let table = call.table()?;
    let deal = seen(table, &id, &By::Account(&call.caller()?.id)).await?;
    let around = Deals(table).around(&deal).await?;
    Ok((deal, around))
}
