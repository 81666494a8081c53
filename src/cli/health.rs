//! `health`: asks a running server whether it is ready, for container probes that have no HTTP client.

use super::{Failure, Status};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

/// How long the server may take.
const LIMIT: Duration = Duration::from_secs(2);

/// Succeeds if the server at `address` is ready.
pub(super) fn health(address: &str, out: &mut dyn Write) -> Result<Status, Failure> {
    let answer = ask(address)
        .map_err(|error| Failure::new(format!("{address} does not answer: {error}")))?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        writeln!(out, "{address} is not ready: it answers {status}")?;
        return Ok(Status::Refused);
    }
    writeln!(out, "{address} is ready")?;
    Ok(Status::Done)
}

/// A name may have several addresses, and the server may listen on one of them: `localhost` is `::1` as well.
fn ask(address: impl ToSocketAddrs) -> io::Result<String> {
    let mut failure = io::ErrorKind::NotFound.into();
    for address in address.to_socket_addrs()? {
        match ask_at(address) {
            Ok(answer) => return Ok(answer),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn ask_at(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    // In one piece: a server that answers the first of several may have hung up before the last.
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer)?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, thread};

    #[test]
    fn a_server_at_the_second_address_of_a_name_is_found() {
        // Nobody serves the port of TCPMUX.
        let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let addresses = [nobody, server.local_addr().unwrap()];
        let serving = thread::spawn(move || {
            let (mut caller, _) = server.accept().unwrap();
            let _ = caller.read(&mut [0; 1024]).unwrap();
            caller.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        });
        assert_eq!(ask(&addresses[..]).unwrap(), "HTTP/1.1 200 OK\r\n\r\n");
        serving.join().unwrap();
    }
}
