//! CPU, memory, threads and files of the process, from Linux's `/proc`; nothing on other systems.

use std::fmt::Write as _;

/// What the kernel counts CPU time in, as it shows it to programs: 1/100 s on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Adds the figures, by the names that all Prometheus clients use.
pub(super) fn append(text: &mut String) {
    if let Some(seconds) = read("/proc/self/stat").as_deref().and_then(cpu_seconds) {
        line(text, "process_cpu_seconds_total", "counter", "CPU time used", seconds);
    }
    if let Some(status) = read("/proc/self/status") {
        if let Some(kibibytes) = field(&status, "VmRSS:") {
            let bytes = kibibytes * 1024.0;
            line(text, "process_resident_memory_bytes", "gauge", "Memory in use", bytes);
        }
        if let Some(threads) = field(&status, "Threads:") {
            line(text, "process_threads", "gauge", "Threads", threads);
        }
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        // One of them is the folder that is being read.
        let open = files.count().saturating_sub(1);
        line(text, "process_open_fds", "gauge", "Open files and connections", open as f64);
    }
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// User and system time. The program's name, second in the line, may hold spaces: count from its closing bracket.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

fn field(status: &str, name: &str) -> Option<f64> {
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_ascii_whitespace().next()?.parse().ok()
}

fn line(text: &mut String, name: &str, kind: &str, help: &str, value: f64) {
    // Writing to a string cannot fail.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_read_behind_any_program_name() {
        let stat = "7 (a) b c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(cpu_seconds("nonsense"), None);
    }

    #[test]
    fn status_fields_are_read() {
        assert_eq!(field("Name:\tx\nVmRSS:\t  2048 kB\n", "VmRSS:"), Some(2048.0));
        assert_eq!(field("Name:\tx\n", "VmRSS:"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_figures() {
        let mut text = String::new();
        append(&mut text);
        for name in
            ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"]
        {
            assert!(text.contains(&format!("\n{name} ")), "{text}");
        }
    }
}
