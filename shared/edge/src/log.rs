//! One JSON line a call: what was asked of which route, by whom, how it ended, how long it took and what it cost.
//! Logs Insights reads the fields; they are no metrics of their own, which would cost more than the functions. Never bodies,
//! tokens or addresses.

use std::{io::Write as _, sync::Arc};

use domain::time::Time;
use serde_json::{Value, json};
use store::Meter;

/// Where lines go.
pub type LogSink = Arc<dyn Fn(&str) + Send + Sync>;

/// Lines on standard output, where Lambda picks them up.
pub(crate) fn stdout() -> LogSink {
    Arc::new(|line| {
        let mut out = std::io::stdout().lock();
        // A closed standard output is nobody's to be told.
        let _ = writeln!(out, "{line}");
    })
}

pub(crate) struct Line<'a> {
    pub(crate) route: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) caller: Option<&'a str>,
    pub(crate) status: u16,
    pub(crate) code: Option<&'a str>,
    pub(crate) fault: Option<&'a str>,
    pub(crate) ms: f64,
    pub(crate) meter: Meter,
    pub(crate) now: Time,
    pub(crate) cold: bool,
}

impl Line<'_> {
    pub(crate) fn spelled(&self) -> String {
        let rounded = |number: f64| (number * 100.0).round() / 100.0;
        let mut line = json!({
            "route": self.route,
            "requestId": self.request_id,
            "status": self.status,
            "ms": rounded(self.ms),
            "calls": self.meter.calls,
            "roundTrips": self.meter.round_trips,
            "readUnits": rounded(self.meter.read_units),
            "writeUnits": rounded(self.meter.write_units),
            "at": self.now,
        });
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                line[name] = value;
            }
        };
        add("caller", self.caller.map(Value::from));
        add("code", self.code.map(Value::from));
        add("fault", self.fault.map(Value::from));
        add("cold", self.cold.then_some(Value::Bool(true)));
        line.to_string()
    }
}
