"""The users of the load suite. `tests/load/README.md` tells how to run them.

Requests are named by surface, not by path, so that `check_targets.py` can hold each against its target.
"""

import json
import random
import time

import samples
from locust import FastHttpUser, between, events, task

try:
    from grpc_users import GrpcUser  # noqa: F401 (its users join those of this file)
except ImportError as error:
    # The users over HTTP need no gRPC package.
    print(f"no gRPC users: {error}")


class HttpUser(FastHttpUser):
    """What all users over HTTP have in common: a caller of their own, and answers that are looked at."""

    abstract = True
    wait_time = between(0.1, 0.4)
    # Seconds; a guard that takes longer has failed, whatever it answers.
    network_timeout = connection_timeout = 30.0

    def on_start(self):
        self.caller = {"authorization": f"Bearer load-{random.randrange(10**9)}"}

    def ask(self, name, path, body, expected=None):
        with self.client.post(
            path, json=body, name=name, headers=self.caller, catch_response=True
        ) as response:
            if response.status_code != 200:
                response.failure(f"status {response.status_code}")
            elif expected and expected not in (response.text or ""):
                response.failure("the answer does not hold the original value")
            return response


class AppUser(HttpUser):
    """An application that calls models, and what watches over it."""

    weight = 10

    @task(10)
    def health(self):
        self.client.get("/health", name="health")

    @task(5)
    def metrics(self):
        self.client.get("/metrics", name="metrics")

    @task(20)
    def chat(self):
        content, email = samples.text(random.choice([samples.SIMPLE, samples.CUSTOMER, samples.MEDICAL, samples.INCIDENT]))
        # Each request its own: the cache must not answer.
        body = samples.chat(f"{random.randrange(10**12)}: {content}")
        self.ask("chat", "/v1/chat/completions", body, email)

    @task(10)
    def cached(self):
        content, email = samples.text(samples.CACHED)
        self.ask("cached", "/v1/chat/completions", samples.chat(content), email)

    @task(15)
    def completion(self):
        content, email = samples.text(samples.CUSTOMER)
        self.ask("completion", "/v1/completions", {"model": "m", "prompt": content, "max_tokens": 60}, email)

    @task(2)
    def anthropic(self):
        content, email = samples.text(samples.CUSTOMER)
        body = {"model": "m", "max_tokens": 100, "messages": [{"role": "user", "content": content}]}
        self.ask("anthropic", "/v1/messages", body, email)

    @task(5)
    def batch(self):
        response = self.ask("batch", "/guard/v1/redact", samples.batch())
        if response.status_code == 200 and samples.PLANTED in response.text:
            report("CHECK", "batch", error=AssertionError("a planted value is in a redacted text"))


class HeavyUser(HttpUser):
    """A long-running chat: some 60 KB of history with each turn."""

    weight = 1
    wait_time = between(1, 3)

    @task
    def long_chat(self):
        body, email = samples.long_chat(200)
        self.ask("long chat", "/v1/chat/completions", body, email)


class StreamingUser(HttpUser):
    """Reads answers as they stream, and measures the time to the first token."""

    weight = 2
    wait_time = between(0.5, 1.5)

    @task
    def stream(self):
        content, email = samples.text(samples.CUSTOMER)
        body = samples.chat(f"{random.randrange(10**12)}: {content}", stream=True)
        start = time.perf_counter()
        first = None
        said = []
        with self.client.post(
            "/v1/chat/completions", json=body, name="stream", headers=self.caller, stream=True, catch_response=True
        ) as response:
            while response.status_code == 200 and (line := response.stream.readline(b"\n")):
                if not line.startswith(b"data: {"):
                    continue
                first = first or time.perf_counter()
                said.append(json.loads(line[6:])["choices"][0]["delta"].get("content") or "")
            if email not in "".join(said):
                response.failure("the stream does not hold the original value")
        if first:
            report("POST", "first token", 1000 * (first - start))


def report(method, name, elapsed=0.0, error=None):
    """Counts something that is not a request of its own."""
    events.request.fire(
        request_type=method, name=name, response_time=elapsed, response_length=0, exception=error, context={}
    )
