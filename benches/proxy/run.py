#!/usr/bin/env python3
"""What one proxied chat request costs, beside nginx's proxy_pass and a bare proxy of hyper in the same run and on the same
upstream.

    benches/proxy/run.py [--rounds 3] [--seconds 5] [--history KIB] [--same] [--binary FILE] [--bare FILE]

With `--history` each request is the next turn of a chat that sends that much of its past again. Needs nginx and wrk
(Debian's packages) and release builds of the service and of `bare.rs` beside this file
(`cargo build --release --example bare_proxy`). All on loopback; the figure to quote is CPU per
request (user and system time of all processes of the proxy, divided by its requests), as a ratio to the others': it holds
when the machine is noisy. Prints one JSON line for each measurement and a table at the end.
"""

import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEXT = (
    "Please write a short and friendly reply to the customer below and keep it under eighty words. The order arrived "
    "late and one item was missing. Contact: mira.lindqvist@example.org. Thank you very much for your help with this!"
)
# What stands in the body for the number of the request.
TURN = "TURN-NUMBER"


def body(history, same=False):
    """One request; with `history` bytes of earlier turns in front of a new one. Its text has the number of the request, so that it is
    read anew, unless it is to be the `same` each time."""
    messages = []
    while len(json.dumps(messages)) < history:
        nth = len(messages)
        messages.append(
            {
                "role": "assistant" if nth % 2 else "user",
                "content": f"Turn {nth}: {TEXT} " * 2 + f"The order is {7919 * nth}, the desk is desk{nth}@example.org.",
            }
        )
    last = TEXT if same else f"{TURN}: {TEXT}"
    return json.dumps({"model": "m", "messages": [*messages, {"role": "user", "content": last}]})


def script_for(text):
    """wrk's script: posts `text`, each time with another number of the turn."""
    before, _, after = text.partition(TURN)
    counted = f"{json.dumps(before)} .. turn .. {json.dumps(after)}"
    return (
        'local turn = 0\nlocal headers = {["content-type"] = "application/json"}\n'
        "request = function()\n  turn = turn + 1\n"
        f'  return wrk.format("POST", nil, headers, {counted if TURN in text else json.dumps(text)})\nend\n'
    )


ANSWER = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "I have written to [EMAIL_1] and said sorry."},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 60, "completion_tokens": 12, "total_tokens": 72},
    }
)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, tries=200):
    for _ in range(tries):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


def tree(pid):
    """The process and its children."""
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()
    return [pid, *map(int, children)]


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_mib(pids):
    kib = 0
    for pid in pids:
        kib += int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
    return kib / 1024


