//! The `prompt-guard` binary.

use clap::Parser;
use prompt_guard::cli::{Args, Environment};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let environment: Environment = std::env::vars().collect();
    Args::parse().command.run(environment)
}
