//! What Linux tells of a process.

/// Milliseconds on a processor so far, of all threads that are alive.
pub(crate) fn cpu_ms(pid: u32) -> f64 {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return 0.0 };
    let nanoseconds = tasks.flatten().filter_map(|task| {
        let stat = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        stat.split_whitespace().next()?.parse::<f64>().ok()
    });
    nanoseconds.sum::<f64>() / 1e6
}

/// Megabytes (10⁶) resident now.
pub(crate) fn resident_mb(pid: u32) -> f64 {
    kilobytes(pid, "VmRSS:") * 1.024 / 1000.0
}

/// Megabytes (10⁶) resident at the highest.
pub(crate) fn peak_mb(pid: u32) -> f64 {
    kilobytes(pid, "VmHWM:") * 1.024 / 1000.0
}

fn kilobytes(pid: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}
