"""Instructor: models out of texts, by tools and by JSON, whole and streamed."""

import asyncio

import anthropic
import instructor
import openai
import pytest
from pydantic import BaseModel


class Step(BaseModel):
    about: str
    done: bool


class Plan(BaseModel):
    title: str
    steps: list[Step]


def check(made, text):
    """Instructor makes models of classes of its own, so what they hold is compared."""
    assert made.model_dump() == {"title": text, "steps": [{"about": text, "done": True}]}


def of_openai(address, mode):
    client = openai.OpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0)
    return instructor.from_openai(client, mode=mode)


def asked(text, model="echo"):
    return {"model": model, "messages": [{"role": "user", "content": text}], "response_model": Plan, "max_retries": 0}


MODES = pytest.mark.parametrize("mode", [instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA])


@MODES
def test_models_hold_the_originals(address, secret_text, mode):
    check(of_openai(address, mode).chat.completions.create(**asked(secret_text)), secret_text)


@MODES
def test_streamed_models_hold_the_originals(address, secret_text, model, mode):
    client = of_openai(address, mode)
    *_, last = client.chat.completions.create_partial(**asked(secret_text, model))
    check(last, secret_text)


def test_async_models_hold_the_originals(address, secret_text):
    async def create():
        client = openai.AsyncOpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0)
        return await instructor.from_openai(client).chat.completions.create(**asked(secret_text))

    check(asyncio.run(create()), secret_text)


def test_models_by_anthropic_hold_the_originals(address, secret_text):
    client = instructor.from_anthropic(anthropic.Anthropic(base_url=f"http://{address}", api_key="sk-test", max_retries=0))
    check(client.messages.create(max_tokens=99, **asked(secret_text)), secret_text)


def test_failures_are_told(address):
    with pytest.raises(Exception) as error:
        of_openai(address, instructor.Mode.TOOLS).chat.completions.create(**asked("hi", "status-401"))
    assert "as asked" in str(error.value)
