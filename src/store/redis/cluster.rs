//! A Cluster: which node has which slot, and what to do when a slot has moved.
//!
//! Each node has its own [`Link`], so one that fails is left alone while the others are asked on. The crate's client
//! for clusters lets all wait for one that hangs, and has TLS settings of its own; hence this one.

use super::{
    super::Error,
    config::Place,
    dial::Dialer,
    exchange::Request,
    failure::{Failure, Redirect},
    link::{Link, Times},
};
use arc_swap::ArcSwap;
use futures_util::{StreamExt as _, future::try_join_all, stream::FuturesUnordered};
use redis::{FromRedisValue, Value, cmd, from_redis_value};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tokio::time::{Instant, timeout_at};

/// How often one request is sent on. A slot that moves while others do takes two.
const MOST_STEPS: usize = 5;

pub(super) struct Cluster {
    dialer: Dialer,
    times: Times,
    starts: Vec<Place>,
    map: ArcSwap<Map>,
    /// The map was contradicted, or a node did not answer: the next call asks for another.
    doubtful: AtomicBool,
    /// Held while asking for the map, so that a crowd of calls asks once.
    asking: tokio::sync::Mutex<()>,
    links: Mutex<HashMap<Place, Arc<Link>>>,
}

/// By the last slot of each range.
#[derive(Default)]
struct Map(BTreeMap<u16, Range>);

struct Range {
    first: u16,
    link: Arc<Link>,
}

impl Map {
    fn owner(&self, slot: u16) -> Option<Arc<Link>> {
        let (_, range) = self.0.range(slot..).next()?;
        (range.first <= slot).then(|| Arc::clone(&range.link))
    }
}

impl Cluster {
    /// Of which these nodes are known; asks none yet.
    pub(super) fn new(dialer: Dialer, starts: Vec<Place>, times: Times) -> Self {
        Self {
            dialer,
            times,
            starts,
            map: ArcSwap::default(),
            doubtful: AtomicBool::new(false),
            asking: tokio::sync::Mutex::default(),
            links: Mutex::default(),
        }
    }

