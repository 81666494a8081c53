//! Several ask for the same, and some of them leave: by themselves, or because their deadline passes.

use super::*;
use crate::store::Space;
use futures_util::poll;
use std::{
    pin::Pin,
    task::{Wake, Waker},
};
use tokio::{sync::oneshot, time::Instant};

/// A prompt whose caller gives up after so many seconds.
fn until(seconds: u64, prompt: Prompt) -> Prompt {
    let deadline = Some((Instant::now() + Duration::from_secs(seconds)).into_std());
    Prompt { deadline, ..prompt }
}

#[tokio::test]
async fn when_the_one_who_asked_goes_away_its_question_goes_on_for_the_others() {
    let upstream = Upstream::default();
    let (cache, gate) = gated(&upstream, || Ok(whole("{}")));
    let mut first = Box::pin(cache.clone().oneshot(prompt(BODY)));
    assert!(poll!(&mut first).is_pending());
    let mut second = Box::pin(cache.clone().oneshot(prompt(BODY)));
    let mut third = Box::pin(cache.clone().oneshot(prompt(BODY)));
    assert!(poll!(&mut second).is_pending());
    assert!(poll!(&mut third).is_pending());
    drop(first);
    gate.add_permits(1);
    let (second, third) = tokio::join!(second, third);
    assert_eq!(upstream.asked(), 1);
    let outcomes = [second.unwrap().cache, third.unwrap().cache];
    assert_eq!(outcomes, [CacheOutcome::Miss, CacheOutcome::Hit]);
}

#[tokio::test]
async fn an_answer_for_one_alone_goes_to_the_first_who_is_still_there() {
    let upstream = Upstream::default();
    let (cache, gate) = gated(&upstream, || Ok(whole(r#"{"error":{}}"#)));
    let mut first = Box::pin(cache.clone().oneshot(prompt(BODY)));
    assert!(poll!(&mut first).is_pending());
    let mut second = Box::pin(cache.clone().oneshot(prompt(BODY)));
    assert!(poll!(&mut second).is_pending());
    drop(first);
    gate.add_permits(1);
    assert_eq!(read(second.await.unwrap().body).await.unwrap(), r#"{"error":{}}"#);
    assert_eq!(upstream.asked(), 1);
}

#[tokio::test]
async fn the_last_who_goes_away_cancels_the_question_and_the_next_asks_anew() {
    let upstream = Upstream::default();
    let (cache, gate) = gated(&upstream, || Ok(whole("{}")));
    let mut callers = [(); 2].map(|()| Box::pin(cache.clone().oneshot(prompt(BODY))));
    for caller in &mut callers {
        assert!(poll!(caller).is_pending());
    }
    drop(callers);
    gate.add_permits(1);
    assert_eq!(cache.oneshot(prompt(BODY)).await.unwrap().cache, CacheOutcome::Miss);
    assert_eq!(upstream.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_wait_of_its_caller_alone() {
    for deadlines in [[5, 50], [50, 5]] {
        let upstream = Upstream::default();
        let (cache, gate) = gated(&upstream, || Ok(whole("{}")));
        let asking =
            join_all(deadlines.map(|seconds| cache.clone().oneshot(until(seconds, prompt(BODY)))));
        let opening = async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            gate.add_permits(1);
        };
        let (results, ()) = tokio::join!(asking, opening);
        for (seconds, result) in deadlines.into_iter().zip(results) {
            match result {
                Ok(answer) => assert_eq!((seconds, answer.cache), (50, CacheOutcome::Miss)),
                Err(error) => assert!(seconds == 5 && matches!(error, Error::UpstreamTimeout)),
            }
        }
        assert_eq!(upstream.asked(), 1, "{deadlines:?}");
    }
}

#[tokio::test]
async fn upstreams_are_told_that_others_may_wait_beyond_the_deadline() {
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = Arc::clone(&seen);
    let inner = tower::service_fn(move |prompt: Prompt| {
        note.lock().unwrap().push(prompt.shared);
        async { Ok(whole("{}")) }
    });
    let cache = layer(CacheConfig::default()).layer(inner);
    cache.clone().oneshot(until(5, prompt(BODY))).await.unwrap();
    cache.oneshot(until(5, Prompt { cache: NO_STORE, ..prompt(BODY) })).await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [true, false]);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_stream_of_its_caller_alone() {
    for deadlines in [[5, 50], [50, 5]] {
        let upstream = Upstream::default();
        let (send, service) = paced(&upstream);
        let cache = layer(config(CacheMode::Deterministic)).layer(service);
        let readers = deadlines.map(|seconds| {
            let cache = cache.clone();
            async move {
                let completion = cache.oneshot(until(seconds, streamed())).await.unwrap();
                (seconds, read(completion.body).await)
            }
        });
        let sending = async {
            send.send("data: one\n\n").await.unwrap();
            tokio::time::sleep(Duration::from_secs(20)).await;
            send.send("data: [DONE]\n\n").await.unwrap();
            drop(send);
        };
        let (read, ()) = tokio::join!(join_all(readers), sending);
        for (seconds, read) in read {
            match read {
                Ok(text) => {
                    assert_eq!((seconds, &*text), (50, "data: one\n\ndata: [DONE]\n\n"));
                }
                Err(error) => assert!(seconds == 5 && matches!(error, Error::UpstreamTimeout)),
            }
        }
    }
}

#[tokio::test]
async fn when_the_one_who_asked_hangs_up_the_others_read_on_and_the_last_cancels() {
    let upstream = Upstream::default();
    let (send, service) = paced(&upstream);
    let cache = layer(config(CacheMode::Deterministic)).layer(service);
    let first = cache.clone().oneshot(streamed()).await.unwrap();
    let mut second = chunks(cache.clone().oneshot(streamed()).await.unwrap());
    drop(first);
    send.send("data: on\n\n").await.unwrap();
    assert_eq!(next(&mut second).await, "data: on\n\n");
    drop(second);
    send.closed().await;
}

/// Counts how often it was woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// True once the question has ended for who waits so.
fn looked(landing: Pin<&mut impl Future<Output = Landing>>, woken: &Arc<Woken>) -> bool {
    let waker = Waker::from(Arc::clone(woken));
    landing.poll(&mut Context::from_waker(&waker)).is_ready()
}

#[test]
fn who_was_woken_and_leaves_wakes_the_next_in_line_and_nobody_else() {
    let flights = Flights::default();
    let key = Namer::new(&Secret::new([1; 32])).key(Space::Completion, &[]);
    let (send, event) = oneshot::channel::<()>();
    let mut event = Some(event);
    let landings = [(); 3].map(|()| {
        let event = event.take();
        let seat = flights.board(key, |flight| async move {
            let _flight = flight;
            event.unwrap().await.unwrap();
            Landing::alone(Err(Error::Overloaded))
        });
        let Seat::Asking(question) = seat else { panic!("nothing streams") };
        Box::pin(question.landing())
    });
    let woken: [Arc<Woken>; 3] = Default::default();
    let counts = || woken.each_ref().map(|woken| woken.0.load(Relaxed));
    let [mut first, mut second, mut third] = landings;
    for (landing, woken) in [&mut first, &mut second, &mut third].into_iter().zip(&woken) {
        assert!(!looked(landing.as_mut(), woken));
    }
    send.send(()).unwrap();
    assert_eq!(counts(), [1, 0, 0]);
    drop(first);
    assert_eq!(counts(), [1, 1, 0]);
    assert!(looked(second.as_mut(), &woken[1]));
    assert_eq!(counts(), [1, 1, 1]);
    assert!(looked(third.as_mut(), &woken[2]));
}
