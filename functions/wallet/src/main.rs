//! The bootstrap of the wallet context.

fn main() -> std::process::ExitCode {
    edge::run::<wallet::Wallet>()
}
