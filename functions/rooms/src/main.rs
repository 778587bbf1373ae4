//! The bootstrap of the rooms context.

fn main() -> std::process::ExitCode {
    edge::run::<rooms::Rooms>()
}
