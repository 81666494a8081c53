"""PyPI's `chunk-invariance` with the running binary as the filter: however the model's stream is cut, the client gets what
it gets from the whole."""

import httpx
import pytest
from chunk_invariance import assert_chunk_invariant

from conftest import EMAIL, SSN, TEXT


class Guard:
    """Restores what a model says about one prompt. The model echoes the redacted prompt, cut where the name says."""

    def __init__(self, client, prompt):
        self.client, self.prompt = client, prompt

    def _body(self, model, **more):
        return {"model": model, "messages": [{"role": "user", "content": self.prompt}], **more}

    def whole(self, redacted):
        answer = self.client.post("/v1/chat/completions", json=self._body("echo")).json()
        return answer["choices"][0]["message"]["content"]

    def stream(self, chunks):
        chunks = list(chunks)
        ends = [sum(map(len, chunks[:count])) for count in range(1, len(chunks))]
        model = "-".join(["cut", *map(str, ends)]) if ends else "echo-1000"
        text = ""
        with self.client.stream("POST", "/v1/chat/completions", json=self._body(model, stream=True)) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: {"):
                    text += httpx.Response(200, content=line[6:]).json()["choices"][0]["delta"].get("content", "")
        yield text

    def redacted(self):
        return self.client.post("/guard/v1/redact", json={"texts": [self.prompt]}).json()["results"][0]["text"]


@pytest.fixture
def guard(address):
    with httpx.Client(base_url=f"http://{address}") as client:
        yield lambda prompt: Guard(client, prompt)


def test_every_single_cut(guard):
    check(guard(TEXT), "all-two-part")


def test_every_two_cuts(guard):
    check(guard(f"[{EMAIL}] [[{SSN}"), 3)


def check(guard, splits):
    redacted = guard.redacted()
    assert guard.whole(redacted) == guard.prompt
    assert assert_chunk_invariant(guard.stream, guard.whole, redacted, splits=splits) >= len(redacted)
