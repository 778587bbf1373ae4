//! The bootstrap of the media context.

fn main() -> std::process::ExitCode {
    edge::run::<media::Media>()
}
