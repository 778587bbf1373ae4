//! From exec to the first poll, the first call and the warm ones: the bootstraps beside the same handler in Node.js and
//! Python, by turns, so that a slow minute of the machine hits all alike.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    Outcome,
    figures::Figures,
    laptop::{Laptop, OWNER, TABLE},
    note, process,
    runtime_api::RuntimeApi,
};

/// Warm calls of each process.
const WARM: u32 = 24;
const LISTING: &str = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB";
const UPLOAD: &str = "med_01K9ZX3V5M8QJ4T0N2R6W7Y1AC";

struct Program {
    name: String,
    handler: &'static str,
    table_calls: u32,
    command: Vec<PathBuf>,
    folder: PathBuf,
    event: String,
    /// What a right reply has in it.
    proof: &'static str,
    zip: Option<PathBuf>,
    /// Told besides what all are told.
    variable: Option<(&'static str, &'static str)>,
    seen: Seen,
}

#[derive(Default)]
struct Seen {
    start_ms: Figures,
    start_cpu_ms: Figures,
    resident_mb: Figures,
    first_ms: Figures,
    first_cpu_ms: Figures,
    warm_ms: Figures,
    warm_cpu_ms: Figures,
    warm_mb: Figures,
}

fn programs(folder: &Path, work: &Path) -> Vec<Program> {
    let account = event("GET /accounts/{accountId}", &format!("/accounts/{OWNER}"), &json!({"accountId": OWNER}));
    let ours = |name: &str, handler, table_calls, event: Value, proof| Program {
        name: name.to_owned(),
        handler,
        table_calls,
        command: vec![folder.join(name)],
        folder: work.to_owned(),
        event: event.to_string(),
        proof,
        zip: Some(work.join(format!("{name}.zip"))),
        variable: None,
        seen: Seen::default(),
    };
    let theirs = |name: &str, zip: &str, command: Vec<PathBuf>| Program {
        name: name.to_owned(),
        handler: "app.handler",
        table_calls: 1,
        command,
        folder: work.join(zip),
        event: account.to_string(),
        proof: "nickname",
        zip: Some(work.join(format!("{zip}.zip"))),
        variable: None,
        seen: Seen::default(),
    };
    let (node, python) = (work.join("node"), work.join("python"));
    vec![
        ours("accounts", "accounts.account_show", 1, account.clone(), "nickname"),
        // Amazon Linux has its certificates in one file, Debian in a hundred and more.
        Program {
            name: "accounts, certificates in one file".to_owned(),
            variable: Some(("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")),
            ..ours("accounts", "accounts.account_show", 1, account.clone(), "nickname")
        },
        ours(
            "listings",
            "listings.show",
            2,
            event("GET /listings/{listingId}", &format!("/listings/{LISTING}"), &json!({"listingId": LISTING})),
            "title",
        ),
        ours(
            "media",
            "media.show",
            1,
            event("GET /media/{mediaId}", &format!("/media/{UPLOAD}"), &json!({"mediaId": UPLOAD})),
            "ready",
        ),
        ours("changes", "changes.project", 0, json!({"Records": []}), "batchItemFailures"),
        theirs(
            "Node.js 20",
            "node",
            vec!["node".into(), node.join("node_modules/aws-lambda-ric/index.mjs"), "app.handler".into()],
        ),
        theirs(
            "Python 3.11",
            "python",
            vec![python.join("venv/bin/python"), "-m".into(), "awslambdaric".into(), "app.handler".into()],
        ),
    ]
}

/// An event of payload format 2.0, from the first demo person.
fn event(route: &str, path: &str, parameters: &Value) -> Value {
    json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
        "headers": {"accept": "application/json", "accept-language": "ko", "host": "api.example.com",
            "user-agent": "bench", "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https"},
        "pathParameters": parameters, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "000000000000", "apiId": "bench", "domainName": "api.example.com", "domainPrefix": "api",
            "http": {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1",
                "userAgent": "bench"},
            "authorizer": {"jwt": {"claims": {"sub": OWNER, "token_use": "access", "username": OWNER,
                "client_id": "bench", "scope": "aws.cognito.signin.user.admin"}, "scopes": []}},
            "requestId": "bench", "routeKey": route, "stage": "$default",
            "time": "21/Nov/2026:03:00:00 +0000", "timeEpoch": 1_795_230_000_000_u64,
        },
    })
}

