"""Clients that give up. Each request here hangs; the Rust test counts that the model is rid of all of them."""

import asyncio

import anthropic
import httpx
import openai
import pytest

from conftest import EMAIL

MESSAGES = [{"role": "user", "content": EMAIL}]


def test_time_runs_out(address):
    client = openai.OpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0, timeout=1)
    with pytest.raises(openai.APITimeoutError):
        client.chat.completions.create(model="hang", messages=MESSAGES)


def test_streams_are_closed(address):
    client = openai.OpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0)
    client.chat.completions.create(model="hang", messages=MESSAGES, stream=True).close()
    client.responses.create(model="hang", input=EMAIL, stream=True).close()
    client.close()


def test_messages_are_closed(address):
    client = anthropic.Anthropic(base_url=f"http://{address}", api_key="sk-test", max_retries=0)
    with client.messages.stream(model="hang", max_tokens=9, messages=MESSAGES):
        pass
    client.close()


async def begun_and_cancelled(address):
    async with openai.AsyncOpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0) as client:
        stream = await client.chat.completions.create(model="hang", messages=MESSAGES, stream=True)
        reading = asyncio.ensure_future(anext(aiter(stream)))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


def test_tasks_are_cancelled(address):
    asyncio.run(begun_and_cancelled(address))


def test_connections_break(address):
    body = {"model": "hang", "messages": MESSAGES, "stream": True}
    with httpx.Client() as client, client.stream("POST", f"http://{address}/v1/chat/completions", json=body) as answer:
        assert answer.status_code == 200
