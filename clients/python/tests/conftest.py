"""The tests run against a server that is already up, with an upstream that answers chats:

    prompt-guard demo --listen 127.0.0.1:8000 &
    PROMPT_GUARD_ADDR=127.0.0.1:8000 pytest
"""

import os
from collections.abc import Iterator

import grpc
import pytest

from prompt_guard_client import GuardClient


@pytest.fixture(scope="session")
def address() -> str:
    value = os.environ.get("PROMPT_GUARD_ADDR")
    if not value:
        pytest.exit("PROMPT_GUARD_ADDR must be host:port of a running server", returncode=2)
    with grpc.insecure_channel(value) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=10)
        except grpc.FutureTimeoutError:
            pytest.exit(f"no server answers at {value}", returncode=2)
    return value


@pytest.fixture(scope="session")
def model() -> str:
    """The model to ask; any name does for the demo's upstream."""
    return os.environ.get("PROMPT_GUARD_MODEL", "demo")


@pytest.fixture()
def guard(address: str) -> Iterator[GuardClient]:
    with GuardClient(address, user_id="python-tests") as client:
        yield client


@pytest.fixture()
def channel(address: str) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(address) as channel:
        yield channel
