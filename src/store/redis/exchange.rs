//! One request over one connection.

use super::dial::Connection;
use redis::{
    Arg, Cmd, FromRedisValue, RedisError, RedisResult, Script, ServerErrorKind, cmd, pipe,
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

    /// A script goes by its digest, and whole if Redis does not know it, as after a restart. With `asking` the node
    /// answers for a slot that is on its way to it.
    pub(super) async fn send<T: FromRedisValue>(
        &self,
        connection: &Connection,
        asking: bool,
    ) -> RedisResult<T> {
        let answer = send(&self.command, connection, asking).await;
        match (answer, self.script) {
            (Err(error), Some(text)) if error.kind() == ServerErrorKind::NoScript.into() => {
                send(&whole(&self.command, text), connection, asking).await
            }
            (answer, _) => answer,
        }
    }
}

async fn send<T: FromRedisValue>(
    command: &Cmd,
    connection: &Connection,
    asking: bool,
) -> RedisResult<T> {
    let mut requests = connection.requests.clone();
    if !asking {
        return command.query_async(&mut requests).await;
    }
    // In one piece: no other call's command may come between.
    let mut both = pipe();
    both.cmd("ASKING").ignore().add_command(command.clone());
    let (answer,) = both.query_async(&mut requests).await.map_err(first_of)?;
    Ok(answer)
}

/// The first error of a pipeline, as if it had come alone: of several together the crate tells the kind and no details,
/// and the details say where to ask instead.
fn first_of(error: RedisError) -> RedisError {
    let first = error.clone().into_server_errors().and_then(|all| all.first().cloned());
    first.map_or(error, |(_, first)| first.into())
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
