"""The server under test is started by the Rust test that runs pytest; its address comes by the environment."""

import os

import pytest

EMAIL = "canary.jane@example.org"
CARD = "4111 1111 1111 1111"
SSN = "078-05-1120"


@pytest.fixture
def address() -> str:
    return os.environ["GUARD_ADDRESS"]


@pytest.fixture
def secret_text() -> str:
    return f"Write to {EMAIL}, card {CARD}, SSN {SSN}. Thanks!"
