"""The server under test is started by the Rust test that runs pytest; its address comes by the environment."""

import os

import pytest

EMAIL = "canary.jane@example.org"
CARD = "4111 1111 1111 1111"
SSN = "078-05-1120"
IBAN = "GB82 WEST 1234 5698 7654 32"
PHONE = "+1 415 555 0132"
ADDRESS = "203.0.113.77"

# Quotes, a backslash, a line end, an emoji of several characters: what JSON and pieces of a stream may break.
TEXT = f'Write to "{EMAIL}", card {CARD},\nSSN {SSN}, IBAN {IBAN}; C:\\tmp, phone {PHONE}, host {ADDRESS}. Thanks 👩‍💻 – 谢谢!'


@pytest.fixture
def address() -> str:
    return os.environ["GUARD_ADDRESS"]


@pytest.fixture
def secret_text() -> str:
    return TEXT


@pytest.fixture(params=[1, 2, 3, 7, 50], ids=lambda length: f"pieces of {length}")
def model(request) -> str:
    """The name of a model that streams in pieces of so many characters."""
    return f"echo-{request.param}"
