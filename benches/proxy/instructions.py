#!/usr/bin/env python3
"""Instructions that one proxied chat request takes, and one Scan by gRPC, by callgrind: no other load on the machine changes them.

    benches/proxy/instructions.py [--calls 400] [--connections 8] [--binary FILE] [--keep FILE]

Request and upstream are those of `run.py`, the text of the Scan that of `grpc_scan.rs`. What the service does when it starts is not
counted, nor what the kernel does. Needs valgrind and nginx (Debian's packages), for the Scan grpcio as well: run it by
`target/load/bin/python` (`make load-tools`). `--keep` leaves callgrind's files for `callgrind_annotate`; names of functions need a
build with symbols (`cargo build --profile bench`).
"""

import argparse
import asyncio
import contextlib
import pathlib
import re
import signal
import subprocess
import tempfile

import run as proxy

# Each connection is used this often before anything is counted.
WARM_UP = 6
SCAN = "/promptguard.v1.Guard/Scan"


@contextlib.contextmanager
def running(binary, folder, out):
    """The service under callgrind in front of nginx; tells its process and its port."""
    with contextlib.ExitStack() as stack:

        def start(command, **how):
            process = subprocess.Popen(command, **how)
            stack.callback(process.wait, 60)
            stack.callback(process.send_signal, signal.SIGTERM)
            return process.pid

        upstream, port = proxy.free_port(), proxy.free_port()
        answer = f"location / {{ default_type application/json; return 200 '{proxy.ANSWER}'; }}"
        proxy.start_nginx(start, folder, "upstream", f"server {{ listen 127.0.0.1:{upstream}; {answer} }}")
        service = [binary, "serve", "--listen", f"127.0.0.1:{port}", "--upstream", f"u=http://127.0.0.1:{upstream}"]
        counting = ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={out}"]
        pid = start([*counting, *service, "--set", "telemetry.log=warn"], stdout=subprocess.DEVNULL)
        proxy.wait_for(port, tries=2000)
        yield pid, port


def chats(port, connections):
    """Sends chats over so many connections."""

    async def send(each, first):
        async def one(nth):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for turn in range(first + nth * each, first + (nth + 1) * each):
                body = proxy.body(0).replace(proxy.TURN, str(turn)).encode()
                writer.write(
                    b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
                    b"content-length: %d\r\n\r\n" % len(body) + body
                )
                head = await reader.readuntil(b"\r\n\r\n")
                answer = await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
                assert b" 200 " in head and b"mira.lindqvist" in answer, head + answer
            writer.close()

        await asyncio.gather(*map(one, range(connections)))

    return lambda each, first: asyncio.run(send(each, first))


def scans(port, callers):
    """Sends Scans by so many callers; `None` without grpcio."""
    try:
        import grpc
    except ImportError:
        return None
    from concurrent.futures import ThreadPoolExecutor

    with_own_connection = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.insecure_channel(f"127.0.0.1:{port}", options=with_own_connection) for _ in range(4)]
    calls = [channel.unary_unary(SCAN, request_serializer=bytes, response_deserializer=bytes) for channel in channels]

    def one(nth):
        text = (
            f"Ticket {nth % callers}-{nth}: the parcel came late and one of the lamps was broken, so please send a new one this "
            "week and write to mira.lindqvist@example.org when it is on its way. Many thanks in advance!"
        )[:200].encode()
        # `texts`, field 1, with its length of two bytes.
        message = bytes([1 << 3 | 2, len(text) & 0x7F | 0x80, len(text) >> 7]) + text
        assert b"EMAIL_ADDRESS" in calls[nth % len(calls)](message, timeout=60)

    def send(each, first):
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(one, range(first, first + each * callers)))

    return send


def control(what, pid):
    subprocess.run(["callgrind_control", what, str(pid)], check=True, capture_output=True)


def counted(pid, out, n_dumps, send, each):
    """Instructions of all that `send` sends."""
    send(WARM_UP, 1_000_000)
    control("--zero", pid)
    send(each, 0)
    control("--dump", pid)
    text = pathlib.Path(f"{out}.{n_dumps}").read_text()
    return int(re.search(r"^(?:totals|summary): (\d+)", text, re.M)[1])


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--calls", type=int, default=400)
    arguments.add_argument("--connections", type=int, default=8)
    arguments.add_argument("--binary", default=proxy.ROOT / "target/release/prompt-guard")
    arguments.add_argument("--keep", type=pathlib.Path, metavar="FILE", help="callgrind's files, by what they begin with")
    options = arguments.parse_args()
    each = max(1, options.calls // options.connections)
    with tempfile.TemporaryDirectory() as folder:
        out = options.keep or pathlib.Path(folder) / "out"
        with running(options.binary, pathlib.Path(folder), out) as (pid, port):
            cases = {"proxied chat": chats(port, options.connections), "Scan by gRPC": scans(port, options.connections)}
            for nth, (name, send) in enumerate(cases.items(), 1):
                if send:
                    count = counted(pid, out, nth, send, each)
                    print(f"{name}: {count / (each * options.connections):,.0f} instructions", flush=True)


if __name__ == "__main__":
    main()
