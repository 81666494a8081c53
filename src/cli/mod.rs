//! The command line: one file for each command.
//!
//! Everything a command reads and writes is passed in, so that tests run it in memory. Start reading at [`Command`].

mod health;
mod serve;

pub use serve::{Environment, Settings};

use std::io::{self, Write};

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

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self::Told(message.into())
    }

    /// A failure that says what an error says.
    fn of(error: impl std::fmt::Display) -> Self {
        Self::Told(error.to_string())
    }
}

impl Command {
    /// Runs the command; returns the exit status.
    pub fn run(self, environment: Environment) -> std::process::ExitCode {
        let mut out = io::stdout();
        let outcome = match self {
            Self::Serve(settings) => serve::serve(&settings, environment, &mut out),
            Self::Demo { settings, once } => serve::demo(&settings, environment, once, &mut out),
            Self::CheckConfig(settings) => serve::check_config(&settings, environment, &mut out),
            Self::Health { address } => health::health(&address, &mut out),
        };
        match outcome {
            Ok(()) => 0.into(),
            Err(failure) => {
                // There is nowhere left to tell it when this fails.
                let _ = writeln!(io::stderr(), "error: {failure}");
                2.into()
            }
        }
    }
}
