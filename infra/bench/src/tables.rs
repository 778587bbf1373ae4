//! The same requests with few and with many listings in the table: units and round trips are the functions' own word.

use std::{
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use domain::time::Time;
use serde_json::Value;

use crate::{
    Outcome,
    figures::Figures,
    laptop::{Laptop, pause},
    load::{self, Kind},
    note,
};

/// Requests of a kind at each size.
const ROUNDS: u32 = 200;
/// Requests of a kind in a row.
const ROW: u32 = 20;

struct Request {
    name: &'static str,
    route: &'static str,
    path: fn(u32) -> String,
    seen: Vec<Seen>,
}

/// What requests of one kind took at one size.
#[derive(Default)]
struct Seen {
    units: Figures,
    round_trips: Figures,
    function_ms: Figures,
    client_ms: Figures,
    items: Figures,
}

/// `자전`, `자전거`, `ㅈㅈㄱ` as a query has them.
const BIKE_2: &str = "%EC%9E%90%EC%A0%84";
const BIKE_3: &str = "%EC%9E%90%EC%A0%84%EA%B1%B0";
const BIKE_INITIALS: &str = "%E3%85%88%E3%85%88%E3%84%B1";

fn requests() -> Vec<Request> {
    let request = |name, route, path| Request { name, route, path, seen: vec![] };
    vec![
        request("feed of a district", "listings.feed", |_| format!("/listings?region={}", load::BUSY)),
        request("feed of a province", "listings.feed", |_| "/listings?region=seoul".to_owned()),
        request("feed of the country", "listings.feed", |_| "/listings?region=all".to_owned()),
        request("feed, country, rental, category", "listings.feed", |_| {
            "/listings?region=all&kind=rental&category=sports".to_owned()
        }),
        request("feed, district, soonest deadline", "listings.feed", |_| {
            format!("/listings?region={}&sort=deadline", load::BUSY)
        }),
        request("listing by id", "listings.show", |round| format!("/listings/{}", load::id(round * 5 % 1_000))),
        request("search `자전`, country", "listings.feed", |_| format!("/listings?region=all&q={BIKE_2}")),
        request("search `ㅈㅈㄱ`, country", "listings.feed", |_| format!("/listings?region=all&q={BIKE_INITIALS}")),
        request("search `자전거`, country, rental", "listings.feed", |_| {
            format!("/listings?region=all&kind=rental&q={BIKE_3}")
        }),
    ]
}

/// A state folder with demo people and as yet nothing else.
pub(crate) fn fresh_state(local: &Path, work: &Path, name: &str) -> Outcome<std::path::PathBuf> {
    let state = work.join(name);
    if state.exists() {
        std::fs::remove_dir_all(&state)?;
    }
    Laptop::start(local, Some(&state), &[])?.stop()?;
    Ok(state)
}

pub(crate) fn now() -> Outcome<Time> {
    #[expect(clippy::disallowed_methods, reason = "deadlines are told from the laptop cloud's clock, which runs")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Time::from_ms(i64::try_from(since.as_millis())?))
}

pub(crate) fn measure(programs: &Path, work: &Path, listings: u32) -> Outcome<String> {
    let local = programs.join("local");
    let state = fresh_state(&local, work, "tables")?;
    let now = now()?;
    let sizes: Vec<u32> = [1_000, 10_000, listings].into_iter().filter(|size| *size <= listings).collect();
    let mut requests = requests();
    let (mut loaded, mut items, mut about) = (0, 0, vec![]);
    for size in &sizes {
        let started = Instant::now();
        items += load::load(&state.join("table.db"), loaded..*size, Kind::Fresh, now)?;
        loaded = *size;
        note(&format!("{size} listings, {items} items, loaded in {:.0} s", started.elapsed().as_secs_f64()));
        let laptop = Laptop::start(&local, Some(&state), &[])?;
        laptop.settle()?;
        for round in 0..ROUNDS / ROW + 1 {
            for request in &mut requests {
                let seen = row(&laptop, request, round * ROW)?;
                match round {
                    // The first row warms caches and connections.
                    0 => request.seen.push(Seen::default()),
                    _ => {
                        if let Some(all) = request.seen.last_mut() {
                            all.join(seen);
                        }
                    }
                }
            }
        }
        laptop.stop()?;
        about.push(format!("{size} listings are {items} items"));
    }
    std::fs::remove_dir_all(&state)?;
    Ok(report(&requests, &sizes, &about))
}

impl Seen {
    fn join(&mut self, other: Self) {
        self.units.append(other.units);
        self.round_trips.append(other.round_trips);
        self.function_ms.append(other.function_ms);
        self.client_ms.append(other.client_ms);
        self.items.append(other.items);
    }
}

fn row(laptop: &Laptop, request: &Request, from: u32) -> Outcome<Seen> {
    let mut seen = Seen::default();
    let mut connection = laptop.connect()?;
    laptop.lines(request.route);
    for round in from..from + ROW {
        let asked = Instant::now();
        let reply = connection.ask("GET", &(request.path)(round), &[], "")?;
        seen.client_ms.add(asked.elapsed().as_secs_f64() * 1000.0);
        if reply.status() != 200 {
            return Err(format!("{}: {}", request.name, String::from_utf8_lossy(&reply.body)).into());
        }
        let body: Value = serde_json::from_slice(&reply.body)?;
        let items = body["items"].as_array().map_or(1, Vec::len);
        seen.items.add(f64::from(u32::try_from(items)?));
    }
    // A line is written before its reply is sent, but read here by another thread.
    let mut lines = laptop.lines(request.route);
    for _ in 0..200 {
        if lines.len() >= usize::try_from(ROW)? {
            break;
        }
        pause(Duration::from_millis(5));
        lines.extend(laptop.lines(request.route));
    }
    let of = |name: &str| lines.iter().filter_map(|line| line[name].as_f64()).collect::<Figures>();
    seen.units = of("readUnits");
    seen.round_trips = of("roundTrips");
    seen.function_ms = of("ms");
    Ok(seen)
}

fn report(requests: &[Request], sizes: &[u32], about: &[String]) -> String {
    let mut text = format!(
        "{}. Each figure is of {ROUNDS} requests of a kind, in rows of {ROW} by turns; page size 20.\n\n\
         | request | listings in the table | items in the reply | read units (most) | round trips (most) | \
         function ms, median | function ms, p99 | client ms, median |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
        about.join("; ")
    );
    for request in requests {
        for (seen, size) in request.seen.iter().zip(sizes) {
            text.push_str(&format!(
                "| {} | {size} | {} | {} | {} | {:.2} | {:.2} | {:.2} |\n",
                request.name,
                seen.items.median(),
                seen.units.most(),
                seen.round_trips.most(),
                seen.function_ms.median(),
                seen.function_ms.at(0.99),
                seen.client_ms.median(),
            ));
        }
    }
    text
}
