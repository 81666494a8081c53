"""LiteLLM as a library, in front of both dialects."""

import asyncio
import json

import litellm
import pytest


def openai(address, model):
    return {"model": f"openai/{model}", "api_base": f"http://{address}/v1", "api_key": "sk-test", "num_retries": 0}


def anthropic(address, model):
    return {"model": f"anthropic/{model}", "api_base": f"http://{address}", "api_key": "sk-test", "num_retries": 0}


DIALECTS = pytest.mark.parametrize("dialect", [openai, anthropic])

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "send_mail",
            "description": "Sends a mail",
            "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
        },
    }
]


def user(text):
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]


@DIALECTS
def test_answers_come_back_whole(address, secret_text, dialect):
    answer = litellm.completion(messages=user(secret_text), **dialect(address, "echo"))
    assert answer.choices[0].message.content == secret_text


@DIALECTS
def test_streams_come_back_whole(address, secret_text, model, dialect):
    stream = litellm.completion(messages=user(secret_text), stream=True, **dialect(address, model))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == secret_text


@DIALECTS
def test_async_streams_come_back_whole(address, secret_text, dialect):
    async def collect():
        stream = await litellm.acompletion(messages=user(secret_text), stream=True, **dialect(address, "echo-2"))
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert asyncio.run(collect()) == secret_text


@DIALECTS
def test_tools_are_called_with_the_originals(address, secret_text, model, dialect):
    asked = {"messages": user(secret_text), "tools": TOOLS, **dialect(address, model)}
    (call,) = litellm.completion(**asked).choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"text": secret_text}
    chunks = list(litellm.completion(stream=True, **asked))
    (call,) = litellm.stream_chunk_builder(chunks).choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"text": secret_text}


@DIALECTS
def test_results_of_tools_go_out_guarded_and_come_back(address, secret_text, dialect):
    call = {"id": "call_1", "type": "function", "function": {"name": "send_mail", "arguments": json.dumps({"text": secret_text})}}
    history = [
        *user("Send it"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": secret_text},
    ]
    answer = litellm.completion(messages=history, tools=TOOLS, **dialect(address, "echo"))
    assert answer.choices[0].message.content == secret_text


def test_responses_come_back_whole(address, secret_text):
    answer = litellm.responses(input=secret_text, **openai(address, "echo"))
    assert answer.output[0].content[0].text == secret_text


def test_embeddings_are_made_of_the_redacted_text(address, secret_text):
    answer = litellm.embedding(input=[secret_text], encoding_format="float", **openai(address, "echo"))
    assert answer.data[0]["embedding"] == [0.5, -0.25]


@DIALECTS
@pytest.mark.parametrize(
    "status, kind",
    [
        (400, litellm.BadRequestError),
        (401, litellm.AuthenticationError),
        (429, litellm.RateLimitError),
        (500, litellm.InternalServerError),
    ],
)
def test_failures_are_its_own_exceptions(address, dialect, status, kind):
    with pytest.raises(kind):
        litellm.completion(messages=user("hi"), **dialect(address, f"status-{status}"))


@DIALECTS
def test_blocked_prompts_are_bad_requests(address, secret_text, dialect):
    with pytest.raises(litellm.BadRequestError):
        litellm.completion(
            messages=user(secret_text), extra_headers={"x-guard-policy": "no_cards"}, **dialect(address, "echo")
        )
