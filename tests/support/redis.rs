//! A `redis-server` of one's own, which a test may kill.

use super::authority::Authority;
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

/// A `redis-server` on a free port of this machine: no persistence, gone on drop.
#[derive(Debug)]
pub(crate) struct RedisServer {
    port: u16,
    kind: Kind,
    arguments: Vec<String>,
    folder: PathBuf,
    child: Option<Child>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Plain,
    /// With a second port for TLS.
    Tls(u16),
}

impl RedisServer {
    /// Starts one and waits until it answers.
    ///
    /// # Panics
    /// If there is no `redis-server` (Debian package `redis-server`), or none of several ports is free.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with more arguments.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        Self::start_in(new_folder(), || Kind::Plain, arguments)
    }

    /// The same with TLS beside.
    pub(crate) fn start_tls(authority: &Authority, arguments: &[&str]) -> Self {
        let folder = new_folder();
        authority.write(&folder);
        Self::start_in(folder, || Kind::Tls(free_port()), arguments)
    }

    fn start_in(folder: PathBuf, kind: impl Fn() -> Kind, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        // Another process may take the port between our look and the server's bind: then try another.
        for _ in 0..5 {
            let mut server = Self {
                port: free_port(),
                kind: kind(),
                arguments: arguments.clone(),
                folder: folder.clone(),
                child: None,
            };
            if server.launch() {
                return server;
            }
        }
        panic!("redis-server does not start; its log is in {}", folder.display());
    }

    /// For `--redis-url`.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The same for TLS.
    ///
    /// # Panics
    /// If the server has none.
    pub(crate) fn tls_url(&self) -> String {
        let Kind::Tls(port) = self.kind else { panic!("started without TLS") };
        format!("rediss://127.0.0.1:{port}")
    }

    /// The path of one of its files, such as `ca.pem`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Kills it, as a crash does: connections break, new ones are refused.
    pub(crate) fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child can be killed");
            child.wait().expect("a killed child ends");
        }
    }

    /// Starts it again on the same port, empty.
    ///
    /// # Panics
    /// If the port is taken by now.
    pub(crate) fn restart(&mut self) {
        self.stop();
        assert!(self.launch(), "redis-server does not start again on port {}", self.port);
    }

    /// Stops it from running without closing connections: it answers nobody until `thaw`.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it run on.
    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Everything it holds, keys and values, as one heap of bytes: for looking for what must not be there.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let keys = self.command(&["KEYS", "*"]);
        let names = String::from_utf8_lossy(&keys).into_owned();
        let mut heap = keys;
        for name in names.lines().filter(|line| line.starts_with("pg:")) {
            heap.extend(self.command(&["GET", name]));
        }
        heap
    }

    /// Sends one command and gives back its whole raw answer.
    pub(crate) fn command(&self, words: &[&str]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address()).expect("the server runs");
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request += &format!("${}\r\n{word}\r\n", word.len());
        }
        request += "*1\r\n$4\r\nQUIT\r\n";
        stream.write_all(request.as_bytes()).expect("the server reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("the server answers and hangs up");
        answer
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    fn launch(&mut self) -> bool {
        let port = self.port.to_string();
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port, "--save", "", "--appendonly", "no"])
            .args(["--logfile", "redis.log"])
            .args(self.kind.arguments())
            .args(&self.arguments)
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("redis-server is installed");
        self.child = Some(child);
        let answers = self.wait_until_it_answers();
        if !answers {
            self.stop();
        }
        answers
    }

    /// False if it ended, as it does when the port is taken, or is not up after 10 s.
    fn wait_until_it_answers(&mut self) -> bool {
        let patience = Instant::now() + Duration::from_secs(10);
        while Instant::now() < patience {
            let ended =
                self.child.as_mut().is_some_and(|child| child.try_wait().ok() != Some(None));
            if ended {
                return false;
            }
            if TcpStream::connect(self.address()).is_ok() {
                return true;
            }
            thread::sleep(Duration::from_millis(5));
        }
        false
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.as_ref().expect("the server runs").id().to_string();
        let status = Command::new("kill").args([signal, &pid]).status().expect("kill is there");
        assert!(status.success(), "kill {signal} {pid}");
    }
}

impl Kind {
    fn arguments(self) -> Vec<String> {
        let words = match self {
            Self::Plain => String::new(),
            Self::Tls(port) => format!(
                "--tls-port {port} --tls-ca-cert-file ca.pem --tls-cert-file cert.pem --tls-key-file key.pem"
            ),
        };
        words.split_whitespace().map(str::to_owned).collect()
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("a bound listener has an address").port()
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("prompt-guard-redis-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
    folder
}
