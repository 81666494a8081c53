#!/usr/bin/env python3
"""What the same chat request costs with other gateways, each as its package installs, in one run and on one upstream.

    benches/proxy/peers.py [--rounds 2] [--seconds 5] [--connections 8] [--binary FILE]

LiteLLM's proxy without any guardrail (it forwards, and changes nothing), LLM-Shield-Proxy (it masks and restores), nginx and the
service. Beside them, by one core and without HTTP, how fast Presidio's analyzer reads the text of that request, and the service's
own `scan`; Presidio without a language model, which no package index has, so it looks for no names. The packages are installed into
`target/peers/` at the first run. Needs nginx and wrk (Debian's packages) and a release build.
"""

import argparse
import contextlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import run

PEERS = {
    "litellm": ["litellm[proxy]==1.108.7"],
    "shield": ["llm-shield-proxy==1.7.0"],
    "presidio": ["presidio-analyzer==2.2.366"],
}
FOLDER = run.ROOT / "target/peers"
# What LiteLLM asks of its callers, LLM-Shield-Proxy too; made up for this run.
KEY = f"sk-{secrets.token_hex(32)}"

PRESIDIO = """
import json, sys, time
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine
import spacy

class Tokens(NlpEngine):
    # Presidio's engine around a language model, with a tokenizer alone in its place.
    def load(self): self.nlp = {"en": spacy.blank("en")}
    def is_loaded(self): return True
    def process_text(self, text, language):
        doc = self.nlp["en"](text)
        return NlpArtifacts([], doc, [t.idx for t in doc], [t.text for t in doc], self, language)
    def process_batch(self, texts, language, batch_size=1, n_process=1, **more):
        for text in texts: yield text, self.process_text(text, language)
    def is_stopword(self, word, language): return False
    def is_punct(self, word, language): return False
    def get_supported_entities(self): return []
    def get_supported_languages(self): return ["en"]

tokens = Tokens(); tokens.load()
registry = RecognizerRegistry(); registry.load_predefined_recognizers()
engine = AnalyzerEngine(registry=registry, nlp_engine=tokens, supported_languages=["en"])
text = sys.stdin.read()
found = engine.analyze(text, language="en")
began, rounds = time.process_time(), 0
while time.process_time() - began < float(sys.argv[1]):
    engine.analyze(text, language="en"); rounds += 1
print(json.dumps({"seconds": (time.process_time() - began) / rounds, "found": sorted({f.entity_type for f in found})}))
"""


def python(peer):
    """The interpreter of a peer's environment, made at the first call."""
    folder = FOLDER / peer
    interpreter = folder / "bin/python"
    if not (folder / ".done").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([interpreter, "-m", "pip", "install", "-q", *PEERS[peer]], check=True)
        (folder / ".done").touch()
    return interpreter


@contextlib.contextmanager
def peers(upstream):
    """The gateways of others, in front of the upstream: their processes and ports."""
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))

        def start(command, **settings):
            process = subprocess.Popen(
                command, env={**os.environ, **settings}, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait, 30)
            stack.callback(process.send_signal, signal.SIGTERM)
            return process.pid

        config = folder / "litellm.yaml"
        config.write_text(
            "model_list:\n  - model_name: m\n    litellm_params:\n"
            f"      model: openai/m\n      api_base: http://127.0.0.1:{upstream}/v1\n      api_key: {KEY}\n"
        )
        lite, shield = run.free_port(), run.free_port()
        started = {
            "LiteLLM": (
                start(
                    [python("litellm").parent / "litellm", "--config", config, "--host", "127.0.0.1", "--port", str(lite)],
                    LITELLM_LOG="ERROR",
                    LITELLM_MASTER_KEY=KEY,
                    LITELLM_LOCAL_MODEL_COST_MAP="True",
                ),
                lite,
            ),
            "LLM-Shield-Proxy": (
                start(
                    [python("shield").parent / "llm-shield-proxy", "--host", "127.0.0.1", "--port", str(shield), "--log-level", "error"],
                    UPSTREAM_BASE_URL=f"http://127.0.0.1:{upstream}",
                    UPSTREAM_API_KEY=KEY,
                    VALID_VIRTUAL_KEYS=KEY,
                ),
                shield,
            ),
        }
        for _, port in started.values():
            wait_until_it_answers(port)
        yield started


