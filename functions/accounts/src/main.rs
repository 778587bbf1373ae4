//! The bootstrap of the accounts context.

fn main() -> std::process::ExitCode {
    edge::run::<accounts::Accounts>()
}
