//! What one picture costs: `pictures_bench FILE` prints a line of JSON.
//!
//! The first and only run in a process is measured, without reading the file.
#![expect(clippy::print_stdout, reason = "the line is what this program is for")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use cpu_time::ProcessTime;
use media::picture::{Format, Limits, optimize};

fn main() -> Result<(), Box<dyn Error>> {
    let path = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: pictures_bench FILE")?);
    let extension = path.extension().and_then(|extension| extension.to_str());
    let format = match extension {
        Some("jpg") => Format::Jpeg,
        Some("png") => Format::Png,
        Some("webp") => Format::WebP,
        Some("gif") => Format::Gif,
        _ => return Err("which format?".into()),
    };
    let bytes = std::fs::read(&path)?;

    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    let picture = optimize(&bytes, format, &Limits::default())?;
    let (cpu, wall) = (cpu.elapsed(), wall.elapsed());

    let files: Vec<_> = picture
        .renditions
        .iter()
        .map(|rendition| format!("{}{}: {}", rendition.width, rendition.kind.extension(), rendition.bytes.len()))
        .collect();
    let line = serde_json::json!({
        "cpu_ms": cpu.as_secs_f64() * 1e3,
        "wall_ms": wall.as_secs_f64() * 1e3,
        "peak_mb": peak_memory()?,
        "files": files,
    });
    println!("{line}");
    if let Some(folder) = std::env::args_os().nth(2).map(PathBuf::from) {
        for rendition in picture.renditions {
            let name = format!("{}.{}", rendition.width, rendition.kind.extension());
            std::fs::write(folder.join(name), rendition.bytes)?;
        }
    }
    Ok(())
}

/// The most memory that this process ever held, in megabytes.
fn peak_memory() -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}
