//! A connection that is made when first needed, shared by all calls, and forgotten when it breaks.

use super::{
    config::Place,
    dial::{Connection, Dialer},
    exchange::{Failure, Request, is_read_only},
};
use arc_swap::ArcSwapOption;
use redis::{FromRedisValue, RedisError};
use std::{fmt, sync::Arc};
use tokio::sync::Mutex;

pub(super) struct Link {
    place: Place,
    dialer: Dialer,
    current: ArcSwapOption<Connection>,
    /// Held while connecting, so that a crowd of calls makes one connection.
    connecting: Mutex<()>,
}

impl Link {
    pub(super) fn new(dialer: Dialer, place: Place) -> Self {
        Self { place, dialer, current: ArcSwapOption::empty(), connecting: Mutex::new(()) }
    }

    /// Sends a request, and once more if the connection turns out to be of no use: an idle one is cut by what stands
    /// between, or by a restart, and only the next request notices; one to a master that was set down to a replica
    /// takes no writes. What was done before the answer was lost is done twice then: one call is counted as two, a
    /// versioned write reports a conflict. Nobody is misled by that.
    pub(super) async fn exchange<T: FromRedisValue>(
        &self,
        request: &Request,
    ) -> Result<T, Failure> {
        let connection = self.connection().await?;
        match request.send(&connection).await {
            Err(error) if is_of_no_use(&error) => {
                self.forget(connection);
                let fresh = self.connection().await?;
                request.send(&fresh).await.map_err(|error| Failure::of(&error, false))
            }
            result => result.map_err(|error| Failure::of(&error, false)),
        }
    }

    /// The connection, made if there is none.
    async fn connection(&self) -> Result<Arc<Connection>, Failure> {
        if let Some(connection) = self.current.load_full() {
            return Ok(connection);
        }
        let _alone = self.connecting.lock().await;
        if let Some(connection) = self.current.load_full() {
            return Ok(connection);
        }
        let connection = Arc::new(self.dialer.open(&self.place).await?);
        self.current.store(Some(connection.clone()));
        Ok(connection)
    }

    /// Makes the next call connect anew, unless somebody has done so already.
    fn forget(&self, broken: Arc<Connection>) {
        self.current.compare_and_swap(&Some(broken), None);
    }

    /// Makes the next call connect anew.
    pub(super) fn forget_any(&self) {
        self.current.store(None);
    }
}

fn is_of_no_use(error: &RedisError) -> bool {
    error.is_connection_dropped() && !error.is_timeout() || is_read_only(error)
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}