pub(crate) fn measure(folder: &Path, work: &Path, rounds: u32) -> Outcome<String> {
    let laptop = Laptop::start(&folder.join("local"), None, &["--quiet"])?;
    let mut api = RuntimeApi::start()?;
    let mut programs = programs(folder, work);
    // The first round is not counted: files come from the disk.
    for round in 0..=rounds {
        for program in &mut programs {
            let seen = once(program, &laptop, &mut api).map_err(|error| format!("{}: {error}", program.name))?;
            if round > 0 {
                program.seen.join(seen);
            }
        }
        note(&format!("round {round} of {rounds}"));
    }
    let mut certificates = vec![];
    for program in &programs {
        certificates.push(opened(program, &laptop, &mut api)?);
    }
    Ok(report(&programs, &certificates, rounds))
}

impl Seen {
    fn join(&mut self, other: Self) {
        self.start_ms.append(other.start_ms);
        self.start_cpu_ms.append(other.start_cpu_ms);
        self.resident_mb.append(other.resident_mb);
        self.first_ms.append(other.first_ms);
        self.first_cpu_ms.append(other.first_cpu_ms);
        self.warm_ms.append(other.warm_ms);
        self.warm_cpu_ms.append(other.warm_cpu_ms);
        self.warm_mb.append(other.warm_mb);
    }
}

fn once(program: &Program, laptop: &Laptop, api: &mut RuntimeApi) -> Outcome<Seen> {
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let mut seen = Seen::default();
    let mut command = command(program, &program.command, laptop, api);
    let started = Instant::now();
    let mut child = Killed(command.spawn()?);
    let pid = child.0.id();
    let mut poll = api.poll()?;
    seen.start_ms.add(ms(poll.at - started));
    let at_poll = process::cpu_ms(pid);
    seen.start_cpu_ms.add(at_poll);
    seen.resident_mb.add(process::resident_mb(pid));

    let (took, reply) = api.invoke(poll, &program.event)?;
    if !reply.contains(program.proof) {
        return Err(format!("a wrong reply: {reply}").into());
    }
    poll = api.poll()?;
    seen.first_ms.add(ms(took));
    let after_first = process::cpu_ms(pid);
    seen.first_cpu_ms.add(after_first - at_poll);
    for _ in 0..WARM {
        let (took, _) = api.invoke(poll, &program.event)?;
        seen.warm_ms.add(ms(took));
        poll = api.poll()?;
    }
    seen.warm_cpu_ms.add((process::cpu_ms(pid) - after_first) / f64::from(WARM));
    seen.warm_mb.add(process::peak_mb(pid));
    child.0.kill()?;
    drop(poll);
    Ok(seen)
}

