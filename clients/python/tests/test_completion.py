"""Chats through the guard, by gRPC and by OpenAI's SDK."""

import os
import pathlib
import subprocess
import sys

import grpc
import openai
import pytest

from prompt_guard_client import GuardClient, GuardError

EMAIL = "ann.smith@example.org"
PROMPT = f"Repeat exactly: {EMAIL}"


def test_a_whole_answer_is_restored(guard: GuardClient, model: str) -> None:
    answer = guard.complete(model, [("user", PROMPT)])
    assert EMAIL in answer.choices[0].delta.content
    assert answer.choices[0].finish_reason
    assert answer.facts.findings["EMAIL_ADDRESS"] == 1
    assert answer.facts.request_id and answer.facts.policy


def test_a_streamed_answer_is_restored(guard: GuardClient, model: str) -> None:
    messages = list(guard.complete_stream(model, [("system", "Be exact."), ("user", PROMPT)]))
    assert messages[0].facts.findings["EMAIL_ADDRESS"] == 1
    choices = [choice for message in messages for choice in message.choices]
    assert EMAIL in "".join(choice.delta.content for choice in choices)
    assert [choice.finish_reason for choice in choices if choice.finish_reason]


def test_a_stream_can_be_left_early(guard: GuardClient, model: str) -> None:
    messages = guard.complete_stream(model, [("user", PROMPT)])
    next(messages)
    messages.close()  # type: ignore[attr-defined]
    assert guard.policies()


def test_an_unknown_upstream_is_not_found(guard: GuardClient, model: str) -> None:
    with pytest.raises(GuardError) as failed:
        guard.complete(model, [("user", "hello")], upstream="no-such-upstream")
    assert failed.value.code == grpc.StatusCode.NOT_FOUND


def test_a_message_without_content_is_refused(guard: GuardClient, model: str) -> None:
    with pytest.raises(GuardError) as failed:
        guard.complete(model, [])
    assert failed.value.field == "messages"


def test_openai_sdk_needs_no_more_than_the_base_url(address: str, model: str) -> None:
    client = openai.OpenAI(base_url=f"http://{address}/v1", api_key="none", max_retries=0)
    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": PROMPT}])
    assert EMAIL in (answer.choices[0].message.content or "")
    stream = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": PROMPT}], stream=True
    )
    pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    assert EMAIL in "".join(pieces)


@pytest.mark.parametrize("example", ["openai_chat.py", "grpc_redact.py"])
def test_examples_run(example: str, address: str) -> None:
    path = pathlib.Path(__file__).parent.parent / "examples" / example
    environment = os.environ | {"PROMPT_GUARD_ADDR": address}
    shown = subprocess.run(
        [sys.executable, str(path)], env=environment, capture_output=True, text=True, timeout=60
    )
    assert shown.returncode == 0, shown.stderr
    assert EMAIL in shown.stdout
