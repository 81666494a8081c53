//! Ports for servers that are told theirs before they start.

use std::{
    net::{Ipv4Addr, TcpListener},
    process,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

/// A port on which nobody listens, and below those that systems give to connections: nobody comes between the choice
/// and the start, and a server that is started again finds it free again.
pub(crate) fn free_port() -> u16 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    const PORTS: std::ops::Range<u32> = 12_000..32_000;
    // Test programs that run beside each other begin at different places.
    let first = process::id().wrapping_mul(97);
    loop {
        let step = first.wrapping_add(COUNT.fetch_add(1, Relaxed));
        let port = PORTS.start + step % (PORTS.end - PORTS.start);
        let port = u16::try_from(port).expect("the range ends below 65,536");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
