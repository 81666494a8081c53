//! What may stand between the guard and a model: a proxy, and TLS. Both hand bytes on and keep what they were told.

use super::authority::{Authority, Pair};
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto, pki_types::PrivateKeyDer},
};

/// A relay to one address; stops when it is dropped.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    told: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<io::Result<()>>,
}

/// What a connection is to a relay.
#[derive(Clone)]
enum Role {
    /// Opens a tunnel when asked to, and hands on the heads of other requests as they come.
    Proxy,
    /// Opens a tunnel by SOCKS 5; whoever has a password has to say it.
    Socks,
    /// Ends TLS.
    Tls(TlsAcceptor),
}

impl Relay {
    /// A proxy that leads to `target`, whatever host it is asked for.
    pub(crate) async fn proxy(target: SocketAddr) -> Self {
        Self::start("127.0.0.1:0", target, Role::Proxy).await.unwrap()
    }

    /// The same by SOCKS.
    pub(crate) async fn socks(target: SocketAddr) -> Self {
        Self::start("127.0.0.1:0", target, Role::Socks).await.unwrap()
    }

    /// TLS before `target`.
    pub(crate) async fn tls(target: SocketAddr, authority: &Authority) -> Self {
        Self::start("127.0.0.1:0", target, tls(authority)).await.unwrap()
    }

    /// The same at an IPv6 address; `None` on a machine without.
    pub(crate) async fn tls_v6(target: SocketAddr, authority: &Authority) -> Option<Self> {
        Self::start("[::1]:0", target, tls(authority)).await.ok()
    }

    async fn start(at: &str, target: SocketAddr, role: Role) -> io::Result<Self> {
        let listener = TcpListener::bind(at).await?;
        let address = listener.local_addr()?;
        let told = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&told);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await?;
                connections.spawn(relay(socket, target, role.clone(), Arc::clone(&kept)));
            }
        });
        Ok(Self { address, told, _tasks: tasks })
    }

    /// The heads that a proxy was sent; the protocols that TLS agreed on.
    pub(crate) fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }
}

async fn relay(
    mut socket: TcpStream,
    target: SocketAddr,
    role: Role,
    told: Arc<Mutex<Vec<String>>>,
) -> io::Result<()> {
    let mut onward = TcpStream::connect(target).await?;
    match role {
        Role::Tls(acceptor) => {
            let mut socket = acceptor.accept(socket).await?;
            let protocol = socket.get_ref().1.alpn_protocol().unwrap_or_default();
            told.lock().unwrap().push(String::from_utf8_lossy(protocol).into_owned());
            copy(&mut socket, &mut onward).await
        }
        Role::Socks => {
            let asked = socks(&mut socket).await?;
            told.lock().unwrap().push(asked);
            copy(&mut socket, &mut onward).await
        }
        Role::Proxy => {
            let head = head(&mut socket).await?;
            told.lock().unwrap().push(head.clone());
            if head.starts_with("CONNECT ") {
                socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            } else {
                onward.write_all(head.as_bytes()).await?;
            }
            copy(&mut socket, &mut onward).await
        }
    }
}

async fn copy<S>(one: &mut S, other: &mut TcpStream) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    copy_bidirectional(one, other).await.map(|_| ())
}

/// Plays a proxy of RFC 1928 and 1929; gives who asks, and for what.
async fn socks(socket: &mut TcpStream) -> io::Result<String> {
    async fn counted(socket: &mut TcpStream) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; socket.read_u8().await?.into()];
        socket.read_exact(&mut bytes).await?;
        Ok(bytes)
    }
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let mut asked = String::new();
    assert_eq!(socket.read_u8().await?, 5);
    if counted(socket).await?.contains(&2) {
        socket.write_all(&[5, 2]).await?;
        assert_eq!(socket.read_u8().await?, 1);
        asked = format!("{}:{}@", text(counted(socket).await?), text(counted(socket).await?));
        socket.write_all(&[1, 0]).await?;
    } else {
        socket.write_all(&[5, 0]).await?;
    }
    let mut request = [0; 4];
    socket.read_exact(&mut request).await?;
    assert_eq!(request, [5, 1, 0, 3], "to connect, to a name");
    asked += &text(counted(socket).await?);
    asked += &format!(":{}", socket.read_u16().await?);
    socket.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok(asked)
}

/// A head, to its empty line and no further.
async fn head(socket: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn tls(authority: &Authority) -> Role {
    let Pair { certificate, key } = authority.pair();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.into()], key)
            .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Role::Tls(TlsAcceptor::from(Arc::new(config)))
}
