//! The command line: one file for each command.
//!
//! Everything a command reads and writes is passed in, so that tests run it in memory. Start reading at [`Command`].

mod health;
mod input;
mod jsonl;
mod mapping;
mod output;
mod place;
mod policies;
mod recognizers;
mod redact;
mod report;
mod restore;
mod scan;
mod scanner;
mod serve;
mod setup;

#[cfg(test)]
mod tests;

pub use serve::{Environment, Settings};

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

/// The command line of `prompt-guard`.
#[derive(Debug, clap::Parser)]
#[command(name = "prompt-guard", version, about, max_term_width = 120)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// All commands.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Serve REST and gRPC in front of one or more providers.
    Serve(Settings),
    /// Show what is guarded in front of a built-in model, then serve.
    Demo {
        /// Flags for the settings of the service.
        #[command(flatten)]
        settings: Settings,
        /// Stop after showing.
        #[arg(long)]
        once: bool,
    },
    /// Check the configuration and the policies, and start nothing.
    CheckConfig(Settings),
    /// Ask a running server whether it is ready.
    Health {
        /// Where it serves.
        #[arg(default_value = "127.0.0.1:8000")]
        address: String,
    },
    /// A command that needs no server.
    #[command(flatten)]
    Offline(Offline),
}

/// Commands that need no server.
#[derive(Debug, clap::Subcommand)]
pub enum Offline {
    /// Look for private data and tell where it is; the values are not shown.
    Scan(scan::ScanArgs),
    /// Replace private data by stand-ins.
    Redact(redact::RedactArgs),
    /// Put originals back into redacted text.
    Restore(restore::RestoreArgs),
    /// List, show and check policies.
    #[command(subcommand)]
    Policies(policies::PoliciesCommand),
    /// List what finds private data, and which types there are.
    Recognizers(recognizers::RecognizersArgs),
}

/// Where a command reads and writes.
pub struct Io<'a> {
    /// Standard input.
    pub input: io::BufReader<&'a mut dyn Read>,
    /// Standard output: results.
    pub out: &'a mut dyn Write,
    /// Standard error: remarks.
    pub err: &'a mut dyn Write,
    /// The environment, for what reads the configuration of the service.
    pub environment: Environment,
}

impl std::fmt::Debug for Io<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Io")
    }
}

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All well: exit status 0.
    Done,
    /// It served until it was told to stop, whether or not anybody could read what it said on the way: exit status 0.
    Served,
    /// What `--fail-on` names was found, a policy is faulty or forbids the text: exit status 1.
    Refused,
}

/// Why a command could not do its work: exit status 2. The message is for people; it holds no scanned text.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Bad arguments, files or policies.
    #[error("{0}")]
    Told(String),
    /// Writing the result failed.
    #[error("cannot write: {0}")]
    Write(#[from] io::Error),
}

impl Command {
    /// Runs the command with the process's own streams.
    pub fn run(self, environment: Environment) -> ExitCode {
        let mut input = io::stdin().lock();
        let mut io = Io {
            input: io::BufReader::with_capacity(1 << 16, &mut input),
            out: &mut io::BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            err: &mut io::stderr(),
            environment,
        };
        let outcome = self.outcome(&mut io);
        ExitCode::from(finish(outcome, &mut io))
    }

    fn outcome(self, io: &mut Io<'_>) -> Result<Status, Failure> {
        let environment = io.environment.clone();
        match self {
            Self::Serve(settings) => serve::serve(&settings, environment, io.out),
            Self::Demo { settings, once } => serve::demo(&settings, environment, once, io.out),
            Self::CheckConfig(settings) => serve::check_config(&settings, environment, io.out),
            Self::Health { address } => health::health(&address, io.out),
            Self::Offline(offline) => offline.outcome(io),
        }
    }
}

impl Offline {
    /// Runs the command; returns the exit status.
    pub fn run_with(self, io: &mut Io<'_>) -> u8 {
        let outcome = self.outcome(io);
        finish(outcome, io)
    }

    fn outcome(self, io: &mut Io<'_>) -> Result<Status, Failure> {
        match self {
            Self::Scan(args) => scan::run(&args, io),
            Self::Redact(args) => redact::run(&args, io),
            Self::Restore(args) => restore::run(&args, io),
            Self::Policies(command) => policies::run(&command, io),
            Self::Recognizers(args) => recognizers::run(&args, io),
        }
    }
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self::Told(message.into())
    }

    /// A failure that says what an error says.
    fn of(error: impl std::fmt::Display) -> Self {
        Self::Told(error.to_string())
    }
}

/// Tells a failure, and returns the exit status.
fn finish(outcome: Result<Status, Failure>, io: &mut Io<'_>) -> u8 {
    let outcome = outcome.and_then(|status| {
        if status != Status::Served {
            io.out.flush()?;
        }
        Ok(status)
    });
    match outcome {
        Ok(Status::Done | Status::Served) => 0,
        Ok(Status::Refused) => 1,
        // Whoever reads the output has seen enough: `prompt-guard scan . | head`.
        Err(Failure::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(failure) => {
            // There is nowhere left to tell it when this fails.
            let _ = writeln!(io.err, "error: {failure}");
            2
        }
    }
}
