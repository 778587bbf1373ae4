//! The clock of the laptop cloud, which can be moved: functions learn the time from their events.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use domain::time::Time;

/// The machine's clock, and how far ahead of it the cloud is.
#[derive(Debug, Default)]
pub struct Clock {
    ahead: AtomicI64,
    /// Where it stands still; 0 while it runs.
    stopped: AtomicI64,
}

impl Clock {
    /// What time it is in the cloud.
    pub fn now(&self) -> Time {
        match self.stopped.load(Ordering::Relaxed) {
            0 => Time::from_ms(machine() + self.ahead.load(Ordering::Relaxed)),
            stopped => Time::from_ms(stopped),
        }
    }

    /// Sets the time. A clock that stands stays where it is put, a running one runs on from there.
    pub fn set(&self, time: Time) {
        if self.stopped.load(Ordering::Relaxed) == 0 {
            self.ahead.store(time.ms() - machine(), Ordering::Relaxed);
        } else {
            self.stopped.store(time.ms(), Ordering::Relaxed);
        }
    }

    /// Stops the clock at a moment, so that tests repeat to the millisecond.
    pub fn stop_at(&self, time: Time) {
        self.stopped.store(time.ms(), Ordering::Relaxed);
    }

    /// Back to the machine's time.
    pub fn reset(&self) {
        self.ahead.store(0, Ordering::Relaxed);
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is told the time by")]
pub(crate) fn machine() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
