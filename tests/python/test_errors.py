"""Each failure, the guard's own or the provider's, is the exception that the SDK has for it."""

import asyncio

import anthropic
import openai
import pytest

from conftest import CARD, EMAIL

NO_CARDS = {"x-guard-policy": "no_cards"}


@pytest.fixture
def of_openai(address):
    return openai.OpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0)


@pytest.fixture
def of_anthropic(address):
    return anthropic.Anthropic(base_url=f"http://{address}", api_key="sk-test", max_retries=0)


def chat(client, model, text=EMAIL, **more):
    return client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}], **more)


def respond(client, model, text=EMAIL, **more):
    return client.responses.create(model=model, input=text, **more)


def message(client, model, text=EMAIL, **more):
    return client.messages.create(model=model, max_tokens=9, messages=[{"role": "user", "content": text}], **more)


STATUSES = [
    (400, "BadRequestError"),
    (401, "AuthenticationError"),
    (403, "PermissionDeniedError"),
    (404, "NotFoundError"),
    (429, "RateLimitError"),
    (500, "InternalServerError"),
    (503, "InternalServerError"),
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("call", [chat, respond])
@pytest.mark.parametrize("status, name", STATUSES)
def test_openai_raises_by_status(of_openai, status, name, call, stream):
    with pytest.raises(getattr(openai, name)) as error:
        call(of_openai, f"status-{status}", stream=stream)
    assert EMAIL not in str(error.value)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("status, name", [*STATUSES, (529, "OverloadedError")])
def test_anthropic_raises_by_status(of_anthropic, status, name, stream):
    kind = getattr(anthropic, name, None) or anthropic.InternalServerError
    with pytest.raises(kind) as error:
        message(of_anthropic, f"status-{status}", stream=stream)
    assert error.value.body["type"] == "error"


def test_limits_say_when_to_come_back(of_openai, of_anthropic):
    with pytest.raises(openai.RateLimitError) as error:
        chat(of_openai, "status-429")
    assert error.value.response.headers["retry-after"] == "1"
    with pytest.raises(anthropic.RateLimitError) as error:
        message(of_anthropic, "status-429")
    assert error.value.response.headers["retry-after"] == "1"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("call", [chat, respond])
def test_openai_blocked_prompts_are_bad_requests_and_not_tried_again(of_openai, call, stream):
    with pytest.raises(openai.BadRequestError) as error:
        call(of_openai.with_options(max_retries=5), "echo", f"Card {CARD}", stream=stream, extra_headers=NO_CARDS)
    assert error.value.code == "content_blocked"
    assert error.value.response.headers["x-should-retry"] == "false"
    assert CARD not in str(error.value)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_anthropic_blocked_prompts_are_bad_requests(of_anthropic, stream):
    with pytest.raises(anthropic.BadRequestError) as error:
        message(of_anthropic, "echo", f"Card {CARD}", stream=stream, extra_headers=NO_CARDS)
    assert error.value.body["error"]["type"] == "invalid_request_error"
    assert CARD not in str(error.value)


def test_async_clients_raise_the_same(address):
    async def attempt():
        async with openai.AsyncOpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0) as client:
            await chat(client, "status-429")

    with pytest.raises(openai.RateLimitError):
        asyncio.run(attempt())


def test_an_sdk_that_tries_again_is_not_in_the_way(of_openai):
    with pytest.raises(openai.InternalServerError):
        chat(of_openai.with_options(max_retries=1), "status-500")
