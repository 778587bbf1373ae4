//! What the pool refuses, as what a caller is told.

use domain::input::{Invalid, Wrong};
use edge::{Code, Fault, Problem};
use ports::PoolError;

/// The problem of a refusal, with the field of the password that was judged, if one was.
pub(crate) fn told(error: PoolError, password_field: &str) -> Fault {
    match error {
        PoolError::EmailTaken => Code::EmailTaken.into(),
        PoolError::WrongCredentials => Code::WrongCredentials.into(),
        PoolError::Unconfirmed => Code::EmailUnconfirmed.into(),
        PoolError::WrongCode => Code::WrongCode.into(),
        PoolError::ExpiredCode => Code::ExpiredCode.into(),
        PoolError::BadPassword => {
            Invalid::one(password_field, Wrong::Malformed("8 to 64 characters with a letter, a digit and a symbol"))
                .into()
        }
        PoolError::TooMany => Problem::too_many(60).into(),
        PoolError::BadIdentity => Code::NotFound.into(),
        PoolError::Refused(what) | PoolError::Failed(what) => Fault::internal(what),
    }
}
