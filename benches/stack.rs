//! What a request costs, and its parts: `cargo bench --bench stack`.
//!
//! Time and allocations, of the stack with all layers on and of the pieces of work in it. Sockets and HTTP are not in it;
//! `benches/proxy/run.py` measures with them.

mod cases;

use divan::{AllocProfiler, Bencher};

/// Counts what each case allocates.
#[global_allocator]
static ALLOCATOR: AllocProfiler<mimalloc::MiMalloc> = AllocProfiler::new(mimalloc::MiMalloc);

fn main() {
    divan::main();
}

#[divan::bench(args = cases::CASES.iter().map(|(name, _)| *name))]
fn case(bencher: Bencher<'_, '_>, name: &str) {
    let (_, make) = cases::CASES.iter().find(|(known, _)| *known == name).expect("it is listed");
    bencher.bench_local(make());
}
