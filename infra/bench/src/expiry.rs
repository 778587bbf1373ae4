//! Listings whose deadline has passed, written down as expired by the schedule function, which goes on by itself.

use std::{path::Path, time::Instant};

use serde_json::{Value, json};

use crate::{
    Outcome,
    figures::Figures,
    laptop::Laptop,
    load::{self, Kind},
    note, process,
    tables::{fresh_state, now},
};

pub(crate) fn measure(programs: &Path, work: &Path, listings: u32) -> Outcome<String> {
    let local = programs.join("local");
    let state = fresh_state(&local, work, "expiry")?;
    let now = now()?;
    load::load(&state.join("table.db"), 0..listings, Kind::Due, now)?;
    let laptop = Laptop::start(&local, Some(&state), &[])?;
    laptop.settle()?;
    laptop.lines("listings.expire");
    laptop.lines("changes.project");
    note(&format!("{listings} listings are due"));

    let event = json!({
        "version": "0", "id": "00000000-0000-4000-8000-000000000000", "detail-type": "Scheduled Event",
        "source": "aws.events", "account": "000000000000", "time": now.to_string(), "region": "ap-northeast-2",
        "resources": [], "detail": {},
    });
    let before = process::cpu_ms(laptop.pid());
    let started = Instant::now();
    let path = "/2015-03-31/functions/listings.expire/invocations";
    let reply = laptop.connect()?.ask("POST", path, &[("x-amz-invocation-type", "Event")], &event.to_string())?;
    if reply.status() != 202 {
        return Err(format!("not taken: {}", reply.first).into());
    }
    laptop.settle()?;
    let (wall, cpu) = (started.elapsed().as_secs_f64(), process::cpu_ms(laptop.pid()) - before);
    let (expire, follow) = (laptop.lines("listings.expire"), laptop.lines("changes.project"));
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
