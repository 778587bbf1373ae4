//! What several routes refuse alike.

use domain::{errand::Errand, listing::Status, time::Time};
use edge::{Code, Fault, Problem};
use store::Item;

/// The errand's status does not allow it.
pub(crate) fn status(status: Status) -> Fault {
    Problem::new(Code::WrongStatus).with("errandStatus", status.word()).into()
}

/// It was changed meanwhile: what stands there now.
pub(crate) fn changed(standing: Option<&Item>, now: Time) -> Fault {
    match standing.map(store::errand_in) {
        None => Code::NotFound.into(),
        Some(Ok(errand)) => status(errand.status_at(now)),
        Some(Err(error)) => error.into(),
    }
}

/// Only what is open takes quotes.
pub(crate) fn open(errand: &Errand, now: Time) -> Result<(), Fault> {
    match errand.status_at(now) {
        Status::Open => Ok(()),
        other => Err(status(other)),
    }
}
