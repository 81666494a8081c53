#!/usr/bin/env python3
"""Throughput and latency at fixed rates, without coordinated omission.

    tests/load/capacity.py [--seconds 5] [--rates 500,1000,2000,4000] [--scenario single,cached,replicas] [--binary FILE]

An open-loop generator (oha) sends at the given rate whether answers come or not; latencies count from when a request should
have been sent. Beside each figure stands nginx's `proxy_pass` on the same model in the same run. Scenarios: `single`, one
guard with embedded state; `cached`, four of five requests answered from the cache; `replicas`, three guards on one Redis
behind nginx. The figure to compare on a small machine is processor time per request, since generator, model and guard share
its cores. Writes reports/capacity.json.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import samples
from run import REPORTS, ROOT, free_port, wait_for

SCENARIOS = ("single", "cached", "replicas")
OHA = shutil.which("oha") or ROOT / "target/tools/bin/oha"
ANSWER = (
    '{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant",'
    '"content":"I have written to [EMAIL_1] and said sorry."},"finish_reason":"stop"}]}'
)


def nginx(folder, name, upstreams):
    """An nginx that answers by itself without `upstreams`, and passes on to them otherwise."""
    port = free_port()
    listen = f"listen 127.0.0.1:{port} backlog=4096;"
    if upstreams:
        servers = " ".join(f"server 127.0.0.1:{upstream};" for upstream in upstreams)
        server = f"upstream u {{ {servers} keepalive 256; }}\nserver {{ {listen} location / {{ proxy_pass http://u; "
        server += 'proxy_http_version 1.1; proxy_set_header Connection ""; } }'
    else:
        server = f"server {{ {listen} location / {{ default_type application/json; return 200 '{ANSWER}'; }} }}"
    temporary = " ".join(f"{kind}_temp_path {folder}/{name}-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = folder / f"{name}.conf"
    conf.write_text(
        f"worker_processes 1; daemon off; pid {folder}/{name}.pid; error_log /dev/null;\nevents {{ worker_connections 8192; }}\n"
        f"http {{ access_log off; keepalive_requests 100000000; {temporary}\n{server}\n}}\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(conf)], stderr=subprocess.DEVNULL)
    wait_for(port, process)
    return process, port


def guard(binary, model_port, *more):
    port = free_port()
    command = [binary, "serve", "--listen", f"127.0.0.1:{port}", "--upstream", f"model=http://127.0.0.1:{model_port}"]
    process = subprocess.Popen([*map(str, command), "--set", "telemetry.log=warn", *more], stdout=subprocess.DEVNULL)
    wait_for(port, process)
    return process, port


def tree(process):
    """The process and its children."""
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.split()
    return [process.pid, *map(int, children)]


def cpu_seconds(processes):
    ticks = 0
    for process in processes:
        for pid in tree(process):
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def bodies(folder, scenario):
    """A file with one request on each line, from which the generator draws."""
    path = folder / f"{scenario}.jsonl"
    with path.open("w") as file:
        for nth in range(5000):
            # Four of five are the same but for the private value, so that they share an answer.
            template = samples.CACHED if scenario == "cached" and nth % 5 else f"{nth}: {samples.CUSTOMER}"
            file.write(json.dumps(samples.chat(samples.text(template)[0])) + "\n")
    return path


def blast(port, rate, seconds, lines):
    command = [OHA, "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-q", rate, "-c", 256, "--latency-correction"]
    command += ["-m", "POST", "-H", "content-type: application/json", "-Z", lines, f"http://127.0.0.1:{port}/v1/chat/completions"]
    out = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout
    return json.loads(out)


def measure(scenario, name, port, processes, rate, options, lines):
    before = cpu_seconds(processes)
    result = blast(port, rate, options.seconds, lines)
    codes = result["statusCodeDistribution"]
    n_answered = sum(codes.values())
    row = {
        "scenario": scenario,
        "proxy": name,
        "rate": rate,
        "answered_per_second": round(n_answered / options.seconds),
        "not_200": n_answered - codes.get("200", 0),
        "p50_ms": round(1000 * result["latencyPercentiles"]["p50"], 3),
        "p99_ms": round(1000 * result["latencyPercentiles"]["p99"], 3),
        "cpu_us_per_request": round(1e6 * (cpu_seconds(processes) - before) / max(n_answered, 1), 1),
    }
    print(json.dumps(row), flush=True)
    return row


class Run:
    """The processes of one scenario."""

    def __init__(self, scenario, options, folder):
        self.started = []
        model_port = self.keep(*nginx(folder, "model", []))
        self.plain_port = self.keep(*nginx(folder, "plain", [model_port]))
        self.plain = [self.started[-1]]
        if scenario == "replicas":
            redis = free_port()
            command = ["redis-server", "--port", str(redis), "--save", "", "--loglevel", "warning"]
            self.keep(subprocess.Popen(command, stdout=subprocess.DEVNULL), redis)
            wait_for(redis, self.started[-1])
            shared = ["--redis-url", f"redis://127.0.0.1:{redis}"]
            guards = [guard(options.binary, model_port, *shared) for _ in range(3)]
            self.guards = [process for process, _ in guards]
            self.started += self.guards
            self.guard_port = self.keep(*nginx(folder, "balancer", [port for _, port in guards]))
        else:
            self.guard_port = self.keep(*guard(options.binary, model_port))
            self.guards = [self.started[-1]]

    def keep(self, process, port):
        self.started.append(process)
        return port

    def stop(self):
        for process in reversed(self.started):
            process.send_signal(signal.SIGTERM)
        for process in self.started:
            process.wait(40)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--rates", default="500,1000,2000,4000,8000")
    arguments.add_argument("--scenario", default=",".join(SCENARIOS))
    arguments.add_argument("--binary", default=ROOT / "target/release/prompt-guard")
    options = arguments.parse_args()
    for tool, remedy in (("nginx", "Debian's nginx"), ("redis-server", "Debian's redis-server"), (OHA, "`cargo install oha --root target/tools`")):
        if not shutil.which(str(tool)):
            raise SystemExit(f"{tool} is missing: install {remedy}")
    REPORTS.mkdir(exist_ok=True)
    rows = []
    for scenario in options.scenario.split(","):
        folder = pathlib.Path(tempfile.mkdtemp())
        run = Run(scenario, options, folder)
        try:
            lines = bodies(folder, scenario)
            blast(run.guard_port, 200, 1, lines)
            for rate in map(int, options.rates.split(",")):
                rows.append(measure(scenario, "nginx", run.plain_port, run.plain, rate, options, lines))
                rows.append(measure(scenario, "prompt-guard", run.guard_port, run.guards, rate, options, lines))
        finally:
            run.stop()
            shutil.rmtree(folder, ignore_errors=True)
    (REPORTS / "capacity.json").write_text(json.dumps({"cores": os.cpu_count(), "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
