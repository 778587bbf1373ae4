//! The bootstrap of the changes context.

fn main() -> std::process::ExitCode {
    edge::run::<changes::Changes>()
}
