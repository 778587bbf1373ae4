//! The bootstrap of the errands context.

fn main() -> std::process::ExitCode {
    edge::run::<errands::Errands>()
}
