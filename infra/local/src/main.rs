//! `make run`: the laptop cloud; `local invoke events/….json`: one function, one event.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use local::{Cloud, Options, check_files, invoke_file, recorded, seed};

/// The whole of Madang on one port of this machine, without a network.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Where the state is kept.
    #[arg(long, default_value = ".local")]
    state: PathBuf,
    /// Keep nothing: everything is gone when this ends.
    #[arg(long)]
    memory: bool,
    /// Start empty, without the demo people.
    #[arg(long)]
    no_seed: bool,
    /// Run each function in a process of its own, from the bootstraps in this folder.
    #[arg(long, value_name = "FOLDER")]
    processes: Option<PathBuf>,
    /// An origin whose pages may call; may be given several times.
    #[arg(long, default_value = "http://localhost:5173")]
    origin: Vec<String>,
    /// Stand at the moment the event files happen, with every code known: each answers as recorded.
    #[arg(long)]
    demo_time: bool,
    /// Do not print a line for each request.
    #[arg(long)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Invokes one function with an event file, on a seeded cloud of its own, and prints the reply.
    Invoke {
        /// The event file; its place says which function it is for. There may be several.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Another function, by its row's name.
        #[arg(long)]
        function: Option<String>,
        /// Compare each reply with the one recorded beside the event file.
        #[arg(long, conflicts_with = "function")]
        check: bool,
    },
    /// Compares a reply on standard input with the one recorded beside an event file.
    Compare {
        /// The event file.
        file: PathBuf,
        /// Where the cloud is that answered.
        #[arg(long, default_value = "http://127.0.0.1:3000")]
        api: String,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Some(Command::Invoke { files, check: true, .. }) => check(files).await,
        Some(Command::Invoke { ref files, ref function, .. }) => invoke(files, function.as_deref()).await,
        Some(Command::Compare { ref file, ref api }) => compare(file, api),
        None => run(arguments).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            complain(&sentence);
            ExitCode::FAILURE
        }
    }
}

async fn invoke(files: &[PathBuf], function: Option<&str>) -> Result<(), String> {
    for file in files {
        let reply = invoke_file(file, function.map(str::to_owned)).await?;
        say(&serde_json::to_string_pretty(&reply).unwrap_or_default());
    }
    Ok(())
}

async fn check(files: Vec<PathBuf>) -> Result<(), String> {
    let outcomes = check_files(files).await;
    for (file, found) in &outcomes {
        say(&format!("{} {}", if found.is_empty() { "ok  " } else { "FAIL" }, file.display()));
        found.iter().for_each(|sentence| say(&format!("     {sentence}")));
    }
    let failed = outcomes.iter().filter(|(_, found)| !found.is_empty()).count();
    say(&format!("{} passed, {failed} failed", outcomes.len() - failed));
    if failed == 0 { Ok(()) } else { Err("If that is meant: make generate, and look at the difference.".to_owned()) }
}

fn compare(file: &Path, api: &str) -> Result<(), String> {
    let reply = std::io::read_to_string(std::io::stdin()).map_err(|error| error.to_string())?;
    let reply = serde_json::from_str(&reply).map_err(|error| format!("the reply is no JSON ({error}): {reply}"))?;
    let found = recorded::differences(&recorded::read(file)?["reply"], &recorded::shown(&reply, api));
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let state = (!arguments.memory).then_some(arguments.state);
    let usual = if arguments.demo_time { Options::demo() } else { Options::default() };
    let cloud = Cloud::start(Options {
        port: arguments.port,
        state: state.clone(),
        seeded: !arguments.no_seed,
        processes: arguments.processes,
        print_log: false,
        origins: arguments.origin,
        ..usual
    })
    .await?;
    welcome(cloud.url(), state.as_deref(), !arguments.no_seed);
    if !arguments.quiet {
        cloud.print_log();
    }
    let mut terminate =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(|error| error.to_string())?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    say("\nstopping");
    cloud.stop().await;
    Ok(())
}

fn welcome(url: &str, state: Option<&std::path::Path>, seeded: bool) {
    let kept = state.map_or_else(|| "in memory".to_owned(), |folder| format!("in {}", folder.display()));
    say(&format!(
        "Madang runs.\n\n  Try it    {url}/try/\n  API       {url}\n  Requests  {url}/docs\n  Frames    \
         {url}/docs/realtime\n  Mail box  {url}/_local/mail\n  Clock     {url}/_local/clock\n  State     {kept}\n"
    ));
    if seeded {
        say("Demo people (sign in with these):\n");
        for person in &seed::PEOPLE {
            let admin = if person.groups.is_empty() { "" } else { "  administrator" };
            say(&format!("  {:<20} {}  {} {}{admin}", person.email, seed::PASSWORD, person.nickname, person.region));
        }
    }
    say(&format!(
        "\nTry:\n\n  curl '{url}/listings?region=seoul/gangnam-gu'\n  curl -G '{url}/listings' --data-urlencode 'q=ㅈㅈㄱ' \
         -d region=all\n  curl '{url}/auth/session' -H 'content-type: application/json' \\\n    -d \
         '{{\"email\":\"minji@example.com\",\"password\":\"{}\"}}'\n\nCtrl-C ends it.\n",
        seed::PASSWORD
    ));
}

#[expect(clippy::print_stdout, reason = "the person at the keyboard is told where things are")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "the person at the keyboard is told what went wrong")]
fn complain(sentence: &str) {
    eprintln!("{sentence}");
}
