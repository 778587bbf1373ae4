//! Listings whose deadline has passed, written down as expired by the schedule function, which goes on by itself.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    Outcome,
    figures::Figures,
    laptop::{Laptop, pause},
    load::{self, Kind},
    note, process,
    tables::{fresh_state, now},
};

pub(crate) fn measure(programs: &Path, work: &Path, listings: u32) -> Outcome<String> {
    let local = programs.join("local");
    let state = fresh_state(&local, work, "expiry")?;
    let now = now()?;
    load::load(&state.join("table.db"), 0..listings, Kind::Due, now)?;
    note(&format!("{listings} listings are due"));
    // Its schedules are due as soon as it is up; what a run of them invokes in turn is waited for by `settle`.
    let laptop = Laptop::start(&local, Some(&state), &[])?;
    let (before, started) = (process::cpu_ms(laptop.pid()), Instant::now());
    let mut expire = laptop.lines("listings.expire");
    while expire.is_empty() {
        pause(Duration::from_millis(10));
        expire = laptop.lines("listings.expire");
    }
    laptop.settle()?;
    let (wall, cpu) = (started.elapsed().as_secs_f64(), process::cpu_ms(laptop.pid()) - before);
    expire.extend(laptop.lines("listings.expire"));
    let follow = laptop.lines("changes.project");
    let left = laptop.connect()?.ask("GET", &format!("/listings?region={}&status=expired", load::BUSY), &[], "")?;
    let left: Value = serde_json::from_slice(&left.body)?;
    let shown = left["items"].as_array().map_or(0, Vec::len);
    laptop.stop()?;
    std::fs::remove_dir_all(&state)?;

    let sum =
        |lines: &[Value], name: &str| lines.iter().filter_map(|line| line[name].as_f64()).collect::<Figures>().sum();
    let failed = |lines: &[Value]| lines.iter().filter(|line| line["status"] != 200).count();
    Ok(format!(
        "| due | invocations of `listings.expire` | its seconds in all | its table calls | write units | read units | \
         failed | then `changes.project` | its write units | failed | all done after (s) | CPU (s) |\n\
         |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n\
         | {listings} | {} | {:.1} | {} | {} | {} | {} | {} | {} | {} | {wall:.1} | {:.1} |\n\n\
         Expired listings on the first page of a district afterwards: {shown}.\n",
        expire.len(),
        sum(&expire, "ms") / 1000.0,
        sum(&expire, "calls"),
        sum(&expire, "writeUnits"),
        sum(&expire, "readUnits"),
        failed(&expire),
        follow.len(),
        sum(&follow, "writeUnits"),
        failed(&follow),
        cpu / 1000.0,
    ))
}
