//! Closes connections on which the other end does nothing, where HTTP has no time limit of its own.
//!
//! HTTP/1 heads are timed by hyper, bodies by the facades, dead HTTP/2 peers by its pings. What is left: a connection that never
//! says which protocol it speaks, and a caller that does not read. The latter holds an answer, its upstream and its place
//! among those in flight. By HTTP/2 that is one that reads nothing at all; single streams of it are looked after by `untaken`.
//!
//! A caller that has ended its side of a connection may still read, or be gone: nobody can tell (TCP says the same of both). It is
//! believed to read for a moment, in which whatever is not waited for is answered.
//!
//! At a stop of the service patience is shorter: a connection on which no call is under way, but which has sent a part of a head or
//! does not answer HTTP/2's last ping, would else hold the stop up for as long as the calls of others may take.

use super::calls::Calls;
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How many bytes tell the protocol: HTTP/2 begins with 24 that never change (RFC 9113, section 3.4).
const PREFACE_BYTES: usize = 24;

/// How long a caller that sends nothing more is taken for one that reads. What it asked of an upstream costs money meanwhile.
const HALF_CLOSED: Duration = Duration::from_millis(250);

/// How long a connection without a call may go on after a stop: for what was sent before the other end could know of it.
const LEAVING: Duration = Duration::from_secs(2);

/// How long to wait for the other end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For the bytes that tell the protocol.
    pub(super) preface: Duration,
    /// For a caller to take anything of what waits for it.
    pub(super) write: Duration,
}

/// A socket that fails where the other end does nothing for too long.
#[derive(Debug)]
pub(super) struct Patient<S> {
    stream: S,
    patience: Patience,
    /// Bytes still to come before the protocol is known; none once something was answered.
    preface: usize,
    /// Bytes have come since anything was answered: HTTP may not have made a call of them yet.
    unanswered: bool,
    calls: Calls,
    reading: Alarm,
    writing: Alarm,
    leaving: Alarm,
    closing: Alarm,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, patience: Patience, calls: Calls) -> Self {
        Self {
            stream,
            patience,
            preface: PREFACE_BYTES,
            unanswered: false,
            calls,
            reading: Alarm::default(),
            writing: Alarm::default(),
            leaving: Alarm::default(),
            closing: Alarm::default(),
        }
    }

    /// Whether the end of what the caller sends is to be told to HTTP, which takes the caller for gone.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !self.unanswered && !self.calls.are_under_way() && !self.writing.is_on {
            return Poll::Ready(());
        }
        ready!(self.closing.poll(HALF_CLOSED, context));
        if self.writing.is_on {
            // It has been answered, and has time to read that.
            self.closing.stop();
            return self.closing.poll(HALF_CLOSED, context);
        }
        Poll::Ready(())
    }

    /// What a write came to; while it waits, the alarm is on.
    fn written<T>(
        &mut self,
        polled: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if polled.is_pending() {
            ready!(self.writing.poll(self.patience.write, context));
            return timed_out("the caller reads nothing");
        }
        self.preface = 0;
        self.unanswered = false;
        self.writing.stop();
        polled
    }
}

/// Goes off when something has waited for too long. Its timer is made when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    timer: Option<Pin<Box<Sleep>>>,
    is_on: bool,
}

impl Alarm {
    pub(super) fn stop(&mut self) {
        self.is_on = false;
    }

    pub(super) fn poll(&mut self, after: Duration, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(after)));
        if !self.is_on {
            timer.as_mut().reset(Instant::now() + after);
            self.is_on = true;
        }
        timer.as_mut().poll(context)
    }
}

