//! Opens connections: a socket, TLS over it where the URL says so, and the login.

use super::{
    super::{ConfigError, Error},
    config::{Place, RedisConfig, RedisTls, Target},
    failure::{Failure, LOST},
};
use crate::tls;
use redis::{AsyncConnectionConfig, RedisConnectionInfo, aio::MultiplexedConnection};
use rustls::{AlertDescription, CertificateError, ClientConfig, pki_types::ServerName};
use std::{error, fmt, io, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, UnixStream},
    task::JoinSet,
};
use tokio_rustls::TlsConnector;

/// One connection for all calls: requests are pipelined over it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) requests: MultiplexedConnection,
    /// Reads and writes; ends with the connection, even if answers are due that never come.
    _driver: JoinSet<()>,
}

/// How connections are opened.
#[derive(Clone)]
pub(super) struct Dialer {
    login: RedisConnectionInfo,
    config: AsyncConnectionConfig,
    tls: Option<Tls>,
}

#[derive(Clone)]
struct Tls {
    connector: TlsConnector,
    /// In place of the host.
    name: Option<ServerName<'static>>,
}

impl Dialer {
    pub(super) fn new(config: &RedisConfig, target: &Target) -> Result<Self, ConfigError> {
        Ok(Self {
            login: target.login.clone(),
            config: AsyncConnectionConfig::new().set_response_timeout(Some(config.timeout)),
            tls: Tls::of(&config.tls, target.encrypted)?,
        })
    }

    /// The same with another login.
    pub(super) fn with_login(&self, login: RedisConnectionInfo) -> Self {
        Self { login, ..self.clone() }
    }

    /// Opens a connection and logs in. The caller sets the time limit.
    pub(super) async fn open(&self, place: &Place) -> Result<Connection, Failure> {
        match (place, &self.tls) {
            (Place::Unix(path), _) => {
                self.log_in(UnixStream::connect(path).await.map_err(no_socket)?).await
            }
            (Place::Tcp(host, port), tls) => {
                let socket = TcpStream::connect((host.as_str(), *port)).await.map_err(no_socket)?;
                // A small request must not wait for the peer's acknowledgement.
                socket.set_nodelay(true).map_err(no_socket)?;
                match tls {
                    None => self.log_in(socket).await,
                    Some(tls) => self.log_in(tls.wrap(host, socket).await?).await.map_err(hung_up),
                }
            }
        }
    }

    async fn log_in<S>(&self, stream: S) -> Result<Connection, Failure>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let opened =
            MultiplexedConnection::new_with_config(&self.login, stream, self.config.clone());
        let (requests, driver) = opened.await.map_err(|error| match fault(&error) {
            Some(what) => Failure::unreachable(what),
            None => Failure::of(&error, true),
        })?;
        let mut tasks = JoinSet::new();
        tasks.spawn(driver);
        Ok(Connection { requests, _driver: tasks })
    }
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dialer(…)")
    }
}

impl Tls {
    fn of(files: &RedisTls, encrypted: bool) -> Result<Option<Self>, ConfigError> {
        let RedisTls { roots, certificate, key, server_name } = files;
        if !encrypted {
            return match unused(files) {
                None => Ok(None),
                Some(setting) => {
                    Err(fault_of(setting, "has no use unless redis.url begins with rediss://"))
                }
            };
        }
        let pair = tls::pair(certificate.as_deref(), key.as_deref())
            .map_err(|error| fault_of("redis.client_certificate", error))?;
        let roots = tls::roots(roots.as_deref())
            .map_err(|error| fault_of("redis.root_certificates", error))?;
        let config: ClientConfig = tls::client(roots, pair)
            .map_err(|error| fault_of("redis.client_certificate", error))?;
        let name = server_name.as_deref().map(name).transpose()?;
        Ok(Some(Self { connector: TlsConnector::from(Arc::new(config)), name }))
    }

