//! CPU, memory, threads and files of the process, from Linux's `/proc`; nothing on other systems.

use super::table::Kind;
use std::thread::available_parallelism;

/// What the kernel counts CPU time in, as it shows it to programs: 1/100 s on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Where a container's memory limit is, by the versions of control groups.
const MEMORY_LIMITS: [&str; 2] =
    ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

/// What one figure of the process is; its value comes from `figures`.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// By the names that all Prometheus clients use, where they have one.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
    /// What it tells, for people.
    pub help: &'static str,
}

/// All figures, by the names of `figures`.
pub const ALL: &[Description] = &[CPU, MEMORY, THREADS, FILES, CPU_LIMIT, MEMORY_LIMIT];

const CPU: Description =
    Description { name: "process_cpu_seconds_total", kind: Kind::Counter, help: "CPU time used" };
const MEMORY: Description =
    Description { name: "process_resident_memory_bytes", kind: Kind::Gauge, help: "Memory in use" };
const THREADS: Description =
    Description { name: "process_threads", kind: Kind::Gauge, help: "Threads" };
const FILES: Description =
    Description { name: "process_open_fds", kind: Kind::Gauge, help: "Open files and connections" };
const CPU_LIMIT: Description = Description {
    name: "process_cpu_limit_cores",
    kind: Kind::Gauge,
    help: "Cores that the process may use: the container's, else the machine's",
};
const MEMORY_LIMIT: Description = Description {
    name: "process_memory_limit_bytes",
    kind: Kind::Gauge,
    help: "Memory that the process may use: the container's, else the machine's",
};

/// One figure as it is now.
#[derive(Clone, Copy, Debug)]
pub(in crate::telemetry) struct Figure {
    pub(in crate::telemetry) name: &'static str,
    pub(in crate::telemetry) kind: Kind,
    pub(in crate::telemetry) help: &'static str,
    pub(in crate::telemetry) value: f64,
}

/// What can be read now.
pub(in crate::telemetry) fn figures() -> Vec<Figure> {
    let status = read("/proc/self/status").unwrap_or_default();
    let values = [
        (CPU, read("/proc/self/stat").as_deref().and_then(cpu_seconds)),
        (MEMORY, field(&status, "VmRSS:").map(|kibibytes| kibibytes * 1024.0)),
        (THREADS, field(&status, "Threads:")),
        (FILES, open_files()),
        (CPU_LIMIT, available_parallelism().ok().map(|cores| cores.get() as f64)),
        (MEMORY_LIMIT, memory_limit()),
    ];
    let present = values.into_iter().filter_map(|(figure, value)| Some((figure, value?)));
    present
        .map(|(Description { name, kind, help }, value)| Figure { name, kind, help, value })
        .collect()
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

fn open_files() -> Option<f64> {
    // One of them is the folder that is being read.
    let files = std::fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1);
    Some(files as f64)
}

/// The smaller of the container's limit and the machine's memory: without a limit the first reads as `max` or as a
/// number larger than any machine.
fn memory_limit() -> Option<f64> {
    let machine =
        field(&read("/proc/meminfo")?, "MemTotal:").map(|kibibytes| kibibytes * 1024.0)?;
    let container = MEMORY_LIMITS.iter().find_map(|path| read(path));
    let container = container.and_then(|text| text.trim().parse::<f64>().ok());
    Some(container.map_or(machine, |limit| limit.min(machine)))
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
    fn this_process_has_all_figures() {
        let found: Vec<&str> = figures().iter().map(|figure| figure.name).collect();
        assert_eq!(found, ALL.iter().map(|figure| figure.name).collect::<Vec<_>>());
        assert!(figures().iter().all(|figure| figure.value >= 0.0));
    }
}