def start_nginx(start, folder, name, server):
    conf = folder / f"{name}.conf"
    conf.write_text(
        f"worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log /dev/null;\n"
        "events { worker_connections 4096; }\n"
        f"http {{ access_log off; client_max_body_size 64m; client_body_buffer_size 1m; keepalive_requests 100000000; client_body_temp_path {folder}/{name}-b;\n"
        f"proxy_temp_path {folder}/{name}-p; fastcgi_temp_path {folder}/{name}-f; uwsgi_temp_path {folder}/{name}-u;\n"
        f"scgi_temp_path {folder}/{name}-s;\n{server}\n}}\n"
    )
    return start(["nginx", "-c", str(conf)], stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def running(options, bare=None):
    """The service and what it is measured beside, up and waiting: wrk's script, and for each its process and port. All are
    stopped at the end, whatever it is."""
    for file in (options.binary, *([bare] if bare else [])):
        if not pathlib.Path(file).exists():
            raise SystemExit(f"{file} is missing: build it first, see --help")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        script = folder / "post.lua"
        script.write_text(script_for(options.body))

        def start(command, **how):
            process = subprocess.Popen(command, **how)
            stack.callback(process.wait, 20)
            stack.callback(process.send_signal, signal.SIGTERM)
            return process.pid

        upstream, plain, guard = free_port(), free_port(), free_port()
        start_nginx(
            start,
            folder,
            "upstream",
            f"server {{ listen 127.0.0.1:{upstream}; location / {{ default_type application/json; return 200 '{ANSWER}'; }} }}",
        )
        nginx = start_nginx(
            start,
            folder,
            "plain",
            f"upstream u {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 100000000; }}\n"
            f"server {{ listen 127.0.0.1:{plain}; location / {{ proxy_pass http://u; proxy_http_version 1.1; "
            'proxy_set_header Connection ""; } }',
        )
        proxies = {"nginx": (nginx, plain)}
        if bare:
            for name, layout in (("bare", []), ("bare per core", ["per-core"])):
                port = free_port()
                proxies[name] = (start([bare, f"127.0.0.1:{port}", f"127.0.0.1:{upstream}", *layout]), port)
        service = [options.binary, "serve", "--listen", f"127.0.0.1:{guard}", "--upstream", f"u=http://127.0.0.1:{upstream}"]
        proxies["prompt-guard"] = (start([*service, "--set", "telemetry.log=warn"], stdout=subprocess.DEVNULL), guard)
        for port in (upstream, *(port for _, port in proxies.values())):
            wait_for(port)
        yield script, proxies


def wrk(script, port, connections, seconds):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script]
    out = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/v1/chat/completions"], capture_output=True, text=True, check=True
    ).stdout
    if "Non-2xx" in out:
        raise SystemExit(out)
    requests = int(re.search(r"(\d+) requests in", out)[1])
    latency = {p: to_us(re.search(rf"{p}%\s+([\d.]+\w+)", out)[1]) for p in ("50", "99")}
    return requests, latency


def to_us(text):
    number, unit = re.match(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 1, "ms": 1e3, "s": 1e6}[unit]


def measure(name, pid, port, script, connections, seconds):
    pids = tree(pid)
    before = cpu_seconds(pids)
    requests, latency = wrk(script, port, connections, seconds)
    row = {
        "proxy": name,
        "connections": connections,
        "requests_per_second": round(requests / seconds),
        "cpu_us_per_request": round((cpu_seconds(pids) - before) / requests * 1e6, 2),
        "p50_us": latency["50"],
        "p99_us": latency["99"],
        "resident_mib": round(resident_mib(pids), 1),
    }
    print(json.dumps(row), flush=True)
    return row


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--history", type=int, default=0, metavar="KIB")
    arguments.add_argument("--same", action="store_true", help="send one text again and again, which is remembered")
    arguments.add_argument("--binary", default=ROOT / "target/release/prompt-guard")
    arguments.add_argument("--bare", default=ROOT / "target/release/examples/bare_proxy")
    options = arguments.parse_args()
    options.body = body(options.history * 1024, options.same)
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is missing: install Debian's package {tool}")
    with running(options, options.bare) as (script, proxies):
        rows = []
        for proxy, (pid, port) in proxies.items():
            wrk(script, port, 8, 1)
        for _ in range(options.rounds):
            for connections in (1, 50):
                for proxy, (pid, port) in proxies.items():
                    rows.append(measure(proxy, pid, port, script, connections, options.seconds))
        print(f"\n{os.cpu_count()} cores; request body {len(options.body)} bytes; medians of {options.rounds} rounds")
        for connections in (1, 50):
            picked = {p: [r for r in rows if r["proxy"] == p and r["connections"] == connections] for p in proxies}
            cpu = {p: statistics.median(r["cpu_us_per_request"] for r in picked[p]) for p in proxies}
            p99 = {p: statistics.median(r["p99_us"] for r in picked[p]) for p in proxies}
            ratios = ", ".join(f"{cpu['prompt-guard'] / cpu[p]:.2f} times {p}'s {cpu[p]:.1f}" for p in proxies if p != "prompt-guard")
            waits = ", ".join(f"{p} {p99[p]:.0f}" for p in proxies)
            print(f"{connections:3} connections: CPU per request {cpu['prompt-guard']:.1f} µs, {ratios}; P99 in µs: {waits}")
        print(f"resident after all requests: {rows[-1]['resident_mib']} MiB")


if __name__ == "__main__":
    main()
