//! The `prompt-guard` binary.

use clap::Parser;
use prompt_guard::cli::{Args, Command};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Args::parse().command {
        Command::Offline(offline) => offline.run(),
    }
}