fn timed_out<T>(why: &'static str) -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why)))
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, has_room) = (buffer.filled().len(), buffer.remaining() > 0);
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let read = buffer.filled().len() - before;
        self.preface = self.preface.saturating_sub(read);
        self.unanswered |= read > 0;
        if self.calls.are_over() && !self.writing.is_on {
            // Also while it sends: a head in small pieces is no reason to wait for it.
            if self.leaving.poll(LEAVING, context).is_ready() {
                return timed_out("the service stops, and no call is under way");
            }
        } else {
            self.leaving.stop();
        }
        if has_room && read == 0 && matches!(polled, Poll::Ready(Ok(()))) {
            ready!(self.poll_gone(context));
        }
        if polled.is_pending() && self.preface > 0 {
            let after = self.patience.preface;
            ready!(self.reading.poll(after, context));
            return timed_out("no request came");
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(polled, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.written(polled, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        // Flushed without anything written, a connection has still not said what it speaks.
        if polled.is_pending() { self.written(polled, context) } else { polled }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    };
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    const PATIENCE: Patience =
        Patience { preface: Duration::from_secs(75), write: Duration::from_secs(60) };

    #[track_caller]
    fn has_timed_out<T>(result: io::Result<T>) {
        assert_eq!(result.err().map(|error| error.kind()), Some(io::ErrorKind::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_connection_fails_also_within_the_preface() {
        for said in [&b""[..], b"PRI * HTTP/2"] {
            let (mut caller, ours) = duplex(64);
            let mut ours = Patient::new(ours, PATIENCE, Calls::default());
            caller.write_all(said).await.unwrap();
            let begun = Instant::now();
            let mut buffer = [0; 64];
            let read = async {
                while ours.read(&mut buffer).await? > 0 {}
                Ok(())
            };
            has_timed_out(read.await);
            assert_eq!(begun.elapsed().as_secs(), 75);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_has_said_what_it_speaks_may_wait() {
        let (mut caller, ours) = duplex(64);
        let mut ours = Patient::new(ours, PATIENCE, Calls::default());
        caller.write_all(&[b'x'; PREFACE_BYTES]).await.unwrap();
        let mut buffer = [0; PREFACE_BYTES];
        ours.read_exact(&mut buffer).await.unwrap();
        let waited = tokio::time::timeout(Duration::from_secs(3600), ours.read(&mut buffer)).await;
        assert!(waited.is_err(), "nothing was read and nothing failed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_does_not_read_is_given_up_and_one_that_reads_slowly_is_not() {
        let (mut caller, ours) = duplex(64);
        let mut ours = Patient::new(ours, PATIENCE, Calls::default());
        let slow = async {
            for _ in 0..10 {
                tokio::time::sleep(Duration::from_secs(50)).await;
                caller.read_exact(&mut [0; 32]).await.unwrap();
            }
        };
        let (written, ()) = tokio::join!(ours.write_all(&[0; 320]), slow);
        written.unwrap();
        has_timed_out(ours.write_all(&[0; 320]).await);
    }

    #[tokio::test(start_paused = true)]
    async fn at_a_stop_a_connection_is_left_unless_a_call_is_under_way() {
        let stops = Arc::new(AtomicBool::new(false));
        let calls = Calls::new(Arc::clone(&stops));
        let (mut caller, ours) = duplex(64);
        let mut ours = Patient::new(ours, PATIENCE, calls.clone());
        caller.write_all(b"GET /healthz HTTP/1.1\r\nhos").await.unwrap();
        ours.read_exact(&mut [0; 26]).await.unwrap();
        let call = calls.begin();
        stops.store(true, Relaxed);
        let begun = Instant::now();
        let mut byte = [0; 1];
        let ending = async {
            tokio::time::sleep(Duration::from_secs(10)).await;
            drop(call);
            // What wakes a connection is the end of its answer.
            caller.write_all(b"t").await.unwrap();
        };
        let (read, ()) = tokio::join!(ours.read_exact(&mut byte), ending);
        read.unwrap();
        has_timed_out(ours.read_exact(&mut byte).await);
        assert_eq!(begun.elapsed(), Duration::from_secs(10) + LEAVING);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_has_ended_its_side_is_gone_a_moment_later_if_it_waits_for_an_answer() {
        let cases = [
            // Bytes that came, calls under way, bytes that went.
            (0, 0, 0, Duration::ZERO),
            (0, 1, 0, HALF_CLOSED),
            (9, 0, 0, HALF_CLOSED),
            (9, 0, 9, Duration::ZERO),
            (9, 1, 9, HALF_CLOSED),
        ];
        for (n_read, n_calls, n_written, expected) in cases {
            let calls = Calls::default();
            let (mut caller, ours) = duplex(64);
            let mut ours = Patient::new(ours, PATIENCE, calls.clone());
            caller.write_all(&[b'x'; 9][..n_read]).await.unwrap();
            ours.read_exact(&mut [0; 9][..n_read]).await.unwrap();
            let _calls: Vec<_> = (0..n_calls).map(|_| calls.begin()).collect();
            ours.write_all(&[b'x'; 9][..n_written]).await.unwrap();
            caller.shutdown().await.unwrap();
            let begun = Instant::now();
            assert_eq!(ours.read(&mut [0; 1]).await.unwrap(), 0);
            assert_eq!(begun.elapsed(), expected, "{n_read}, {n_calls}, {n_written}");
        }
    }
}