def wait_until_it_answers(port):
    """Python packages take their time to be imported."""
    for _ in range(360):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        time.sleep(0.5)
    raise SystemExit(f"nothing listens on port {port} after three minutes")


def whole_tree(pid):
    """The process and all below it."""
    below = [p for child in run.tree(pid)[1:] for p in whole_tree(child)]
    return [pid, *below]


def upstream_of(pid):
    """The port that the service forwards to, as its command line has it."""
    command = pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return int(command[command.index("--upstream") + 1].rsplit(":", 1)[1])


def measure(proxy, pid, port, script, options):
    pids = whole_tree(pid)
    before = run.cpu_seconds(pids)
    requests, latency = run.wrk(script, port, options.connections, options.seconds)
    row = {
        "proxy": proxy,
        "requests_per_second": round(requests / options.seconds),
        "cpu_us_per_request": round((run.cpu_seconds(pids) - before) / requests * 1e6, 1),
        "p50_us": latency["50"],
        "p99_us": latency["99"],
        "resident_mib": round(run.resident_mib(pids), 1),
    }
    print(json.dumps(row), flush=True)
    return row


def read_by_presidio():
    done = subprocess.run([python("presidio"), "-c", PRESIDIO, "5"], input=run.TEXT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def read_by_scan(binary):
    """CPU seconds of `scan` for a text, from many of them: the start of the process is taken off."""

    def cpu(count):
        lines = "".join(json.dumps({"id": str(i), "text": f"{i} {run.TEXT}"}) + "\n" for i in range(count))
        before = os.times()
        subprocess.run([binary, "scan", "--jsonl", "--entities", "all"], input=lines, stdout=subprocess.DEVNULL, text=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    few, many = 1_000, 21_000
    return (cpu(many) - cpu(few)) / (many - few)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--connections", type=int, default=8)
    arguments.add_argument("--binary", default=run.ROOT / "target/release/prompt-guard")
    options = arguments.parse_args()
    options.body = run.body(0)
    for tool in ("nginx", "wrk"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is missing: install Debian's package {tool}")
    with run.running(options) as (script, proxies):
        with script.open("a") as lua:
            lua.write(f'headers["authorization"] = "Bearer {KEY}"\n')
        with peers(upstream_of(proxies["prompt-guard"][0])) as others:
            proxies |= others
            for pid, port in proxies.values():
                run.wrk(script, port, 2, 2)
            rows = [
                measure(proxy, pid, port, script, options)
                for _ in range(options.rounds)
                for proxy, (pid, port) in proxies.items()
            ]
    print(f"\n{os.cpu_count()} cores; {options.connections} connections; medians of {options.rounds} rounds")
    cpu = {p: statistics.median(r["cpu_us_per_request"] for r in rows if r["proxy"] == p) for p in proxies}
    for proxy, cost in cpu.items():
        resident = max(r["resident_mib"] for r in rows if r["proxy"] == proxy)
        print(f"{proxy:18} CPU per request {cost:9.1f} µs, {cost / cpu['prompt-guard']:7.2f} times the service's; resident {resident:.0f} MiB")
    presidio, own = read_by_presidio(), read_by_scan(options.binary)
    size = len(run.TEXT.encode())
    print(
        f"reading {size} bytes: Presidio {presidio['seconds'] * 1e6:.0f} µs ({size / presidio['seconds'] / 1e6:.3f} MB/s, without "
        f"names), scan {own * 1e6:.0f} µs ({size / own / 1e6:.1f} MB/s, with names): {presidio['seconds'] / own:.0f} times"
    )


if __name__ == "__main__":
    main()
