#!/usr/bin/env python3
"""Where the time of a proxied chat request goes: samples of the service under load, as a flame graph.

    benches/profile.py [--seconds 10] [--connections 50] [--history KIB] [--binary FILE]

Writes `reports/profile.svg` (hover over a frame for its share) and prints the functions in which most of the time is spent
themselves. Needs perf, nginx and wrk (Debian's packages linux-perf, nginx, wrk); the binary must have its symbols, so it is
built as benches are. Request, upstream and load are those of `proxy/run.py`.
"""

import argparse
import collections
import html
import pathlib
import re
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benches/proxy"))
import run as proxy  # noqa: E402

WIDTH, ROW, LEAST = 1600, 17, 0.4


def plain(symbol):
    """The name without its hash, its types' parameters and its place in the binary."""
    symbol = re.sub(r"(::h[0-9a-f]{16}|\+0x[0-9a-f]+)$", "", symbol)
    while (shorter := re.sub(r"<[^<>]*>", "", symbol)) != symbol:
        symbol = shorter
    return symbol.strip(":") or "?"


def stacks(text):
    """Each sample's frames, outermost first."""
    frames = []
    for line in text.splitlines():
        if not line.strip():
            if frames:
                yield tuple(reversed(frames))
            frames = []
        elif line[0].isspace() and (found := re.match(r"\s+[0-9a-f]+ (.+) \(([^()]*)\)$", line)):
            frames.append(plain(found[1]))
    if frames:
        yield tuple(reversed(frames))


def tree(counted):
    root = {}
    for frames, count in counted.items():
        node = root
        for frame in frames:
            here = node.setdefault(frame, [0, {}])
            here[0] += count
            node = here[1]
    return root


def boxes(node, total, x, depth, out):
    for name, (count, children) in sorted(node.items()):
        width = count / total * WIDTH
        if width >= LEAST:
            out.append((name, count / total, x, width, depth))
            boxes(children, total, x, depth + 1, out)
        x += width


def svg(counted):
    out, total = [], sum(counted.values())
    boxes(tree(counted), total, 0, 0, out)
    height = (max(box[4] for box in out) + 1) * ROW
    rows = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="monospace" font-size="11">'
    ]
    for name, share, x, width, depth in out:
        y, hue = height - (depth + 1) * ROW, sum(map(ord, name.split("::")[0])) % 60
        text, label = html.escape(name), html.escape(name[: int(width / 7)]) if width > 20 else ""
        rows.append(
            f'<g><title>{text}: {share:.2%}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 1}" '
            f'fill="hsl({hue},80%,70%)"/><text x="{x + 2:.1f}" y="{y + 12}">{label}</text></g>'
        )
    return "\n".join([*rows, "</svg>"]) + "\n"


def sampled(pid, script, port, options):
    """The samples of one process while it is under load."""
    data = script.with_name("perf.data")
    record = ["perf", "record", "--quiet", "-F", "499", "-e", "cpu-clock", "--call-graph", "dwarf,16384", "-p", str(pid)]
    perf = subprocess.Popen([*record, "-o", str(data)])
    proxy.wrk(script, port, options.connections, options.seconds)
    perf.send_signal(signal.SIGINT)
    perf.wait()
    command = ["perf", "script", "--no-inline", "-F", "comm,tid,ip,sym,dso", "-i", str(data)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=10)
    arguments.add_argument("--connections", type=int, default=50)
    arguments.add_argument("--history", type=int, default=0, metavar="KIB")
    arguments.add_argument("--binary", default=ROOT / "target/release/prompt-guard")
    options = arguments.parse_args()
    for tool in ("perf", "nginx", "wrk"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is missing: install Debian's package {'linux-perf' if tool == 'perf' else tool}")
    options.body = proxy.body(options.history * 1024)
    with proxy.running(options) as (script, proxies):
        pid, port = proxies["prompt-guard"]
        proxy.wrk(script, port, 8, 2)
        counted = collections.Counter(stacks(sampled(pid, script, port, options)))
    total = sum(counted.values())
    if not total:
        raise SystemExit("perf took no samples")
    picture = ROOT / "reports/profile.svg"
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(svg(counted))
    own = collections.Counter()
    for frames, count in counted.items():
        own[frames[-1]] += count
    for name, count in own.most_common(25):
        print(f"{count / total:6.2%}  {name}")
    print(f"{total} samples; {picture.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
