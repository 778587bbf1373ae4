//! `make bench`: what the budgets are held against. Each command prints tables in Markdown.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

mod cloud;
mod expiry;
mod figures;
mod http;
mod laptop;
mod load;
mod process;
mod runtime_api;
mod starts;
mod tables;

/// Measures Madang.
#[derive(Parser)]
struct Arguments {
    /// Where the bootstraps and `local` were built.
    #[arg(long)]
    programs: PathBuf,
    /// Where files may be left.
    #[arg(long)]
    work: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// From exec to the first poll of the Runtime API and on, beside Node.js and Python.
    Starts {
        /// Starts of each program.
        #[arg(long, default_value_t = 25)]
        rounds: u32,
    },
    /// Feed, listing and search with few and with many listings.
    Tables {
        /// Listings in the larger table.
        #[arg(long, default_value_t = 100_000)]
        listings: u32,
    },
    /// Listings that are due, written down as expired.
    Expiry {
        /// How many are due.
        #[arg(long)]
        listings: u32,
    },
    /// The laptop cloud: start, memory, requests a second.
    Cloud {
        /// The build to measure, instead of the one in the folder of programs.
        #[arg(long)]
        local: Option<PathBuf>,
        /// What to call it.
        #[arg(long, default_value = "release")]
        name: String,
        /// Whether requests a second are measured too.
        #[arg(long)]
        load: bool,
    },
}

/// What a measurement may end with.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    let Arguments { programs, work, command } = Arguments::parse();
    // Programs are started in folders of their own.
    let folders =
        std::fs::create_dir_all(&work).and_then(|()| Ok((std::path::absolute(programs)?, std::path::absolute(work)?)));
    let measured = folders.map_err(Into::into).and_then(|(programs, work)| match command {
        Command::Starts { rounds } => starts::measure(&programs, &work, rounds),
        Command::Tables { listings } => tables::measure(&programs, &work, listings),
        Command::Expiry { listings } => expiry::measure(&programs, &work, listings),
        Command::Cloud { local, name, load } => {
            cloud::measure(&local.unwrap_or_else(|| programs.join("local")), &work, &name, load)
        }
    });
    match measured {
        Ok(report) => {
            say(&report);
            ExitCode::SUCCESS
        }
        Err(error) => {
            note(&format!("not measured: {error}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stdout, reason = "the tables are what was asked for")]
fn say(report: &str) {
    println!("{report}");
}

/// Tells whoever waits how far it is.
#[expect(clippy::print_stderr, reason = "a measurement takes minutes")]
fn note(line: &str) {
    eprintln!("{line}");
}