/// A process that is ended whatever happens.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A program with what Lambda and a deployment tell it.
fn command(program: &Program, line: &[PathBuf], laptop: &Laptop, api: &RuntimeApi) -> Command {
    let url = format!("http://{}", laptop.address);
    let mut command = Command::new(line.first().cloned().unwrap_or_default());
    command.args(line.get(1..).unwrap_or_default()).current_dir(&program.folder).env_clear();
    command.stdout(Stdio::null()).stderr(Stdio::inherit());
    command.envs([
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("_HANDLER", program.handler),
        ("AWS_LAMBDA_RUNTIME_API", &api.address.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("LAMBDA_TASK_ROOT", &program.folder.display().to_string()),
        ("AWS_REGION", "ap-northeast-2"),
        ("AWS_DEFAULT_REGION", "ap-northeast-2"),
        ("AWS_ACCESS_KEY_ID", "madang-local"),
        ("AWS_SECRET_ACCESS_KEY", "madang-local-secret"),
        ("AWS_ENDPOINT_URL", &url),
        ("API_URL", &url),
        ("CLIENT_ID", "bench"),
        ("CURSOR_KEY", "bench"),
        ("HOSTED_URL", &url),
        ("JWKS_URL", &url),
        ("MEDIA_BUCKET", "madang-local-media"),
        ("MEDIA_URL", &url),
        ("NAVER_USERINFO_URL", &url),
        ("RETURN_URLS", &url),
        ("TABLE_NAME", TABLE),
        ("TOKEN_ISSUER", &url),
        ("USER_POOL_ID", "bench"),
    ]);
    command.envs(program.variable);
    command
}

/// Files opened before the first poll, those among them below a folder of certificates, and the same up to the end of
/// the first call. By strace, which slows everything: no times are taken here.
fn opened(program: &Program, laptop: &Laptop, api: &mut RuntimeApi) -> Outcome<[usize; 4]> {
    let log = program.folder.join("strace.log");
    let mut line: Vec<PathBuf> =
        ["strace", "-f", "-qq", "-e", "trace=open,openat", "-o"].iter().map(PathBuf::from).collect();
    line.push(log.clone());
    line.extend(program.command.iter().cloned());
    let count = || -> Outcome<(usize, usize)> {
        let text = std::fs::read_to_string(&log)?;
        let opened: Vec<&str> = text.lines().filter(|line| line.contains("open") && !line.contains("ENOENT")).collect();
        let of_certificates = |line: &&&str| line.contains("/etc/ssl") || line.contains("/usr/share/ca-certificates");
        Ok((opened.len(), opened.iter().filter(of_certificates).count()))
    };
    let child = Killed(command(program, &line, laptop, api).spawn()?);
    let poll = api.poll()?;
    let (before, certificates_before) = count()?;
    api.invoke(poll, &program.event)?;
    let poll = api.poll()?;
    let (after, certificates_after) = count()?;
    // strace would let what it watches run on.
    let tracee = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.0.id()))?;
    for pid in tracee.split_whitespace() {
        Command::new("kill").args(["-KILL", pid]).status()?;
    }
    drop(poll);
    Ok([before, certificates_before, after, certificates_after])
}

fn report(programs: &[Program], opened: &[[usize; 4]], rounds: u32) -> String {
    let mut text = format!(
        "{rounds} starts of each program by turns, one uncounted round before; {} warm calls of each. Medians unless \
         said otherwise.\n\n\
         | program | handler | table calls | exec → first poll ms (least) | CPU ms of it | resident MB at first poll | \
         first call ms (CPU) | warm ms p50 / p99 | CPU ms a warm call | peak MB after {WARM} calls | zip MB |\n\
         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
        programs.first().map_or(0, |program| program.seen.warm_ms.count()),
    );
    for Program { name, handler, table_calls, zip, seen, .. } in programs {
        let zip = zip.as_ref().and_then(|zip| std::fs::metadata(zip).ok()).map_or_else(
            || "–".to_owned(),
            |file| format!("{}.{:02}", file.len() / 1_000_000, file.len() / 10_000 % 100),
        );
        text.push_str(&format!(
            "| {name} | `{handler}` | {table_calls} | {:.1} ({:.1}) | {:.1} | {:.1} | {:.1} ({:.1}) | {:.2} / {:.2} | \
             {:.2} | {:.1} | {zip} |\n",
            seen.start_ms.median(),
            seen.start_ms.least(),
            seen.start_cpu_ms.median(),
            seen.resident_mb.median(),
            seen.first_ms.median(),
            seen.first_cpu_ms.median(),
            seen.warm_ms.median(),
            seen.warm_ms.at(0.99),
            seen.warm_cpu_ms.median(),
            seen.warm_mb.median(),
        ));
    }
    text.push_str(
        "\n| program | files opened before the first poll | certificates among them | files opened up to the end of \
         the first call | certificates among them |\n|---|--:|--:|--:|--:|\n",
    );
    for (program, [before, certificates_before, after, certificates_after]) in programs.iter().zip(opened) {
        text.push_str(&format!(
            "| {} | {before} | {certificates_before} | {after} | {certificates_after} |\n",
            program.name
        ));
    }
    text
}
