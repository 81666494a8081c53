#!/usr/bin/env python3
"""How long `/metrics` takes while the service is busy.

    benches/proxy/metrics.py [--seconds 10] [--connections 50] [--binary FILE] [--limit-ms 5]

Asks for it again and again, by one connection that stays open, while wrk keeps the service busy with chats (50 connections
ask for as much as it can do), and fails if one in twenty takes longer than the limit. Needs nginx and wrk (Debian's packages)
and a release build.
"""

import argparse
import http.client
import statistics
import subprocess
import time

import run as proxy


def asked(port, until):
    """Milliseconds of each answer, and the length of the last."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    times, length = [], 0
    while time.monotonic() < until:
        began = time.perf_counter()
        connection.request("GET", "/metrics")
        length = len(connection.getresponse().read())
        times.append((time.perf_counter() - began) * 1e3)
        time.sleep(0.02)
    return times, length


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=10)
    arguments.add_argument("--connections", type=int, default=50)
    arguments.add_argument("--limit-ms", type=float, default=5)
    arguments.add_argument("--binary", default=proxy.ROOT / "target/release/prompt-guard")
    options = arguments.parse_args()
    options.body = proxy.body(0)
    with proxy.running(options) as (script, proxies):
        _, port = proxies["prompt-guard"]
        proxy.wrk(script, port, 8, 1)
        idle, _ = asked(port, time.monotonic() + 2)
        load = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds + 2}s", "-s", str(script)]
        wrk = subprocess.Popen([*load, f"http://127.0.0.1:{port}/v1/chat/completions"], stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        busy, length = asked(port, time.monotonic() + options.seconds)
        rate = next(line.split()[1] for line in wrk.communicate()[0].splitlines() if line.startswith("Requests/sec"))
    for name, times in (("idle", idle), (f"{rate} chats a second", busy)):
        parts = statistics.quantiles(times, n=100)
        print(f"{name}: P50 {parts[49]:.2f} ms, P95 {parts[94]:.2f} ms, P99 {parts[98]:.2f} ms, {len(times)} answers")
    print(f"{length} bytes")
    if statistics.quantiles(busy, n=20)[18] > options.limit_ms:
        raise SystemExit(f"P95 is above {options.limit_ms} ms")


if __name__ == "__main__":
    main()
