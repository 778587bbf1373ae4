//! The bootstrap of the notifications context.

fn main() -> std::process::ExitCode {
    edge::run::<notifications::Notices>()
}
