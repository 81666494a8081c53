//! Closes a connection so that its last answer is read, also by a client that is still sending.
//!
//! An error is often known before the request has come whole: its head may be enough. When the socket is closed with
//! bytes in it that nobody has read, TCP resets the connection, and the client's system throws away the answer that
//! waits there. So the answer is sent, the end is told, and what still comes is read and thrown away for a while.

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long a client may go on sending what nobody wants.
const PATIENCE: Duration = Duration::from_secs(2);

/// Read at once when it is to be thrown away.
const PIECE_BYTES: usize = 16 << 10;

/// Says that a request's body was left unread.
#[derive(Clone, Debug, Default)]
pub(super) struct Unread(Arc<AtomicBool>);

impl Unread {
    /// The same body, which notes here when it is dropped before its end; or does not, since that is no matter: HTTP/2 ends a
    /// request by itself.
    pub(super) fn watch<B: http_body::Body>(&self, body: B, is_matter: bool) -> Watched<B> {
        let unread = is_matter.then(|| self.clone());
        Watched { body, ended: false, unread }
    }
}

/// See [`Unread::watch`].
pub(super) struct Watched<B: http_body::Body> {
    body: B,
    ended: bool,
    unread: Option<Unread>,
}

impl<B: http_body::Body<Data = Bytes> + Unpin> http_body::Body for Watched<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        // After an error there is nobody to wait for.
        self.ended = matches!(frame, None | Some(Err(_)));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: http_body::Body> Drop for Watched<B> {
    fn drop(&mut self) {
        if let Some(unread) = &self.unread
            && !self.ended
            && !self.body.is_end_stream()
        {
            unread.0.store(true, Ordering::Relaxed);
        }
    }
}

/// A socket that is closed gently where a request was left unread.
#[derive(Debug)]
pub(super) struct Lingering {
    stream: TcpStream,
    unread: Unread,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Lingering {
    pub(super) fn new(stream: TcpStream, unread: Unread) -> Self {
        Self { stream, unread, waiting: None }
    }

    /// Throws away what comes until the client ends too.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut piece = [0; PIECE_BYTES];
        loop {
            let mut buffer = ReadBuf::new(&mut piece);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(Ok(()) | Err(_)) => return Poll::Ready(()),
                // Also when a fast sender has used its turn up.
                Poll::Pending => break,
            }
        }
        let patience = self.waiting.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        patience.as_mut().poll(context)
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.waiting.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        }
        if self.unread.0.load(Ordering::Relaxed) {
            ready!(self.poll_rest(context));
        }
        Poll::Ready(Ok(()))
    }
}
