//! The running service: connects, builds, binds, serves, drains. Its tasks are those of listeners and of what is kept
//! fresh; stores and telemetry have their own for their connections.
//!
//! Knows every part and nothing of what they do. Start at [`start`]; `assemble` puts the parts together, `listen`
//! serves connections, `policies` keeps the policies fresh, `demo` shows it all.

mod assemble;
mod calls;
pub mod demo;
mod demo_model;
mod head;
mod linger;
mod listen;
mod observe;
mod patience;
mod policies;
mod untaken;

pub use assemble::operator_keys;
pub use policies::{ModelFaults, PolicyFaults, Source, load_models, read_policy_files};

use crate::{
    config::Config,
    rest::{Readiness, State},
    stack::{cache::CacheLayer, in_flight::InFlightLayer},
    telemetry::Metrics,
};
use assemble::Service;
use futures_util::future::join_all;
use listen::{Dispatch, Limits, Stop};
use std::{io, net::SocketAddr, pin::pin, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    task::JoinHandle,
    time::sleep,
};
use tracing::{info, warn};

/// How long probes under way may take to end when all else has.
const ADMIN_DRAIN: Duration = Duration::from_secs(1);

/// How long writes to the store may take to end when all calls have.
const WRITE_DRAIN: Duration = Duration::from_secs(1);

