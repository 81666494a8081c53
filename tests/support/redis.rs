//! A `redis-server` of one's own, which a test may kill.

use super::{authority::Authority, port::free_port};
use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream},
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
    /// What `command` logs in with.
    password: Option<&'static str>,
    folder: PathBuf,
    child: Option<Child>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Plain,
    /// With a second port for TLS.
    Tls(u16),
    /// A node of a cluster, with a second port for the other nodes.
    Node(u16),
    /// A sentinel, which is told what to watch in `sentinel.conf`.
    Sentinel,
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

    /// A sentinel with this configuration.
    pub(crate) fn start_sentinel(configuration: &str) -> Self {
        let folder = new_folder();
        std::fs::write(folder.join("sentinel.conf"), configuration).expect("the folder is ours");
        Self::start_in(folder, || Kind::Sentinel, &[])
    }

    /// A node that knows no other.
    fn start_node(arguments: &[&str]) -> Self {
        Self::start_in(new_folder(), || Kind::Node(free_port()), arguments)
    }

    fn start_in(folder: PathBuf, kind: impl Fn() -> Kind, arguments: &[&str]) -> Self {
        let arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        // Another process may take the port between our look and the server's bind: then try another.
        for _ in 0..5 {
            let mut server = Self {
                port: free_port(),
                kind: kind(),
                arguments: arguments.clone(),
                password: None,
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
        self.ask(words).expect("the server runs, answers and hangs up")
    }

    fn ask(&self, words: &[&str]) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address())?;
        let login = self.password.map(|password| ["AUTH", password]);
        let commands = login.as_ref().map(|it| &it[..]).into_iter().chain([words, &["QUIT"]]);
        let request: String = commands.map(encoded).collect();
        stream.write_all(request.as_bytes())?;
        // A sentinel knows no QUIT.
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }

    /// Everything that it is told from now on, by whomever.
    pub(crate) fn watch(&self) -> Watcher {
        let mut stream = TcpStream::connect(self.address()).expect("the server runs");
        stream.write_all(encoded(&["MONITOR"]).as_bytes()).expect("the server reads");
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).expect("the server answers");
        assert_eq!(&answer, b"+OK\r\n");
        Watcher(stream)
    }

    /// The answer to a command as text.
    pub(crate) fn told(&self, words: &[&str]) -> String {
        String::from_utf8_lossy(&self.command(words)).into_owned()
    }

    /// Waits until the answer to a command holds a text. A server whose part changes (master, replica) breaks the
    /// connections of its clients: then it is asked again.
    ///
    /// # Panics
    /// After a minute.
    pub(crate) fn wait_until_told(&self, words: &[&str], text: &str) {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let answer = self.ask(words).map(|it| String::from_utf8_lossy(&it).into_owned());
            if answer.as_ref().is_ok_and(|answer| answer.contains(text)) {
                return;
            }
            assert!(Instant::now() < patience, "{words:?} answers {answer:?}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    fn launch(&mut self) -> bool {
        let port = self.port.to_string();
        let mut command = Command::new("redis-server");
        if matches!(self.kind, Kind::Sentinel) {
            command.args(["sentinel.conf", "--sentinel"]);
        } else {
            command.args(["--save", "", "--appendonly", "no"]);
        }
        let child = command
            .args(["--bind", "127.0.0.1", "--port", &port, "--logfile", "redis.log"])
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
            Self::Plain | Self::Sentinel => String::new(),
            Self::Node(port) => format!(
                "--cluster-enabled yes --cluster-port {port} --cluster-node-timeout 1000 \
                 --cluster-replica-validity-factor 0 --cluster-require-full-coverage no"
            ),
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

/// A connection by which a server tells what it is told.
#[derive(Debug)]
pub(crate) struct Watcher(TcpStream);

impl Watcher {
    /// What was told so far; `mark` is told last to know where that ends.
    pub(crate) fn told(&mut self, server: &RedisServer, mark: &str) -> String {
        server.command(&["ECHO", mark]);
        let mut told = Vec::new();
        let mut piece = [0; 4096];
        while !String::from_utf8_lossy(&told).contains(mark) {
            let length = self.0.read(&mut piece).expect("the server tells");
            assert!(length > 0, "the server has hung up");
            told.extend_from_slice(&piece[..length]);
        }
        String::from_utf8_lossy(&told).into_owned()
    }
}

/// A master with a replica, and three sentinels that watch over them. All want a password, the sentinels another one.
#[derive(Debug)]
pub(crate) struct Watched {
    /// The first is the master at the start.
    pub(crate) servers: [RedisServer; 2],
    pub(crate) sentinels: [RedisServer; 3],
}

impl Watched {
    /// The name by which the sentinels know the master.
    pub(crate) const MASTER: &str = "guarded";
    pub(crate) const PASSWORD: &str = "canary.password";
    pub(crate) const SENTINEL_PASSWORD: &str = "canary.word";

    /// Waits until all know of each other.
    pub(crate) fn start() -> Self {
        let words = ["--requirepass", Self::PASSWORD, "--masterauth", Self::PASSWORD];
        let mut master = RedisServer::start_with(&words);
        master.password = Some(Self::PASSWORD);
        let port = master.port.to_string();
        let of_master = ["--replicaof", "127.0.0.1", &port];
        let mut replica = RedisServer::start_with(&[&words[..], &of_master].concat());
        replica.password = Some(Self::PASSWORD);
        let configuration = format!(
            "requirepass {word}\nsentinel sentinel-pass {word}\n\
             sentinel monitor {name} 127.0.0.1 {port} 2\nsentinel auth-pass {name} {password}\n\
             sentinel down-after-milliseconds {name} 1000\nsentinel failover-timeout {name} 5000\n",
            word = Self::SENTINEL_PASSWORD,
            name = Self::MASTER,
            password = Self::PASSWORD,
        );
        let sentinel = || {
            let mut sentinel = RedisServer::start_sentinel(&configuration);
            sentinel.password = Some(Self::SENTINEL_PASSWORD);
            sentinel
        };
        let all =
            Self { servers: [master, replica], sentinels: [sentinel(), sentinel(), sentinel()] };
        for sentinel in &all.sentinels {
            for known in ["num-slaves\r\n$1\r\n1", "num-other-sentinels\r\n$1\r\n2"] {
                sentinel.wait_until_told(&["SENTINEL", "MASTER", Self::MASTER], known);
            }
        }
        all
    }

    /// For `--redis-url`.
    pub(crate) fn url(&self) -> String {
        let hosts = self.sentinels.each_ref().map(|it| format!("127.0.0.1:{}", it.port)).join(",");
        format!("redis://:{}@{hosts}", Self::PASSWORD)
    }
}

/// Three masters with a third of the slots each, and a replica of the first.
#[derive(Debug)]
pub(crate) struct ClusterServers {
    pub(crate) masters: Vec<RedisServer>,
    pub(crate) replica: RedisServer,
}

impl ClusterServers {
    /// Waits until all are of one mind.
    pub(crate) fn start() -> Self {
        let node = || RedisServer::start_node(&[]);
        let (masters, replica): (Vec<RedisServer>, _) = ((0..3).map(|_| node()).collect(), node());
        for (master, (first, last)) in
            masters.iter().zip([("0", "5460"), ("5461", "10922"), ("10923", "16383")])
        {
            master.command(&["CLUSTER", "ADDSLOTSRANGE", first, last]);
        }
        for other in masters.iter().skip(1).chain([&replica]) {
            let Kind::Node(bus) = other.kind else { unreachable!("all are nodes") };
            let (port, bus) = (other.port.to_string(), bus.to_string());
            masters[0].command(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
        }
        let all = Self { masters, replica };
        for node in all.nodes() {
            node.wait_until_told(&["CLUSTER", "INFO"], "cluster_known_nodes:4");
        }
        let answer = all.masters[0].told(&["CLUSTER", "MYID"]);
        let id = answer.lines().nth(1).expect("an id has a line of its own");
        all.replica.command(&["CLUSTER", "REPLICATE", id]);
        for node in all.nodes() {
            node.wait_until_told(&["CLUSTER", "INFO"], "cluster_state:ok");
            node.wait_until_told(&["CLUSTER", "SLOTS"], &format!(":{}\r\n", all.replica.port));
        }
        all.replica.wait_until_told(&["INFO", "replication"], "master_link_status:up");
        all
    }

    /// For `--redis-url`: one that takes part, and one that does not answer.
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{},127.0.0.1:{}", free_port(), self.masters[1].port)
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = &RedisServer> {
        self.masters.iter().chain([&self.replica])
    }
}

fn encoded(words: &[&str]) -> String {
    let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n", words.len()) + &words.collect::<String>()
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("prompt-guard-redis-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).expect("the folder for temporary files is writable");
    folder
}
