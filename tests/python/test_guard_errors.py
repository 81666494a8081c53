"""What the guard itself refuses, and upstreams that fail it, are the exceptions that the SDKs have for it. The server of
these tests lets each user call once; its upstreams are named by what is wrong with them."""

import uuid

import anthropic
import openai
import pytest

from conftest import CARD, EMAIL

NO_CARDS = {"x-guard-policy": "no_cards"}


@pytest.fixture(params=["openai", "anthropic"])
def sdk(request):
    return request.param


@pytest.fixture
def ask(address, sdk):
    """Asks an upstream one thing, as a new user or a given one; gives the answer or, streamed, all of its texts."""

    def ask(upstream, text=EMAIL, user=None, stream=False, headers=None):
        headers = {"x-user-id": user or uuid.uuid4().hex, **(headers or {})}
        messages = [{"role": "user", "content": text}]
        if sdk == "openai":
            base_url = f"http://{address}/{upstream}/v1"
            client = openai.OpenAI(base_url=base_url, api_key="k", max_retries=0, default_headers=headers)
            answer = client.chat.completions.create(model="echo", messages=messages, stream=stream)
            return [part.choices[0].delta.content for part in answer] if stream else answer
        base_url = f"http://{address}/{upstream}"
        client = anthropic.Anthropic(base_url=base_url, api_key="k", max_retries=0, default_headers=headers)
        answer = client.messages.create(model="echo", max_tokens=9, messages=messages, stream=stream)
        return [part.type for part in answer] if stream else answer

    return ask


def of(sdk, name):
    return getattr({"openai": openai, "anthropic": anthropic}[sdk], name)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_limit_of_the_guard_is_a_rate_limit_error_that_says_when_to_come_back(sdk, ask, stream):
    user = uuid.uuid4().hex
    ask("good", user=user)
    with pytest.raises(of(sdk, "RateLimitError")) as error:
        ask("good", user=user, stream=stream)
    headers = error.value.response.headers
    assert 0 < int(headers["retry-after"]) <= 60
    assert 0 < int(headers["retry-after-ms"]) <= 60_000
    assert error.value.request_id == headers["x-request-id"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    "upstream, status, name",
    [("down", 502, "InternalServerError"), ("slow", 504, "InternalServerError"), ("nosuch", 404, "NotFoundError")],
)
def test_an_upstream_that_is_not_there_is_an_error_by_its_status(sdk, ask, upstream, status, name, stream):
    with pytest.raises(of(sdk, name)) as error:
        ask(upstream, stream=stream)
    assert isinstance(error.value, of(sdk, "APIStatusError"))
    assert error.value.status_code == status
    assert EMAIL not in str(error.value)


def test_what_the_guard_refuses_is_a_bad_request_or_not_permitted(sdk, ask):
    with pytest.raises(of(sdk, "BadRequestError")) as error:
        ask("good", text=f"Card {CARD}", headers=NO_CARDS)
    assert error.value.response.headers["x-should-retry"] == "false"
    with pytest.raises(of(sdk, "APIStatusError")) as error:
        ask("good", text="x" * 70_000)
    assert error.value.status_code == 413


def test_a_path_that_is_not_guarded_is_not_permitted(address):
    client = openai.OpenAI(base_url=f"http://{address}/v1", api_key="k", max_retries=0)
    with pytest.raises(openai.PermissionDeniedError) as error:
        client.files.list()
    assert error.value.code == "unguarded_endpoint"
    client = anthropic.Anthropic(base_url=f"http://{address}", api_key="k", max_retries=0)
    with pytest.raises(anthropic.PermissionDeniedError):
        client.messages.batches.list()


def test_a_stream_that_breaks_is_an_exception_after_what_came(sdk, ask):
    with pytest.raises(of(sdk, "APIError")) as error:
        ask(f"breaking-{sdk}", stream=True)
    # It is the guard's word, not the connection's.
    assert not isinstance(error.value, of(sdk, "APIConnectionError"))
    assert "upstream" in str(error.value)


def test_a_response_that_breaks_is_an_exception_too(address):
    client = openai.OpenAI(base_url=f"http://{address}/breaking-responses/v1", api_key="k", max_retries=0)
    stream = client.responses.create(
        model="echo", input=EMAIL, stream=True, extra_headers={"x-user-id": uuid.uuid4().hex}
    )
    events = []
    with pytest.raises(openai.APIError):
        for event in stream:
            events.append(event.type)
    assert events == ["response.output_text.delta"]
