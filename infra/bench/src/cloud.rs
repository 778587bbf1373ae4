//! The laptop cloud as people have it on their desk: how soon it is there, what it keeps of the memory, how much it
//! takes. The load comes from the same machine, so requests a second are of half of it.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    Outcome,
    figures::Figures,
    laptop::{Laptop, pause},
    note, process,
};

const STARTS: u32 = 10;
const CONNECTIONS: u32 = 64;
const SECONDS: u32 = 10;

pub(crate) fn measure(local: &Path, work: &Path, name: &str, load: bool) -> Outcome<String> {
    let (mut ready, mut cpu, mut resident, mut peak) =
        (Figures::default(), Figures::default(), Figures::default(), Figures::default());
    for start in 0..=STARTS {
        let laptop = Laptop::start(local, None, &[])?;
        // What the start still had to tidy up is done by then.
        pause(Duration::from_secs(1));
        if start > 0 {
            ready.add(laptop.ready.as_secs_f64() * 1000.0);
            cpu.add(process::cpu_ms(laptop.pid()));
            resident.add(process::resident_mb(laptop.pid()));
            peak.add(process::peak_mb(laptop.pid()));
        }
    }
    let mut text = format!(
        "| build | exec → seeded and serving ms (least – most of {STARTS}) | CPU ms | resident MB, idle | peak MB |\n\
         |---|--:|--:|--:|--:|\n| {name} | {:.0} ({:.0} – {:.0}) | {:.0} | {:.1} | {:.1} |\n",
        ready.median(),
        ready.least(),
        ready.most(),
        cpu.median(),
        resident.median(),
        peak.median(),
    );
    if load {
        text.push_str(&requests(local, work, name)?);
    }
    Ok(text)
}

fn requests(local: &Path, work: &Path, name: &str) -> Outcome<String> {
    let script = work.join("create.lua");
    let mut text = format!(
        "\n{CONNECTIONS} connections for {SECONDS} s.\n\n\
         | build | request | requests/s | p50 ms | p99 ms | not 2xx | CPU ms of the laptop cloud a request, the stream \
         worked off included | resident MB afterwards |\n|---|---|--:|--:|--:|--:|--:|--:|\n"
    );
    for request in ["feed", "create"] {
        let laptop = Laptop::start(local, None, &["--quiet"])?;
        let path = if request == "feed" { "/listings?region=seoul/gangnam-gu" } else { "/listings" };
        let script = if request == "create" {
            std::fs::write(&script, lua(&laptop.token()?))?;
            Some(script.as_path())
        } else {
            None
        };
        wrk(&laptop, path, script, 2)?;
        laptop.settle()?;
        let before = process::cpu_ms(laptop.pid());
        let said = wrk(&laptop, path, script, SECONDS)?;
        note(&said);
        laptop.settle()?;
        let cpu = process::cpu_ms(laptop.pid()) - before;
        let after = |word: &str| {
            let line = said.lines().find(|line| line.trim_start().starts_with(word)).unwrap_or_default();
            line.trim_start().trim_start_matches(word).trim().to_owned()
        };
        let all: f64 = said
            .lines()
            .find_map(|line| line.trim_start().split_once(" requests in "))
            .and_then(|(count, _)| count.parse().ok())
            .unwrap_or(1.0);
        let refused = after("Non-2xx or 3xx responses:");
        text.push_str(&format!(
            "| {name} | {request} | {} | {} | {} | {} | {:.2} | {:.0} |\n",
            after("Requests/sec:"),
            after("50%"),
            after("99%"),
            if refused.is_empty() { "0" } else { &refused },
            cpu / all,
            process::resident_mb(laptop.pid()),
        ));
    }
    Ok(text)
}

/// Puts a listing up, again and again.
fn lua(token: &str) -> String {
    format!(
        "wrk.method = 'POST'\nwrk.headers['content-type'] = 'application/json'\n\
         wrk.headers['authorization'] = 'Bearer {token}'\n\
         wrk.body = [[{{\"kind\":\"rental\",\"section\":\"lend\",\"title\":\"전동 드릴 빌려드려요\",\
         \"description\":\"비트 열 개 포함. 당일 반납도 좋습니다.\",\"category\":\"household\",\"price\":5000,\
         \"unit\":\"day\"}}]]\n"
    )
}

fn wrk(laptop: &Laptop, path: &str, script: Option<&Path>, seconds: u32) -> Outcome<String> {
    let mut command = Command::new("wrk");
    command.args(["-t1", &format!("-c{CONNECTIONS}"), &format!("-d{seconds}s"), "--latency", "--timeout", "10s"]);
    if let Some(script) = script {
        command.arg("-s").arg(script);
    }
    command.arg(format!("http://{}{path}", laptop.address)).stderr(Stdio::inherit());
    Ok(String::from_utf8(command.output()?.stdout)?)
}
