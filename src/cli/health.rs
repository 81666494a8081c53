//! `health`: asks a running server whether it is ready, for container probes that have no HTTP client.

use super::{Failure, Status};
use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
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

fn ask(address: &str) -> std::io::Result<String> {
    let address = address.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer)?;
    Ok(answer)
}
