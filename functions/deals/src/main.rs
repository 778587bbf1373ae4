//! The bootstrap of the deals context.

fn main() -> std::process::ExitCode {
    edge::run::<deals::Deals>()
}
