//! The `prompt-guard` binary.

use clap::Parser;
use prompt_guard::cli::{Args, Environment};
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // `vars()` panics on any variable that is not Unicode. One of ours goes on with U+FFFD in it and fails its check.
    let environment: Environment = std::env::vars_os()
        .map(|(name, value)| {
            (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
        })
        .collect();
    Args::parse().command.run(environment)
}