    async fn wrap(
        &self,
        host: &str,
        socket: TcpStream,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Failure> {
        let name = match &self.name {
            Some(name) => name.clone(),
            None => ServerName::try_from(host.to_owned())
                .map_err(|_| Failure::unreachable("its host is no name for TLS"))?,
        };
        let handshake = self.connector.connect(name, socket).await;
        handshake.map_err(|error| Failure::unreachable(fault(&error).unwrap_or(NO_TLS)))
    }
}

fn unused(files: &RedisTls) -> Option<&'static str> {
    let RedisTls { roots, certificate, key, server_name } = files;
    let given = [
        ("redis.root_certificates", roots.is_some()),
        ("redis.client_certificate", certificate.is_some()),
        ("redis.client_key", key.is_some()),
        ("redis.server_name", server_name.is_some()),
    ];
    given.into_iter().find_map(|(setting, given)| given.then_some(setting))
}

fn name(name: &str) -> Result<ServerName<'static>, ConfigError> {
    ServerName::try_from(name.to_owned())
        .map_err(|_| fault_of("redis.server_name", "is neither a host name nor an address"))
}

fn fault_of(setting: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Setting { setting, problem: problem.into() }
}

/// Says of a socket that was not had only what holds no address.
fn no_socket(error: io::Error) -> Failure {
    let refused =
        matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound);
    Failure::unreachable(if refused { "connection refused" } else { "connection not made" })
}

/// A server that wants another certificate says so after the handshake, and hangs up, by which its word may be lost.
fn hung_up(failure: Failure) -> Failure {
    if failure.error == Error::Unreachable(LOST) {
        return Failure::unreachable(
            "it hung up after the handshake; does it want a client certificate (redis.client_certificate)?",
        );
    }
    failure
}

const NO_TLS: &str = "no TLS is spoken there; is it the TLS port?";

/// What went wrong with TLS, if that is what went wrong.
fn fault(error: &(dyn error::Error + 'static)) -> Option<&'static str> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        // The crate keeps what it wraps in an `Arc`, which passes for the error itself.
        let shared = error.downcast_ref::<Arc<dyn error::Error + Send + Sync>>();
        let error = shared.map_or(error, |inner| &**inner as &(dyn error::Error + 'static));
        // An `io::Error` passes over what it wraps when asked for its source.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let wrapped = wrapped.map(|inner| inner as &(dyn error::Error + 'static));
        if let Some(tls) = wrapped.unwrap_or(error).downcast_ref::<rustls::Error>() {
            return Some(told(tls));
        }
        cause = wrapped.or_else(|| error.source());
    }
    None
}

fn told(error: &rustls::Error) -> &'static str {
    if let rustls::Error::InvalidCertificate(why) = error {
        bad_certificate(why)
    } else if let rustls::Error::AlertReceived(alert) = error {
        refusal(*alert)
    } else {
        NO_TLS
    }
}

fn bad_certificate(why: &CertificateError) -> &'static str {
    use CertificateError as C;
    if matches!(why, C::UnknownIssuer | C::BadSignature) {
        "its certificate comes from nobody we trust; name its root in redis.root_certificates"
    } else if matches!(why, C::NotValidForName | C::NotValidForNameContext { .. }) {
        "its certificate is for another name; say which in redis.server_name"
    } else if matches!(why, C::Expired | C::ExpiredContext { .. }) {
        "its certificate has expired"
    } else {
        "its certificate cannot be used"
    }
}

fn refusal(alert: AlertDescription) -> &'static str {
    use AlertDescription as A;
    if alert == A::CertificateRequired {
        "it wants a client certificate; name one in redis.client_certificate"
    } else if matches!(
        alert,
        A::UnknownCA | A::BadCertificate | A::CertificateUnknown | A::CertificateExpired
    ) {
        "it does not take our certificate (redis.client_certificate)"
    } else {
        "it ended TLS"
    }
}
