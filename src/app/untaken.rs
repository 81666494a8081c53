//! Ends streams of HTTP/2 whose caller takes nothing of the answer that waits for it.
//!
//! A caller decides how much of each stream it takes (RFC 9113, section 5.2). Where it takes nothing more of one, hyper asks for
//! nothing more of the answer, and the stream, its upstream request and its place among those in flight would stay for as long as the
//! connection does. So answers note when something is asked of them ([`Offered`]), and what runs the streams of a connection looks
//! at that ([`Streams`]): one that is dropped is reset.

use super::patience::Alarm;
use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::rt::Executor;
use hyper_util::rt::TokioExecutor;
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

/// Answers are offered in pieces of this size, so that a caller that takes one of them now and then is not taken for one that
/// takes nothing. It is the largest frame that a caller must take (RFC 9113, section 4.2).
const PIECE_BYTES: usize = 16 << 10;

tokio::task_local! {
    /// The answer of the stream whose task this is.
    static TAKEN: Arc<Taken>;
}

/// How far the answer of a stream has been taken. One task writes and reads it.
#[derive(Debug, Default)]
struct Taken {
    n_asked: AtomicUsize,
    /// Something was handed on, and nothing asked for since.
    waits: AtomicBool,
}

/// Runs the streams of a connection, each for as long as its answer is taken.
#[derive(Clone, Debug)]
pub(super) struct Streams {
    /// How long an answer may wait for its caller.
    pub(super) patience: Duration,
}

impl<F> Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        TokioExecutor::new().execute(watched(stream, self.patience));
    }
}

async fn watched(stream: impl Future<Output = ()>, patience: Duration) {
    let taken = Arc::new(Taken::default());
    let mut stream = pin!(TAKEN.scope(Arc::clone(&taken), stream));
    let (mut alarm, mut n_asked) = (Alarm::default(), 0);
    poll_fn(|context| {
        if stream.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let n_asked_now = taken.n_asked.load(Relaxed);
        if n_asked_now != n_asked || !taken.waits.load(Relaxed) {
            alarm.stop();
            n_asked = n_asked_now;
        }
        if taken.waits.load(Relaxed) { alarm.poll(patience, context) } else { Poll::Pending }
    })
    .await;
}

/// An answer that notes when something is asked of it, if it is that of a stream of HTTP/2.
pub(super) fn offered(body: Body) -> Body {
    use http_body::Body as _;
    match TAKEN.try_with(Arc::clone) {
        Ok(taken) if !body.is_end_stream() => {
            Body::new(Offered { body, rest: Bytes::new(), taken })
        }
        Ok(_) | Err(_) => body,
    }
}

struct Offered {
    body: Body,
    /// What is left of the last piece of `body`.
    rest: Bytes,
    taken: Arc<Taken>,
}

impl http_body::Body for Offered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.taken.n_asked.fetch_add(1, Relaxed);
        self.taken.waits.store(false, Relaxed);
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context))
                .map(|it| it.map(Frame::into_data))
            {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let length = self.rest.len().min(PIECE_BYTES);
        let piece = self.rest.split_to(length);
        self.taken.waits.store(true, Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, body) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use tokio::time::{Instant, sleep};

    const PATIENCE: Duration = Duration::from_secs(60);
    static ANSWER: [u8; 100 * PIECE_BYTES] = [7; 100 * PIECE_BYTES];

    /// Takes so many pieces of an answer, with a pause before each, and then nothing.
    async fn take(n_pieces: usize, pause: Duration) {
        let mut answer = offered(Body::from(&ANSWER[..]));
        for _ in 0..n_pieces {
            sleep(pause).await;
            answer.frame().await.unwrap().unwrap();
        }
        std::future::pending().await
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_is_ended_when_nothing_was_taken_for_so_long() {
        let begun = Instant::now();
        watched(take(10, Duration::from_secs(50)), PATIENCE).await;
        assert_eq!(begun.elapsed().as_secs(), 10 * 50 + 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_whose_answer_is_not_there_yet_goes_on() {
        let upstream = futures_util::stream::pending::<Result<Bytes, axum::Error>>();
        let waiting = async {
            offered(Body::from_stream(upstream)).frame().await;
        };
        let waited = tokio::time::timeout(PATIENCE * 10, watched(waiting, PATIENCE)).await;
        assert!(waited.is_err(), "nothing was ready, and nothing was ended");
    }

    #[tokio::test]
    async fn an_answer_is_the_same_in_pieces() {
        TAKEN
            .scope(Arc::default(), async {
                use http_body::Body as _;
                let mut answer = offered(Body::from(&ANSWER[..]));
                let length = answer.size_hint().exact();
                assert_eq!(length, Some(ANSWER.len() as u64));
                answer.frame().await.unwrap().unwrap();
                assert_eq!(answer.size_hint().exact(), length.map(|it| it - PIECE_BYTES as u64));
                let rest = answer.collect().await.unwrap().to_bytes();
                assert_eq!(rest, ANSWER[PIECE_BYTES..]);
            })
            .await;
    }
}
