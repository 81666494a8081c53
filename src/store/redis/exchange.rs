//! One request over one connection, and what can become of it.

use super::{super::Error, dial::Connection};
use redis::{
    Arg, Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, Script, ServerErrorKind, cmd,
};

/// What is asked of Redis.
pub(super) struct Request {
    command: Cmd,
    /// The text of the script that the command names by its digest.
    script: Option<&'static str>,
}

/// A script and its digest.
pub(super) struct Stored {
    text: &'static str,
    digest: String,
}

impl Stored {
    pub(super) fn new(text: &'static str) -> Self {
        Self { text, digest: Script::new(text).get_hash().to_owned() }
    }
}

impl Request {
    pub(super) fn command(command: Cmd) -> Self {
        Self { command, script: None }
    }

    /// A call of a script on `keys`; arguments are added to the command.
    pub(super) fn script(script: &Stored, keys: &[String], add: impl FnOnce(&mut Cmd)) -> Self {
        let mut command = cmd("EVALSHA");
        command.arg(&script.digest).arg(keys.len()).arg(keys);
        add(&mut command);
        Self { command, script: Some(script.text) }
    }

    /// A script goes by its digest, and whole if Redis does not know it, as after a restart.
    pub(super) async fn send<T: FromRedisValue>(&self, connection: &Connection) -> RedisResult<T> {
        let mut requests = connection.requests.clone();
        let answer = self.command.query_async(&mut requests).await;
        match (answer, self.script) {
            (Err(error), Some(text)) if error.kind() == ServerErrorKind::NoScript.into() => {
                whole(&self.command, text).query_async(&mut requests).await
            }
            (answer, _) => answer,
        }
    }
}

/// The call of a script by its digest as one by its text.
fn whole(by_digest: &Cmd, text: &str) -> Cmd {
    let mut command = cmd("EVAL");
    command.arg(text);
    for argument in by_digest.args_iter().skip(2) {
        if let Arg::Simple(bytes) = argument {
            command.arg(bytes);
        }
    }
    command
}

pub(super) const LOST: &str = "connection lost or not made";

/// Why there is no answer, or not the one that was wanted.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    /// Nothing more can come over this connection, or none was had.
    pub(super) connection_lost: bool,
}

impl Failure {
    pub(super) fn timeout() -> Self {
        Self { error: Error::TimedOut, connection_lost: true }
    }

    /// No connection was had.
    pub(super) fn unreachable(why: &'static str) -> Self {
        Self { error: Error::Unreachable(why), connection_lost: true }
    }

    /// Keeps of an error only what cannot quote a key, a value or an address.
    pub(super) fn of(error: &RedisError, while_connecting: bool) -> Self {
        if error.is_timeout() {
            return Self::timeout();
        }
        let lost = error.is_io_error() || error.is_unrecoverable_error() || is_read_only(error);
        let error = if error.is_io_error() {
            Error::Unreachable(LOST)
        } else if error.kind() == ErrorKind::UnexpectedReturnType {
            Error::Foreign
        } else if error.kind() == ErrorKind::AuthenticationFailed {
            Error::Refused("user or password is wrong (redis.url, redis.password)".to_owned())
        } else {
            Error::Refused(error.code().unwrap_or_else(|| error.category()).to_owned())
        };
        Self { error, connection_lost: lost || while_connecting }
    }
}

/// A master that was set down to a replica takes no writes.
pub(super) fn is_read_only(error: &RedisError) -> bool {
    error.kind() == ServerErrorKind::ReadOnly.into()
}
