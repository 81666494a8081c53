//! The real binary as a child process. When a test ends, its logs, its metrics and what reached the model are searched
//! for the canaries: a test that leaks fails, whatever else it checks.

use super::{CANARIES, Upstream, client::eventually, upstream::Recorded};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::JoinHandle,
    time::Duration,
};

/// Builds the command line of a server under test.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Builder {
    pub(crate) fn upstream(self, upstream: &Upstream) -> Self {
        self.argument("--upstream").argument(format!("openai={}", upstream.url()))
    }

    pub(crate) fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) fn arguments<const N: usize>(self, arguments: [&str; N]) -> Self {
        arguments.into_iter().fold(self, Builder::argument)
    }

    /// One setting, by its key in the configuration file.
    pub(crate) fn set(self, key: &str, value: impl std::fmt::Display) -> Self {
        self.argument("--set").argument(format!("{key}={value}"))
    }

    pub(crate) fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Starts the server and waits until it says where it listens.
    pub(crate) fn spawn(self) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_prompt-guard"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(self.arguments)
            .env("PROMPT_GUARD_TELEMETRY_LOG", "debug")
            .env("PROMPT_GUARD_TELEMETRY_LOG_FORMAT", "json")
            .envs(self.variables)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (logs, log_reader) = collect(child.stderr.take().unwrap());
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let Some(address) = listening_address(&mut said) else {
            let _ = child.wait();
            let _ = log_reader.join();
            panic!("the server did not start: {}", logs.lock().unwrap());
        };
        Server { address, child, logs, log_reader: Some(log_reader), _said: said }
    }
}

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    logs: Arc<Mutex<String>>,
    log_reader: Option<JoinHandle<()>>,
    _said: BufReader<std::process::ChildStdout>,
}

impl Server {
    pub(crate) fn builder() -> Builder {
        Builder::default()
    }

    /// A server in front of one model, all settings at their defaults.
    pub(crate) fn before(upstream: &Upstream) -> Self {
        Self::builder().upstream(upstream).spawn()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All log lines so far.
    pub(crate) fn logs(&self) -> String {
        self.logs.lock().unwrap().clone()
    }

    /// Its `N` listeners, in the order of the settings `listen`, `grpc_listen`, `admin_listen`.
    pub(crate) fn listening<const N: usize>(&self) -> [SocketAddr; N] {
        // They have been logged; the thread that reads the log may be behind.
        loop {
            if let Ok(addresses) = self.logged_addresses().try_into() {
                return addresses;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn logged_addresses(&self) -> Vec<SocketAddr> {
        let logs = self.logs();
        let lines = logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines
            .filter(|line| line["message"] == "listening")
            .map(|line| line["address"].as_str().unwrap().parse().unwrap())
            .collect()
    }

    /// The text of `/metrics`, of the listener for operators if there is one. Nothing once the server stops.
    pub(crate) fn metrics(&self) -> String {
        let address = self.logged_addresses().last().copied().unwrap_or(self.address);
        let metrics = get(address, "/metrics").unwrap_or_default();
        let is_there = metrics.is_empty() || metrics.contains("prompt_guard_");
        assert!(is_there || std::thread::panicking(), "no metrics at {address}: {metrics}");
        metrics
    }

    /// Waits until a completion is in the shared store.
    pub(crate) async fn until_kept(&self) {
        const PUT: &str = r#"prompt_guard_store_operation_seconds_count{operation="put"}"#;
        let is_kept = async || self.metrics().contains(PUT);
        eventually("the store has the completion", is_kept).await;
    }

    /// Sends a signal by number, as an orchestrator would.
    pub(crate) fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }

    /// Asks it to stop and waits until it has.
    pub(crate) async fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.ended().await
    }

    /// Waits for the process to end by itself, while the test's own servers go on.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Fails the test when a canary is in the logs or the metrics.
    fn check_for_leaks(&mut self) {
        let metrics = self.metrics();
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.log_reader.take() {
            let _ = reader.join();
        }
        let logs = self.logs();
        if std::thread::panicking() {
            let _ = std::io::stderr().write_all(logs.as_bytes());
            return;
        }
        assert_no_canary("the logs", &logs);
        assert_no_canary("the metrics", &metrics);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.check_for_leaks();
    }
}

/// Fails the test when a canary, or its digits alone, is in what the model got.
pub(crate) fn assert_clean(requests: &[Recorded]) {
    for request in requests {
        assert_no_canary("the model's request", &request.everything());
    }
}

/// Fails the test when a canary is in `text`.
pub(crate) fn assert_no_canary(place: &str, text: &str) {
    for canary in CANARIES {
        assert!(!text.contains(canary), "{place} holds the canary {canary}: {text}");
        let compact = canary.replace([' ', '-'], "");
        assert!(!text.contains(&compact), "{place} holds the canary {compact}: {text}");
    }
}

/// The address in the line by which the server says that it is ready.
fn listening_address(said: &mut impl BufRead) -> Option<SocketAddr> {
    let mut line = String::new();
    while said.read_line(&mut line).ok()? > 0 {
        if let Some((_, address)) = line.split_once("listening on http://") {
            return address.trim().parse().ok();
        }
        line.clear();
    }
    None
}

/// Collects a child's output as it comes, so that its pipe never fills.
fn collect(mut output: impl Read + Send + 'static) -> (Arc<Mutex<String>>, JoinHandle<()>) {
    let collected = Arc::<Mutex<String>>::default();
    let shared = Arc::clone(&collected);
    let reader = std::thread::spawn(move || {
        let mut piece = [0; 8192];
        while let Ok(length @ 1..) = output.read(&mut piece) {
            shared.lock().unwrap().push_str(&String::from_utf8_lossy(&piece[..length]));
        }
    });
    (collected, reader)
}

/// A plain GET over a blocking socket, for use where no runtime is.
fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
