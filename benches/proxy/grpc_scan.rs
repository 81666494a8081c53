//! What one `Scan` by gRPC costs: a text of 200 bytes with an e-mail address, many calls at once over a few connections.
//!
//! `grpc_scan BINARY [SECONDS] [CALLERS]` starts the service, warms it up, and prints calls a second, processor time for each call
//! (of the service alone, from Linux' `schedstat`) and what that makes for one core. Then the same for health checks of the same
//! service, which do nothing: what gRPC costs by itself here.

use prompt_guard::grpc::proto::{ScanRequest, guard_client::GuardClient};
use std::{
    env, error, fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use tonic::transport::Channel;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

type Failure = Box<dyn error::Error + Send + Sync>;

/// Connections that the callers share.
const CONNECTIONS: usize = 4;

/// The service, stopped at the end.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    let binary = arguments.next().ok_or("usage: grpc_scan BINARY [SECONDS] [CALLERS]")?;
    let seconds: u64 = arguments.next().map_or(Ok(5), |seconds| seconds.parse())?;
    let callers: usize = arguments.next().map_or(Ok(32), |callers| callers.parse())?;
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let listen = format!("127.0.0.1:{port}");
    let service = Service(
        Command::new(binary)
            .args(["serve", "--listen", &listen, "--set", "telemetry.log=warn"])
            .stdout(Stdio::null())
            .spawn()?,
    );
    let mut channels = Vec::new();
    for _ in 0..CONNECTIONS {
        channels.push(connected(&listen).await?);
    }
    let load = Load { channels, callers, time: Duration::from_secs(seconds) };
    load.measure("Scan", &service, scan).await?;
    load.measure("Check", &service, check).await
}

async fn scan(channel: Channel, caller: usize, nth: u32) -> Result<(), Failure> {
    let found = GuardClient::new(channel).scan(request(caller, nth)).await?.into_inner();
    let is_found = found.results.first().is_some_and(|result| !result.findings.is_empty());
    is_found.then_some(()).ok_or("the address was not found".into())
}

async fn check(channel: Channel, _: usize, _: u32) -> Result<(), Failure> {
    HealthClient::new(channel).check(HealthCheckRequest::default()).await?;
    Ok(())
}

async fn connected(address: &str) -> Result<Channel, Failure> {
    let endpoint = Channel::from_shared(format!("http://{address}"))?;
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match endpoint.connect().await {
            Ok(channel) => return Ok(channel),
            Err(error) if Instant::now() > until => return Err(error.into()),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Who calls, and for how long.
struct Load {
    channels: Vec<Channel>,
    callers: usize,
    time: Duration,
}

impl Load {
    /// Prints what the calls cost, after a second of them to warm up.
    async fn measure<F: Future<Output = Result<(), Failure>> + Send>(
        &self,
        name: &str,
        service: &Service,
        one: impl Fn(Channel, usize, u32) -> F + Copy + Send + 'static,
    ) -> Result<(), Failure> {
        self.call(Duration::from_secs(1), one).await?;
        let (before, began) = (processor_time(service.0.id())?, Instant::now());
        let calls = self.call(self.time, one).await?;
        let (took, used) = (began.elapsed(), processor_time(service.0.id())? - before);
        let each = used.as_secs_f64() / f64::from(calls);
        let rate = f64::from(calls) / took.as_secs_f64();
        let line = format!(
            "{name}: {calls} calls by {} callers, {rate:.0} a second; {:.1} µs of processor time each: {:.0} a second for a core",
            self.callers,
            each * 1e6,
            1.0 / each
        );
        std::io::Write::write_all(&mut std::io::stdout(), format!("{line}\n").as_bytes())?;
        Ok(())
    }

    /// Calls for so long, and tells how often.
    async fn call<F: Future<Output = Result<(), Failure>> + Send>(
        &self,
        time: Duration,
        one: impl Fn(Channel, usize, u32) -> F + Copy + Send + 'static,
    ) -> Result<u32, Failure> {
        let until = Instant::now() + time;
        let mut tasks = JoinSet::new();
        for caller in 0..self.callers {
            let channel = self.channels[caller % self.channels.len()].clone();
            tasks.spawn(async move {
                let mut calls = 0;
                while Instant::now() < until {
                    one(channel.clone(), caller, calls).await?;
                    calls += 1;
                }
                Ok::<u32, Failure>(calls)
            });
        }
        let mut all = 0;
        while let Some(calls) = tasks.join_next().await {
            all += calls??;
        }
        Ok(all)
    }
}

/// Each text is another one, of 200 bytes.
fn request(caller: usize, nth: u32) -> ScanRequest {
    let text = format!(
        "Ticket {caller}-{nth}: the parcel came late and one of the lamps was broken, so please send a new one this week and \
         write to mira.lindqvist@example.org when it is on its way. Many thanks in advance!"
    );
    ScanRequest { texts: vec![text.chars().take(200).collect()], ..ScanRequest::default() }
}

/// What all threads of a process have used so far.
fn processor_time(pid: u32) -> Result<Duration, Failure> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        let stat = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += stat.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}
