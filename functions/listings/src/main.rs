//! The bootstrap of the listings context.

fn main() -> std::process::ExitCode {
    edge::run::<listings::Listings>()
}
