#!/usr/bin/env python3
"""Builds the service with what it was seen doing under load (profile-guided optimisation).

    benches/pgo.py [--scenario medium] [--seconds 40]

Builds it with counters, runs a scenario of `tests/load/` before it, and builds it again by what was counted; the result is
`target/pgo/prompt-guard`. Needs the load suite's packages (`make load-tools`) and `llvm-profdata` of the compiler's own
version of LLVM: from `rustup component add llvm-tools`, or Debian's package llvm-NN with the number that `rustc -vV` tells.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
TARGET = ROOT / "target/pgo"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def profdata(version):
    """The tool that reads counters written by this compiler."""
    own = pathlib.Path(output("rustc", "--print", "target-libdir").strip()).parent / "bin/llvm-profdata"
    major = re.search(r"^LLVM version: (\d+)", version, re.MULTILINE)[1]
    found = own if own.exists() else shutil.which(f"llvm-profdata-{major}")
    if not found:
        raise SystemExit(f"llvm-profdata {major} is missing: `rustup component add llvm-tools`, or Debian's package llvm-{major}")
    return found


def build(host, flags):
    """The binary built with more flags. Naming the target keeps build scripts and macros free of them."""
    environment = os.environ | {"RUSTFLAGS": f"{os.environ.get('RUSTFLAGS', '')} {flags}".strip()}
    command = ["cargo", "build", "--release", "--bin", "prompt-guard", "--target", host, "--target-dir", TARGET]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return TARGET / host / "release/prompt-guard"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--scenario", default="medium")
    arguments.add_argument("--seconds", type=int, default=40)
    options = arguments.parse_args()
    version = output("rustc", "-vV")
    host = re.search(r"^host: (\S+)", version, re.MULTILINE)[1]
    tool = profdata(version)

    counters = TARGET / "counters"
    shutil.rmtree(counters, ignore_errors=True)
    counting = build(host, f"-Cprofile-generate={counters}")
    load = [sys.executable, ROOT / "tests/load/run.py", options.scenario, "--seconds", str(options.seconds), "--binary", counting]
    # With counters it is slow, so missed targets mean nothing here.
    subprocess.run(load, check=False)
    if not list(counters.glob("*.profraw")):
        raise SystemExit("the run left no counters: see what it says above")
    merged = TARGET / "merged.profdata"
    subprocess.run([tool, "merge", "-o", merged, counters], check=True)

    binary = shutil.copy2(build(host, f"-Cprofile-use={merged}"), TARGET / "prompt-guard")
    print(f"built {pathlib.Path(binary).relative_to(ROOT)}")


if __name__ == "__main__":
    main()
