//! The bootstrap of the realtime context.

fn main() -> std::process::ExitCode {
    edge::run::<realtime::Realtime>()
}
