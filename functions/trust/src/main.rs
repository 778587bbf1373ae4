//! The bootstrap of the trust context.

fn main() -> std::process::ExitCode {
    edge::run::<trust::Trust>()
}
