#!/usr/bin/env python3
"""Counts the instructions of each case of `benches/cases`, by callgrind.

    benches/instructions.py [--against FILE] [--record FILE]

Prints a table, with `--against` beside the counts of an earlier run, and fails if one has grown by more than 5 %. Counts do
not depend on the machine's load; they do on compiler and processor kind. Needs valgrind (Debian's package).
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]


def built():
    """The bench, built as cargo builds benches."""
    command = ["cargo", "bench", "--bench", "instructions", "--no-run", "--message-format=json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    messages = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))
    found = [m["executable"] for m in messages if m.get("target", {}).get("name") == "instructions" and m.get("executable")]
    return found[-1]


def total(path):
    return int(re.search(r"^(?:totals|summary): (\d+)", path.read_text(), re.M)[1])


def counted(binary):
    """Instructions of one piece of work, by case."""
    with tempfile.TemporaryDirectory() as folder:
        function = "instructions::measured"
        options = [f"--toggle-collect={function}", f"--dump-after={function}", f"--callgrind-out-file={folder}/out"]
        command = ["valgrind", "--tool=callgrind", "--quiet", *options, binary]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        lines = [line.split("\t") for line in done.stdout.splitlines() if "\t" in line]
        # One dump for each return, numbered from 1; what follows the last is of no case.
        dumps = sorted(pathlib.Path(folder).glob("out.*"), key=lambda path: int(path.suffix[1:]))
        if len(dumps) < len(lines):
            sys.exit(f"callgrind wrote {len(dumps)} totals for {len(lines)} cases")
        return {name: total(dump) // int(times) for (times, name), dump in zip(lines, dumps)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=pathlib.Path, help="counts of an earlier run")
    parser.add_argument("--record", type=pathlib.Path, help="where to write the counts")
    options = parser.parse_args()
    before = json.loads(options.against.read_text()) if options.against else {}
    counts = counted(built())
    grown = []
    print("| case | instructions |" + (" before | change |" if before else ""))
    print("| --- | ---: |" + (" ---: | ---: |" if before else ""))
    for name, count in counts.items():
        row = f"| {name} | {count:,} |"
        if name in before:
            change = count / before[name] - 1
            row += f" {before[name]:,} | {change:+.1%} |"
            if change > 0.05:
                grown.append(name)
        print(row)
    if options.record:
        options.record.write_text(json.dumps(counts, indent=2) + "\n")
    if grown:
        sys.exit(f"more than 5 % more: {', '.join(grown)}")


if __name__ == "__main__":
    main()