/// Why the service could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The policies cannot be used.
    #[error(transparent)]
    Policies(#[from] PolicyFaults),
    /// The models cannot be used.
    #[error(transparent)]
    Models(#[from] ModelFaults),
    /// A part of the configuration cannot be used.
    #[error("{0}")]
    Part(String),
    /// An address cannot be listened on.
    #[error("cannot listen on {address} ({setting}): {source}")]
    Bind {
        /// The setting that names the address.
        setting: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// A service that is up.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    /// Says that calls under way get no more time.
    hurry: watch::Sender<bool>,
    readiness: Readiness,
    /// What the gRPC health service says.
    ready: watch::Sender<bool>,
    drain_delay: Duration,
    tasks: Vec<JoinHandle<()>>,
    after_calls: Vec<Late>,
}

/// A task that stops when all calls have ended: the listener of `server.admin_listen`, where probes and metrics answer until
/// then, and what writes to the store.
#[derive(Debug)]
struct Late {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Late {
    fn start<F>(task: impl FnOnce(watch::Receiver<bool>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(false);
        Self { stop, task: spawn(task(stopped)) }
    }

    fn admin(listener: TcpListener, dispatch: Dispatch, stop: Stop, limits: Limits) -> Self {
        info!(address = %local(&listener), "listening");
        Self::start(|stopped| {
            let stop = Stop { stop: stopped, drain: ADMIN_DRAIN, ..stop };
            listen::serve(listener, dispatch, stop, limits)
        })
    }

    /// Writes answers to the store, beside the calls.
    fn writes(cache: CacheLayer) -> Self {
        Self::start(|stopped| async move {
            let stop = || stopping(stopped.clone());
            let late = async {
                stop().await;
                sleep(WRITE_DRAIN).await;
            };
            tokio::select! {
                () = cache.write_aside(stop()) => (),
                () = late => warn!("not all answers could be written to the store"),
            }
        })
    }

    async fn end(self) {
        let _ = self.stop.send(true);
        // It fails only if the task panicked, and then it is gone as well.
        let _ = self.task.await;
    }
}

/// Starts the service; returns when it accepts connections.
///
/// # Errors
/// When a part cannot be used or an address cannot be listened on. Upstreams and Redis need not be there yet.
pub async fn start(config: &Config, metrics: Option<Metrics>) -> Result<Running, Error> {
    let readiness = Readiness::default();
    let (ready, ready_watch) = watch::channel(true);
    let (stop, stopped) = watch::channel(false);
    let service = assemble::service(config, readiness.clone(), ready_watch, metrics)?;
    let hang_up = signal(SignalKind::hangup())
        .map_err(|error| Error::Part(format!("cannot listen for hang-up signals: {error}")))?;
    let listeners = bind(config, &service).await?;
    let admin = bind_admin(config).await?;
    let address = listeners.first().map_or(config.server.listen, |(listener, _)| local(listener));

    let (hurry, hurried) = watch::channel(false);
    let limits = Limits::of(&config.server);
    let in_flight: InFlightLayer = service.observed.in_flight.clone();
    let drain = config.server.drain;
    let stop_listening = Stop { stop: stopped.clone(), hurry: hurried, drain, in_flight };
    let mut tasks = Vec::new();
    for (listener, dispatch) in listeners {
        info!(address = %local(&listener), "listening");
        tasks.push(spawn(listen::serve(listener, dispatch, stop_listening.clone(), limits)));
    }
    let admin =
        admin.map(|listener| Late::admin(listener, service.admin(), stop_listening, limits));
    let writes = Late::writes(service.observed.cache.clone());
    let after_calls = admin.into_iter().chain([writes]).collect();
    tasks.push(spawn(service.observed.clone().watch(stopped.clone())));
    tasks.push(spawn(keep_fresh(service, hang_up, stopped)));
    readiness.set(State::Ready);
    let drain_delay = config.server.drain_delay;
    Ok(Running { address, stop, hurry, readiness, ready, drain_delay, tasks, after_calls })
}

impl Running {
    /// Where REST is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Says that it is not ready, stops accepting after `server.drain_delay_ms`, lets calls under way end, and returns when all
    /// is done. When `hurried` ends, nothing is waited for any more.
    pub async fn drain(self, hurried: impl Future<Output = ()>) {
        let hurry = self.hurry.clone();
        let mut drained = pin!(self.drained());
        tokio::select! {
            () = &mut drained => return,
            () = hurried => (),
        }
        info!("asked to stop again: calls under way get no more time");
        hurry.send_replace(true);
        drained.await;
    }

    async fn drained(self) {
        info!("draining");
        self.readiness.set(State::Draining);
        // The health service has gone only when all tasks have ended already. Without the sender, watchers of it are let go.
        let _ = self.ready.send(false);
        drop(self.ready);
        // Whoever spreads the load goes on sending until it has seen that.
        tokio::select! {
            () = sleep(self.drain_delay) => (),
            () = stopping(self.hurry.subscribe()) => (),
        }
        // Nobody listens only when all tasks have ended already.
        let _ = self.stop.send(true);
        join_all(self.tasks).await;
        join_all(self.after_calls.into_iter().map(Late::end)).await;
        info!("stopped");
    }
}

/// The signals that ask the process to stop.
///
/// Made before the service says that it is up: a signal that nobody listens to yet would end the process without a drain.
#[derive(Debug)]
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Begins to listen; a signal that comes before [`received`](Self::received) is asked is not lost. Two that come before are one.
    ///
    /// # Errors
    /// If the system has no room for a listener.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Returns at the next signal.
    pub async fn received(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }
}

async fn bind(config: &Config, service: &Service) -> Result<Vec<(TcpListener, Dispatch)>, Error> {
    let server = &config.server;
    let wanted = [
        (Some(server.listen), "server.listen", service.main()),
        (server.grpc_listen, "server.grpc_listen", service.grpc_alone()),
    ];
    let mut bound = Vec::new();
    for (address, setting, dispatch) in wanted {
        if let Some(address) = address {
            bound.push((listen_on(address, setting).await?, dispatch));
        }
    }
    Ok(bound)
}

async fn bind_admin(config: &Config) -> Result<Option<TcpListener>, Error> {
    match config.server.admin_listen {
        Some(address) => listen_on(address, "server.admin_listen").await.map(Some),
        None => Ok(None),
    }
}

async fn listen_on(address: SocketAddr, setting: &'static str) -> Result<TcpListener, Error> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|source| Error::Bind { setting, address, source })
}

fn local(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([0, 0, 0, 0], 0)))
}

/// Ends when the stop is told.
async fn stopping(mut stopped: watch::Receiver<bool>) {
    // Without somebody who could tell it, it is time as well.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn keep_fresh(service: Service, hang_up: Signal, stopped: watch::Receiver<bool>) {
    let Service { policies, stamps, engine, .. } = service;
    policies::keep_fresh(policies, engine, stamps, hang_up, stopped).await;
}

#[expect(clippy::disallowed_methods, reason = "`Running::drain` waits for the task")]
fn spawn(task: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(task)
}
