//! A connection that is made when first needed, shared by all calls, and forgotten when it breaks.
//!
//! After a failure nobody asks for a pause; then one does.

use super::{
    super::breaker::Breaker,
    config::Place,
    dial::{Connection, Dialer},
    exchange::Request,
    failure::{Failure, is_read_only},
    sentinel::Sentinels,
};
use arc_swap::ArcSwapOption;
use redis::{FromRedisValue, RedisError};
use std::{fmt, sync::Arc, time::Duration};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout_at},
};

pub(super) struct Link {
    source: Source,
    dialer: Dialer,
    breaker: Breaker,
    /// How long a whole call may take.
    timeout: Duration,
    current: ArcSwapOption<Connection>,
    /// Held while connecting, so that a crowd of calls makes one connection.
    connecting: Mutex<()>,
}

/// How long a whole call may take, and how long nobody asks after a failure.
#[derive(Clone, Copy)]
pub(super) struct Times {
    pub(super) timeout: Duration,
    pub(super) pause: Duration,
}

/// Where the other side is.
enum Source {
    Place(Place),
    /// Where they say.
    Sentinels(Box<Sentinels>),
}

impl Link {
    pub(super) fn to_place(dialer: Dialer, place: Place, times: Times) -> Self {
        Self::new(dialer, Source::Place(place), times)
    }

    pub(super) fn to_master(dialer: Dialer, sentinels: Sentinels, times: Times) -> Self {
        Self::new(dialer, Source::Sentinels(Box::new(sentinels)), times)
    }

    fn new(dialer: Dialer, source: Source, Times { timeout, pause }: Times) -> Self {
        Self {
            source,
            dialer,
            breaker: Breaker::new(pause),
            timeout,
            current: ArcSwapOption::empty(),
            connecting: Mutex::new(()),
        }
    }

    /// The place that it leads to; a master's is never asked for.
    pub(super) fn place(&self) -> &Place {
        match &self.source {
            Source::Place(place) => place,
            Source::Sentinels(sentinels) => &sentinels.places[0],
        }
    }

    /// Sends a request and waits for its answer. With `asking` the node answers for a slot that is on its way to it.
    pub(super) async fn exchange<T: FromRedisValue>(
        &self,
        request: &Request,
        asking: bool,
        deadline: Instant,
    ) -> Result<T, Failure> {
        if !self.breaker.admits() {
            return Err(Failure::paused());
        }
        let given = deadline.saturating_duration_since(Instant::now());
        let answer = timeout_at(deadline, self.send(request, asking)).await;
        let answer = answer.unwrap_or_else(|_elapsed| {
            // What others have used up of the time is not held against this one.
            let fair = given >= self.timeout / 2;
            Err(Failure { connection_lost: fair, ..Failure::timeout() })
        });
        match &answer {
            Err(Failure { connection_lost: true, .. }) => {
                self.current.store(None);
                self.breaker.failed();
                metrics::gauge!("prompt_guard_store_up").set(0.0);
            }
            // An error is an answer too.
            Ok(_) | Err(_) if self.breaker.succeeded() => {
                metrics::gauge!("prompt_guard_store_up").set(1.0);
                tracing::info!("the state store answers again");
            }
            Ok(_) | Err(_) => (),
        }
        answer
    }

    /// Sends a request, and once more if the connection turns out to be of no use: an idle one is cut by what stands
    /// between, or by a restart, and only the next request notices; one to a master that was set down to a replica
    /// takes no writes. What was done before the answer was lost is done twice then: one call is counted as two, a
    /// versioned write reports a conflict. Nobody is misled by that.
    async fn send<T: FromRedisValue>(&self, request: &Request, asking: bool) -> Result<T, Failure> {
        let connection = self.connection().await?;
        match request.send(&connection, asking).await {
            Err(error) if is_of_no_use(&error) => {
                self.forget(connection);
                let fresh = self.connection().await?;
                request.send(&fresh, asking).await.map_err(|error| Failure::of(&error, false))
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
        let connection = Arc::new(match &self.source {
            Source::Place(place) => self.dialer.open(place).await?,
            Source::Sentinels(sentinels) => sentinels.open_master(&self.dialer).await?,
        });
        self.current.store(Some(connection.clone()));
        Ok(connection)
    }

    /// Makes the next call connect anew, unless somebody has done so already.
    fn forget(&self, broken: Arc<Connection>) {
        self.current.compare_and_swap(&Some(broken), None);
    }

    #[cfg(test)]
    pub(super) fn is_paused(&self) -> bool {
        !self.breaker.is_closed()
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
