#!/usr/bin/env python3
"""A model that answers at once, or after a time to think, and looks for what must not have reached it.

    tests/load/model.py --port 9000 [--think-ms 0] [--words 40] [--pace-ms 0]

Speaks the chat, completion and messages surfaces, whole and streamed, and repeats the stand-ins of the request in its
answer, so that there is something to restore. `GET /stats` tells how many requests came and how many held a planted value.
Needs nothing but Python: it must cost less than what is measured in front of it.
"""

import argparse
import asyncio
import json
import re
import signal

from samples import PLANTED

STAND_IN = re.compile(rb"\[[A-Z][A-Z0-9_]*_[0-9]+\]")
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
WORDS = "the answer to this is short and kind and says what was asked for in plain words ".split()


class Model:
    """What the connections share."""

    def __init__(self, options):
        self.think = options.think_ms / 1000
        self.pace = options.pace_ms / 1000
        self.words = options.words
        self.requests = 0
        self.leaked = 0

    def text(self, body):
        stand_ins = [found.decode() for found in dict.fromkeys(STAND_IN.findall(body))]
        words = [WORDS[nth % len(WORDS)] for nth in range(max(self.words - len(stand_ins), 1))]
        return " ".join(words[: len(words) // 2] + stand_ins + words[len(words) // 2 :])

    def note(self, body):
        self.requests += 1
        self.leaked += PLANTED.encode() in body


def whole(path, text):
    usage = {"prompt_tokens": 60, "completion_tokens": 40, "total_tokens": 100}
    if path.endswith("/messages"):
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 60, "output_tokens": 40},
        }
    if path.endswith("/chat/completions"):
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        return {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}
    choice = {"index": 0, "text": text, "finish_reason": "stop", "logprobs": None}
    return {"id": "c1", "object": "text_completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


def pieces(path, text):
    """The events of a streamed answer; text is cut every seven characters, so that stand-ins are cut too."""
    for at in range(0, len(text), 7):
        delta = {"index": 0, "delta": {"content": text[at : at + 7]}, "finish_reason": None}
        yield {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [delta]}
    last = {"index": 0, "delta": {}, "finish_reason": "stop"}
    yield {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [last]}


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests are answered one after the other."""

    def __init__(self, model):
        self.model = model
        self.buffer = bytearray()
        self.task = None

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, error):
        if self.task:
            self.task.cancel()

    def data_received(self, data):
        self.buffer += data
        head_end = self.buffer.find(HEAD_END)
        if head_end < 0:
            return
        length = LENGTH.search(self.buffer, 0, head_end + 2)
        end = head_end + len(HEAD_END) + (int(length[1]) if length else 0)
        if len(self.buffer) < end:
            return
        path = self.buffer.split(b" ", 2)[1].decode()
        body = bytes(self.buffer[head_end + len(HEAD_END) : end])
        del self.buffer[:end]
        self.answer(path, body)

    def answer(self, path, body):
        if path == "/stats":
            stats = {"requests": self.model.requests, "leaked": self.model.leaked}
            return self.send(json.dumps(stats).encode())
        self.model.note(body)
        text = self.model.text(body)
        if b'"stream": true' in body or b'"stream":true' in body:
            self.task = asyncio.ensure_future(self.stream(path, text))
        elif self.model.think:
            self.task = asyncio.ensure_future(self.later(path, text))
        else:
            self.send(json.dumps(whole(path, text)).encode())

    def send(self, body):
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        self.transport.write(head.encode() + body)

    async def later(self, path, text):
        await asyncio.sleep(self.model.think)
        self.send(json.dumps(whole(path, text)).encode())

    async def stream(self, path, text):
        if self.model.think:
            await asyncio.sleep(self.model.think)
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        self.transport.write(head)
        for piece in pieces(path, text):
            self.chunk(f"data: {json.dumps(piece)}\n\n".encode())
            if self.model.pace:
                await asyncio.sleep(self.model.pace)
        self.chunk(b"data: [DONE]\n\n")
        self.transport.write(b"0\r\n\r\n")

    def chunk(self, data):
        self.transport.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--think-ms", type=float, default=0)
    arguments.add_argument("--pace-ms", type=float, default=0, help="between two events of a stream")
    arguments.add_argument("--words", type=int, default=40)
    model = Model(arguments.parse_args())
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(model), "127.0.0.1", arguments.parse_args().port, backlog=1024)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
