//! What an invocation costs: every call to the table is counted where it is made (row Z9).

use std::sync::{Arc, Mutex, PoisonError};

tokio::task_local! {
    static METER: Arc<Mutex<Meter>>;
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Meter {
    /// Calls made.
    pub calls: u32,
    /// Calls in sequence: calls that overlap count as one, since the caller waits for them together.
    pub round_trips: u32,
    /// Read capacity units consumed.
    pub read_units: f64,
    /// Write capacity units consumed.
    pub write_units: f64,
    in_flight: u32,
}

/// Whether a call reads or writes.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Read,
    Write,
}

/// Runs a future and says what it took of the table.
pub async fn metered<F: Future>(future: F) -> (F::Output, Meter) {
    let meter = Arc::new(Mutex::new(Meter::default()));
    let output = METER.scope(Arc::clone(&meter), future).await;
    let counted = *meter.lock().unwrap_or_else(PoisonError::into_inner);
    (output, counted)
}

/// Runs a future beside others without hiding how many calls they make one after another: what it takes is added, and its
/// round trips count where the others take fewer.
pub async fn metered_beside<F: Future>(future: F) -> F::Output {
    let (output, beside) = metered(future).await;
    with(|meter| {
        meter.calls += beside.calls;
        meter.round_trips = meter.round_trips.max(beside.round_trips);
        meter.read_units += beside.read_units;
        meter.write_units += beside.write_units;
    });
    output
}

fn with(change: impl FnOnce(&mut Meter)) {
    // Outside an invocation (a seed, a benchmark's set-up) nobody counts.
    let _ = METER.try_with(|meter| change(&mut meter.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// A call under way; it ends when dropped, also when the call is cancelled.
pub(crate) struct Call;

impl Call {
    pub(crate) fn start() -> Self {
        with(|meter| {
            meter.calls += 1;
            if meter.in_flight == 0 {
                meter.round_trips += 1;
            }
            meter.in_flight += 1;
        });
        Self
    }

    pub(crate) fn consumed(side: Side, units: f64) {
        with(|meter| match side {
            Side::Read => meter.read_units += units,
            Side::Write => meter.write_units += units,
        });
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        with(|meter| meter.in_flight = meter.in_flight.saturating_sub(1));
    }
}
