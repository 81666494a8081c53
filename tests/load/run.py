#!/usr/bin/env python3
"""Runs one scenario from nothing: model, guard, users, report, targets.

    tests/load/run.py light|medium|heavy|spike|soak [--seconds N] [--users N] [--think-ms 20] [--redis] [--own]

Needs `cargo build --release` and the packages of requirements.txt (`make load-tools` puts them into target/load). Writes
reports/NAME.html, .json, .csv and .process.json, and exits with 1 when a target is missed.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import targets

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
REPORTS = ROOT / "reports"
LOCUST = ROOT / "target/load/bin/locust"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, process):
    for _ in range(400):
        if process.poll() is not None:
            raise SystemExit(f"{process.args[0]} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


class Machine:
    """The processes of one run. All of them stop with it."""

    def __init__(self, options):
        self.processes = []
        self.model_port, self.guard_port = free_port(), free_port()
        self.redis_port = free_port() if options.redis else None
        if self.redis_port:
            if not shutil.which("redis-server"):
                raise SystemExit("redis-server is missing: install Debian's package redis-server")
            self.start(self.redis_port, ["redis-server", "--port", str(self.redis_port), "--save", "", "--loglevel", "warning"])
        self.start(self.model_port, [sys.executable, HERE / "model.py", "--port", str(self.model_port), "--think-ms", str(options.think_ms)])
        guard = [options.binary, "serve", "--listen", f"127.0.0.1:{self.guard_port}"]
        guard += ["--upstream", f"model=http://127.0.0.1:{self.model_port}", "--set", "telemetry.log=warn"]
        if self.redis_port:
            guard += ["--redis-url", f"redis://127.0.0.1:{self.redis_port}"]
        self.guard = self.start(self.guard_port, guard)

    def start(self, port, command):
        if not shutil.which(str(command[0])):
            raise SystemExit(f"{command[0]} is missing: run `cargo build --release`")
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
        self.processes.append(process)
        wait_for(port, process)
        return process

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(40)

    def stats(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.model_port}/stats") as answer:
            return json.load(answer)


class Watch(threading.Thread):
    """Looks every second at what the guard takes."""

    def __init__(self, machine):
        super().__init__(daemon=True)
        self.machine = machine
        self.done = threading.Event()
        self.resident_mib = 0.0
        self.redis_connections = 0
        self.started = time.monotonic()

    def run(self):
        while not self.done.wait(1):
            self.look()

    def look(self):
        status = pathlib.Path(f"/proc/{self.machine.guard.pid}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        self.resident_mib = max(self.resident_mib, int(resident.split()[1]) / 1024)
        if self.machine.redis_port:
            command = ["redis-cli", "-p", str(self.machine.redis_port), "info", "clients"]
            answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            connected = next(line for line in answer.splitlines() if line.startswith("connected_clients:"))
            # One of them is ours.
            self.redis_connections = max(self.redis_connections, int(connected.split(":")[1]) - 1)

    def facts(self):
        self.done.set()
        self.join()
        fields = pathlib.Path(f"/proc/{self.machine.guard.pid}/stat").read_text().rsplit(")", 1)[1].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        facts = {
            "resident_mib": round(self.resident_mib, 1),
            "cpu_seconds": cpu,
            "cpu_percent_of_one_core": round(100 * cpu / (time.monotonic() - self.started), 1),
            "cores": os.cpu_count(),
        }
        if self.machine.redis_port:
            facts["redis_connections"] = self.redis_connections
        return facts


def locust(name, scenario, machine, options):
    command = [LOCUST, "-f", HERE / scenario.file, "--host", f"http://127.0.0.1:{machine.guard_port}", "--headless"]
    command += ["--html", REPORTS / f"{name}.html", "--json-file", REPORTS / name, "--csv", REPORTS / name]
    command += ["--csv-full-history", "--only-summary", "--exit-code-on-error", "0"]
    if scenario.file == "locustfile.py":
        users = options.users or scenario.users
        command += ["--users", users, "--spawn-rate", users, "--run-time", f"{options.seconds or scenario.seconds}s"]
    subprocess.run(list(map(str, command)), cwd=HERE, check=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("scenario", choices=targets.SCENARIOS)
    arguments.add_argument("--seconds", type=int, help="in place of the scenario's own length")
    arguments.add_argument("--users", type=int, help="in place of the scenario's own number")
    arguments.add_argument("--think-ms", type=float, default=0, help="how long the model thinks")
    arguments.add_argument("--redis", action="store_true", help="keep state in a Redis started for the run")
    arguments.add_argument("--own", action="store_true", help="hold it against our own, tighter targets")
    arguments.add_argument("--binary", default=ROOT / "target/release/prompt-guard")
    options = arguments.parse_args()
    if not LOCUST.exists():
        raise SystemExit("locust is missing: run `make load-tools`")
    REPORTS.mkdir(exist_ok=True)
    name = options.scenario
    machine = Machine(options)
    try:
        watch = Watch(machine)
        watch.start()
        locust(name, targets.SCENARIOS[name], machine, options)
        facts = watch.facts() | machine.stats()
    finally:
        machine.stop()
    (REPORTS / f"{name}.process.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(json.dumps(facts))
    check = [sys.executable, HERE / "check_targets.py", REPORTS / f"{name}.json", *(["--own"] if options.own else [])]
    sys.exit(subprocess.run(check).returncode)


if __name__ == "__main__":
    main()