    /// Sends a request to the node that has the slot, and on to where the cluster says.
    pub(super) async fn exchange<T: FromRedisValue>(
        &self,
        slot: u16,
        request: &Request,
        deadline: Instant,
    ) -> Result<T, Failure> {
        if self.doubtful.swap(false, Relaxed) {
            // If nobody tells more, the map that there is has to do.
            let _ = self.ask_for_map(deadline).await;
        }
        let mut link = self.owner(slot, deadline).await?;
        let mut asking = false;
        for _ in 1..MOST_STEPS {
            let failure = match link.exchange(request, asking, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            (link, asking) = match &failure.redirect {
                Some(Redirect::Ask(to)) => (self.link(&to.or_host_of(link.place())), true),
                Some(Redirect::Moved(to)) => {
                    self.doubt();
                    (self.link(&to.or_host_of(link.place())), false)
                }
                Some(Redirect::Unknown) => {
                    self.doubt();
                    self.ask_for_map(deadline).await?;
                    (self.owner(slot, deadline).await?, false)
                }
                None => (self.other_owner(slot, &link, failure, deadline).await?, false),
            };
        }
        link.exchange(request, asking, deadline).await
    }

    /// Whether all nodes that have slots answer.
    pub(super) async fn ping(&self, request: &Request, deadline: Instant) -> Result<(), Failure> {
        self.owner(0, deadline).await?;
        let map = self.map.load_full();
        let mut links: Vec<&Arc<Link>> = map.0.values().map(|range| &range.link).collect();
        links.sort_by_key(|link| Arc::as_ptr(link));
        links.dedup_by(|one, other| Arc::ptr_eq(one, other));
        let asked = links.into_iter().map(|link| link.exchange(request, false, deadline));
        try_join_all(asked).await.map(|_: Vec<()>| ()).inspect_err(|_| self.doubt())
    }

    /// The node that has the slot now, if it is another than the one that failed.
    async fn other_owner(
        &self,
        slot: u16,
        failed: &Arc<Link>,
        failure: Failure,
        deadline: Instant,
    ) -> Result<Arc<Link>, Failure> {
        if !failure.connection_lost {
            return Err(failure);
        }
        self.doubt();
        // Where the time is over, the next call asks.
        if failure.error == Error::TimedOut || self.ask_for_map(deadline).await.is_err() {
            return Err(failure);
        }
        let owner = self.map.load().owner(slot);
        owner.filter(|owner| !Arc::ptr_eq(owner, failed)).ok_or(failure)
    }

    async fn owner(&self, slot: u16, deadline: Instant) -> Result<Arc<Link>, Failure> {
        if let Some(owner) = self.map.load().owner(slot) {
            return Ok(owner);
        }
        self.ask_for_map(deadline).await?;
        self.map.load().owner(slot).ok_or_else(|| Failure::refused("no node has the slot"))
    }

    fn doubt(&self) {
        self.doubtful.store(true, Relaxed);
    }

    /// Takes the map of the node that answers first; which may be an old one, and is then contradicted.
    async fn ask_for_map(&self, deadline: Instant) -> Result<(), Failure> {
        let before = self.map.load_full();
        let alone = timeout_at(deadline, self.asking.lock()).await;
        let _alone = alone.map_err(|_elapsed| Failure::timeout())?;
        if !Arc::ptr_eq(&before, &self.map.load()) {
            return Ok(());
        }
        let mut command = cmd("CLUSTER");
        command.arg("SLOTS");
        let request = Request::command(command);
        let links = self.known();
        let request = &request;
        let asked = links.iter().map(|link| async move {
            let told: Value = link.exchange(request, false, deadline).await?;
            ranges(told, link.place())
        });
        let mut answers: FuturesUnordered<_> = asked.collect();
        let mut last = Failure::paused();
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(ranges) => {
                    self.adopt(ranges);
                    return Ok(());
                }
                Err(Failure { error: Error::Paused, .. }) => (),
                Err(failure) => last = failure,
            }
        }
        Err(last.refused_by("to CLUSTER SLOTS; is it a cluster (redis.mode)?"))
    }

    /// The nodes of the map and those that the operator names.
    fn known(&self) -> Vec<Arc<Link>> {
        for place in &self.starts {
            self.link(place);
        }
        let links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.values().cloned().collect()
    }

    fn link(&self, place: &Place) -> Arc<Link> {
        // A panic cannot leave the table half changed: each change is one insertion.
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Link::to_place(self.dialer.clone(), place.clone(), self.times));
        Arc::clone(links.entry(place.clone()).or_insert_with(new))
    }

    fn adopt(&self, told: Vec<Told>) {
        let range =
            |told: Told| (told.last, Range { first: told.first, link: self.link(&told.place) });
        let map = Map(told.into_iter().map(range).collect());
        // Whoever has left the cluster is not asked again.
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.retain(|_, link| map.0.values().any(|range| Arc::ptr_eq(&range.link, link)));
        drop(links);
        self.map.store(Arc::new(map));
    }
}

/// One range of slots, as a node tells it.
struct Told {
    first: u16,
    last: u16,
    place: Place,
}

/// Reads the answer to `CLUSTER SLOTS`: ranges with their nodes, of which the first is the master.
fn ranges(told: Value, teller: &Place) -> Result<Vec<Told>, Failure> {
    let Value::Array(ranges) = told else { return Err(Failure::foreign()) };
    if ranges.is_empty() {
        return Err(Failure::refused("no node has slots"));
    }
    let read = ranges.into_iter().map(|range| range_of(range, teller));
    read.collect::<Option<_>>().ok_or_else(Failure::foreign)
}

fn range_of(range: Value, teller: &Place) -> Option<Told> {
    let Value::Array(parts) = range else { return None };
    let mut parts = parts.into_iter();
    let first = from_redis_value(parts.next()?).ok()?;
    let last = from_redis_value(parts.next()?).ok()?;
    let Value::Array(master) = parts.next()? else { return None };
    let mut master = master.into_iter();
    // Nil, empty or `?` where a node does not know its own name: the one by which it was asked.
    let host: Option<String> = from_redis_value(master.next()?).ok()?;
    let port: u16 = from_redis_value(master.next()?).ok()?;
    let place = Place::told(&host.unwrap_or_default(), port).or_host_of(teller);
    Some(Told { first, last, place })
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cluster(…)")
    }
}
