//! How many instructions each case takes, which no other load on the machine changes: `make instructions`.
//!
//! Run by itself it only does the work. `instructions.py` runs it under callgrind, which counts within [`measured`] alone and
//! writes down a total at each return of it.

mod cases;

use std::io::Write as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each case is done within one total.
const TIMES: usize = 20;

/// What is counted.
#[inline(never)]
fn measured(work: &mut cases::Work) {
    for _ in 0..TIMES {
        work();
    }
}

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    for (name, make) in cases::CASES {
        let mut work = make();
        // What the first time sets up belongs to no request.
        work();
        measured(&mut work);
        writeln!(out, "{TIMES}\t{name}")?;
    }
    Ok(())
}
