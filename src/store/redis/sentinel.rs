//! Asks Sentinels who the master is.
//!
//! The crate has a client for Sentinel too, which asks with time limits and TLS settings of its own and opens a
//! connection more: this one has ours.

use super::{
    config::Place,
    dial::{Connection, Dialer},
    failure::Failure,
};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use redis::{Role, ServerErrorKind, cmd};

#[derive(Debug)]
pub(super) struct Sentinels {
    /// Where they are.
    pub(super) places: Vec<Place>,
    /// With their login, which is not that of Redis.
    pub(super) dialer: Dialer,
    /// The name by which they know the master.
    pub(super) master: String,
}

enum Step {
    Told(Result<Place, Failure>),
    Opened(Result<Connection, Failure>),
}

impl Sentinels {
    /// A connection to the first node that a sentinel names and that says itself that it is a master.
    ///
    /// All are asked at once: one that is gone, hangs or has not heard yet of a fail-over costs nothing.
    pub(super) async fn open_master(&self, redis: &Dialer) -> Result<Connection, Failure> {
        let asked = self.places.iter().map(|place| self.ask(place).map(Step::Told).boxed());
        let mut steps: FuturesUnordered<BoxFuture<'_, Step>> = asked.collect();
        let mut named = Vec::new();
        let (mut of_master, mut of_sentinels) = (None, None);
        while let Some(step) = steps.next().await {
            match step {
                Step::Opened(Ok(connection)) => return Ok(connection),
                Step::Told(Ok(place)) if !named.contains(&place) => {
                    named.push(place.clone());
                    steps.push(open_if_master(redis, place).map(Step::Opened).boxed());
                }
                Step::Told(Ok(_)) => (),
                Step::Opened(Err(failure)) => of_master = Some(failure),
                Step::Told(Err(failure)) => of_sentinels = Some(failure),
            }
        }
        Err(of_master.or(of_sentinels).unwrap_or(Failure::unreachable("there is no sentinel")))
    }

    async fn ask(&self, sentinel: &Place) -> Result<Place, Failure> {
        let answer = async {
            let connection = self.dialer.open(sentinel).await?;
            let mut question = cmd("SENTINEL");
            question.arg("GET-MASTER-ADDR-BY-NAME").arg(&self.master);
            let answer = question.query_async(&mut connection.requests.clone()).await;
            answer.map_err(|error| Failure::of(&error, true))
        };
        let named: Option<(String, u16)> = answer.await.map_err(|failure| {
            failure.refused_by("by a sentinel (redis.sentinel_user, redis.sentinel_password)")
        })?;
        let unknown = "the sentinels know no master of the name in redis.sentinel_master";
        named.map(|(host, port)| Place::Tcp(host, port)).ok_or(Failure::unreachable(unknown))
    }
}

async fn open_if_master(redis: &Dialer, place: Place) -> Result<Connection, Failure> {
    let connection = redis.open(&place).await?;
    match cmd("ROLE").query_async(&mut connection.requests.clone()).await {
        Ok(Role::Primary { .. }) => Ok(connection),
        Ok(_) => Err(Failure::unreachable("the sentinels name a master that is none yet")),
        // A user who may not ask has to believe it.
        Err(error) if error.kind() == ServerErrorKind::NoPerm.into() => Ok(connection),
        Err(error) => Err(Failure::of(&error, true)),
    }
}
