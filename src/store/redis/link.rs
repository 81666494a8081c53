//! How a connection to Redis is come by: made when first needed, shared by all calls, forgotten when it breaks.
//!
//! One node for now. The other ways have their place here: TLS is a feature of the crate and a configuration of the
//! `Client`; Sentinel asks for the master's address in [`Link::connect`]; Cluster has a connection type of its own,
//! which takes the place of [`Connection`] (our key names already say what must stay on one node).

use super::super::ConfigError;
use super::RedisConfig;
use arc_swap::ArcSwapOption;
use redis::{AsyncConnectionConfig, Client, RedisResult};
use std::{fmt, sync::Arc};
use tokio::sync::Mutex;

/// One connection for all calls: requests are pipelined over it.
pub(super) type Connection = redis::aio::MultiplexedConnection;

pub(super) struct Link {
    client: Client,
    config: AsyncConnectionConfig,
    current: ArcSwapOption<Connection>,
    /// Held while connecting, so that a crowd of calls makes one connection.
    connecting: Mutex<()>,
}

impl Link {
    pub(super) fn new(config: &RedisConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            client: client(config.url.expose())?,
            config: AsyncConnectionConfig::new()
                .set_connection_timeout(Some(config.timeout))
                .set_response_timeout(Some(config.timeout)),
            current: ArcSwapOption::empty(),
            connecting: Mutex::new(()),
        })
    }

    /// The connection, made if there is none.
    pub(super) async fn connection(&self) -> RedisResult<Arc<Connection>> {
        if let Some(connection) = self.current.load_full() {
            return Ok(connection);
        }
        let _alone = self.connecting.lock().await;
        if let Some(connection) = self.current.load_full() {
            return Ok(connection);
        }
        let connection = Arc::new(self.connect().await?);
        self.current.store(Some(connection.clone()));
        Ok(connection)
    }

    async fn connect(&self) -> RedisResult<Connection> {
        self.client.get_multiplexed_async_connection_with_config(&self.config).await
    }

    /// Makes the next call connect anew, unless somebody has done so already.
    pub(super) fn forget(&self, broken: Arc<Connection>) {
        self.current.compare_and_swap(&Some(broken), None);
    }

    /// Makes the next call connect anew.
    pub(super) fn forget_any(&self) {
        self.current.store(None);
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}

/// The errors of the crate may quote the URL, and a URL may hold a password: none of them goes further.
fn client(url: &str) -> Result<Client, ConfigError> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    match scheme {
        "redis" | "valkey" => (),
        "rediss" | "valkeys" => return Err(ConfigError::Url("TLS is not supported yet")),
        "redis+unix" | "valkey+unix" | "unix" => (),
        _ => return Err(ConfigError::Url("the URL does not begin with redis://")),
    }
    Client::open(url).map_err(|_| ConfigError::Url("host, port or database cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_url_names_the_setting_and_not_the_password() {
        let password = "hunter2";
        for url in [
            format!("http://:{password}@localhost"),
            format!("rediss://:{password}@localhost"),
            format!("redis://:{password}@localhost:port"),
            format!("redis://:{password}@localhost/{password}"),
            format!("{password}@localhost"),
            String::new(),
        ] {
            let message = client(&url).expect_err(&url).to_string();
            assert!(message.contains("--redis-url") && !message.contains(password), "{message}");
        }
        for url in ["redis://localhost", "redis://u:p@[::1]:6380/2", "unix:///run/redis.sock"] {
            client(url).unwrap();
        }
    }
}
