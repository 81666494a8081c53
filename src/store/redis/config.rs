//! Where Redis is and how to reach it: what the operator says, and what it means.

use super::super::ConfigError;
use crate::sensitive::Sensitive;
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, RedisConnectionInfo};
use std::{path::PathBuf, time::Duration};

/// Where Redis (6.2 or later, or Valkey) is and how long to wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedisConfig {
    /// `redis://[[user]:password@]host[:port][,host[:port]]…[/db]`, with `rediss://` for TLS; or `unix:///path`.
    pub url: Sensitive,
    /// The password, if it does not stand in the URL.
    pub password: Option<Sensitive>,
    /// What the hosts of the URL are.
    pub kind: RedisKind,
    /// Certificates, for `rediss://`.
    pub tls: RedisTls,
    /// How long one operation may take, connecting included. Default 250 ms.
    pub timeout: Duration,
    /// How long nobody asks after a failure. Default 1 s.
    pub pause: Duration,
}

/// What the hosts of a URL are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedisKind {
    /// One Redis.
    Single,
    /// Sentinels, which know the master. The user, the password and the database of the URL are those of the master.
    Sentinel {
        /// The name by which they know it.
        master: String,
        /// Their own user.
        user: Option<String>,
        /// Their own password.
        password: Option<Sensitive>,
    },
    /// Some nodes of a Cluster, which know the others.
    Cluster,
}

impl RedisKind {
    /// What an operator calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Single => "Redis",
            Self::Sentinel { .. } => "Redis by Sentinel",
            Self::Cluster => "Redis Cluster",
        }
    }
}

/// Certificates for connections to Redis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedisTls {
    /// PEM file with the roots to trust in place of the system's.
    pub roots: Option<PathBuf>,
    /// PEM file with the certificate that this side shows.
    pub certificate: Option<PathBuf>,
    /// PEM file with the key to it.
    pub key: Option<PathBuf>,
    /// The name that Redis's certificate must be for, if it is not the host of the URL.
    pub server_name: Option<String>,
}

impl RedisConfig {
    /// This URL and the default times.
    pub fn new(url: impl Into<String>) -> Self {
        let (timeout, pause) = (Duration::from_millis(250), Duration::from_secs(1));
        Self {
            url: Sensitive::new(url),
            password: None,
            kind: RedisKind::Single,
            tls: RedisTls::default(),
            timeout,
            pause,
        }
    }
}

/// A host and its port, or a socket in the file system.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Tcp(String, u16),
    Unix(PathBuf),
}

impl Place {
    /// A place that a node of a cluster tells. A node that is to be known by its name and has none says `?`.
    pub(super) fn told(host: &str, port: u16) -> Self {
        Self::Tcp(if host == "?" { String::new() } else { host.to_owned() }, port)
    }

    /// This place, or the same port of `other` if it names no host, as a node that does not know its own name does.
    pub(super) fn or_host_of(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Tcp(own, port), Self::Tcp(host, _)) if own.is_empty() => {
                Self::Tcp(host.clone(), *port)
            }
            _ => self.clone(),
        }
    }
}

/// A URL as read.
#[derive(Debug)]
pub(super) struct Target {
    /// At least one.
    pub(super) places: Vec<Place>,
    pub(super) login: RedisConnectionInfo,
    pub(super) encrypted: bool,
}

impl Target {
    /// Reads the URL and the password. The errors of the crate may quote the URL, and a URL may hold a password: none
    /// of them goes further.
    pub(super) fn of(config: &RedisConfig) -> Result<Self, ConfigError> {
        let url = config.url.expose();
        let Some((scheme, rest)) = url.split_once("://") else { return Err(no_scheme()) };
        let (before, hosts, after) = parts(rest);
        let encrypted = match scheme {
            "redis" | "valkey" => false,
            "rediss" | "valkeys" => true,
            "redis+unix" | "valkey+unix" | "unix" => return Self::socket(config),
            _ => return Err(no_scheme()),
        };
        if after.contains('#') {
            return Err(ConfigError::Url("it must end with the database"));
        }
        let infos = hosts
            .split(',')
            .map(|host| {
                let port = default_port(&config.kind, host);
                read(&Sensitive::new(format!("redis://{before}{host}{port}{after}")))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let places = infos.iter().map(place).collect::<Result<_, _>>()?;
        if infos.len() > 1 && config.kind == RedisKind::Single {
            return Err(ConfigError::Url("several hosts are for redis.mode sentinel or cluster"));
        }
        let login = login(config, &infos[0])?;
        Ok(Self { places, login, encrypted })
    }

    fn socket(config: &RedisConfig) -> Result<Self, ConfigError> {
        if config.kind != RedisKind::Single {
            return Err(ConfigError::Url("a socket is for redis.mode single"));
        }
        let info = read(&config.url)?;
        let login = login(config, &info)?;
        Ok(Self { places: vec![place(&info)?], login, encrypted: false })
    }
}

fn no_scheme() -> ConfigError {
    ConfigError::Url("it does not begin with redis:// or rediss://")
}

/// User and password with their `@`, the hosts, and the rest with its `/`.
fn parts(rest: &str) -> (&str, &str, &str) {
    let (before, hosts) = rest.split_at(rest.rfind('@').map_or(0, |at| at + 1));
    let (hosts, after) = hosts.split_at(hosts.find(['/', '?', '#']).unwrap_or(hosts.len()));
    (before, hosts, after)
}

/// Sentinels have a usual port of their own.
fn default_port(kind: &RedisKind, host: &str) -> &'static str {
    let named = host.rsplit(']').next().is_some_and(|rest| rest.contains(':'));
    if matches!(kind, RedisKind::Sentinel { .. }) && !named { ":26379" } else { "" }
}

fn read(url: &Sensitive) -> Result<ConnectionInfo, ConfigError> {
    let unread = ConfigError::Url("host, port or database cannot be read");
    url.expose().as_str().into_connection_info().map_err(|_| unread)
}

fn place(info: &ConnectionInfo) -> Result<Place, ConfigError> {
    if info.redis_settings().db() < 0 {
        return Err(ConfigError::Url("the database must not be negative"));
    }
    if let ConnectionAddr::Tcp(host, port) = info.addr() {
        if *port == 0 {
            return Err(ConfigError::Url("the port must be from 1 to 65535"));
        }
        Ok(Place::Tcp(host.clone(), *port))
    } else if let ConnectionAddr::Unix(path) = info.addr() {
        Ok(Place::Unix(path.clone()))
    } else {
        Err(ConfigError::Url("this kind of address is not known"))
    }
}

fn login(config: &RedisConfig, info: &ConnectionInfo) -> Result<RedisConnectionInfo, ConfigError> {
    let login = info.redis_settings().clone();
    match &config.password {
        None => Ok(login),
        Some(_) if login.password().is_some() => Err(ConfigError::Setting {
            setting: "redis.password",
            problem: "is given, and redis.url holds one too; give one of them".to_owned(),
        }),
        Some(password) => Ok(login.set_password(password.expose())),
    }
}
