#!/usr/bin/env python3
"""Holds the report of a load run against the targets; fails when one is missed.

    tests/load/check_targets.py reports/light.json [--own]

Reads the statistics that locust wrote (`--json-file`), and beside them, if there, `NAME.process.json` (what the process
took) and `NAME_stats_history.csv` (how a spike was got over). With `--own` the tighter targets count, those that hold on a
quiet machine.
"""

import argparse
import csv
import json
import pathlib
import sys

import targets


def percentile(row, share):
    """The time within which `share` of the requests were answered; locust keeps a count for each rounded time."""
    left = row["num_requests"] * share
    for elapsed, count in sorted((float(t), n) for t, n in row["response_times"].items()):
        left -= count
        if left <= 0:
            return elapsed
    return float("inf")


class Check:
    """Collects what was looked at, and whether it held."""

    def __init__(self):
        self.lines = []
        self.missed = 0

    def below(self, what, value, limit, unit="", or_equal=False):
        held = value <= limit if or_equal else value < limit
        self.missed += not held
        self.lines.append(f"{'ok    ' if held else 'MISSED'} {what}: {value:.1f}{unit} (limit {limit:g}{unit})")


def surfaces(check, rows, own):
    for row in rows:
        name, n_requests = row["name"], row["num_requests"]
        if not n_requests:
            continue
        limits = targets.P95.get(name)
        if limits:
            check.below(f"{name}, P95 of {n_requests}", percentile(row, 0.95), limits[own], " ms", or_equal=True)
        failures = 100 * row["num_failures"] / n_requests
        limit = targets.FAILURES.get(name, targets.FAILURES_OTHERWISE)
        check.below(f"{name}, failed", failures, limit, " %", or_equal=True)


def overall(check, rows, scenario):
    n_requests = sum(row["num_requests"] for row in rows)
    if not n_requests:
        raise SystemExit("the report holds no request")
    average = sum(row["total_response_time"] for row in rows) / n_requests
    failures = 100 * sum(row["num_failures"] for row in rows) / n_requests
    check.below(f"all {n_requests} requests, average", average, scenario.average, " ms")
    check.below("all requests, failed", failures, scenario.failures, " %", or_equal=True)


def process(check, path, own):
    if not path.exists():
        return
    facts = json.loads(path.read_text())
    check.below("resident memory, highest", facts["resident_mib"], targets.MEMORY_MIB[own], " MiB")
    check.below("planted values that reached the model", facts["leaked"], 0, or_equal=True)
    if "redis_connections" in facts:
        check.below("connections to Redis", facts["redis_connections"], targets.REDIS_CONNECTIONS)


def recovery(check, path):
    """After each burst: how many seconds until P95 of the last ten is back at twice its value before the burst."""
    with path.open(newline="") as file:
        history = [row for row in csv.DictReader(file) if row["Name"] == "Aggregated" and row["95%"] not in ("", "N/A")]
    seconds = [(int(row["Timestamp"]), int(row["User Count"]), float(row["95%"])) for row in history]
    calm = [p95 for _, users, p95 in seconds[:15] if p95]
    if not calm:
        raise SystemExit("the history holds nothing before the first burst")
    # What P95 may be in calm: locust rounds, and small numbers double easily.
    limit = max(2 * max(calm), 20)
    burst_end = None
    for (_, before, _), (at, users, p95) in zip(seconds, seconds[1:]):
        if users < before and before > 2 * users:
            burst_end = at
        # The window of locust's current percentile is ten seconds, so that much of the burst is still in it.
        if burst_end and p95 <= limit:
            took = max(0, at - burst_end - 10)
            check.below(f"calm again after the burst that ended at {burst_end}", took, targets.RECOVERY_SECONDS, " s")
            burst_end = None
    if burst_end:
        check.below("calm again after the last burst", float("inf"), targets.RECOVERY_SECONDS, " s")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("report", type=pathlib.Path)
    arguments.add_argument("--own", action="store_true", help="hold it against our own, tighter targets")
    options = arguments.parse_args()
    name = options.report.stem
    scenario = targets.SCENARIOS.get(name)
    if not scenario:
        raise SystemExit(f"there is no scenario {name}; a report is named after its scenario: {', '.join(targets.SCENARIOS)}")
    rows = json.loads(options.report.read_text())
    check = Check()
    overall(check, rows, scenario)
    surfaces(check, rows, options.own)
    process(check, options.report.with_name(f"{name}.process.json"), options.own)
    if name == "spike":
        recovery(check, options.report.with_name(f"{name}_stats_history.csv"))
    print("\n".join(check.lines))
    print(f"{len(check.lines) - check.missed} targets held, {check.missed} missed")
    sys.exit(1 if check.missed else 0)


if __name__ == "__main__":
    main()
