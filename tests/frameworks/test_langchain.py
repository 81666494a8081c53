"""LangChain, over OpenAI's chat completions and responses and over Anthropic's messages."""

import asyncio

import anthropic
import openai
import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


def completions(address, model, **more):
    return ChatOpenAI(base_url=f"http://{address}/v1", api_key="sk-test", model=model, max_retries=0, **more)


def responses(address, model, **more):
    return completions(address, model, use_responses_api=True, **more)


def messages(address, model, **more):
    return ChatAnthropic(base_url=f"http://{address}", api_key="sk-test", model=model, max_retries=0, max_tokens=2000, **more)


SURFACES = pytest.mark.parametrize("surface", [completions, responses, messages])


class Note(BaseModel):
    """What was said."""

    title: str
    lines: list[str]


@tool
def send_mail(text: str) -> str:
    """Sends a mail."""
    return f"sent: {text}"


@SURFACES
def test_answers_come_back_whole(address, secret_text, surface):
    answer = surface(address, "echo").invoke([SystemMessage("Be brief."), HumanMessage(secret_text)])
    assert answer.text == secret_text


@SURFACES
def test_streams_come_back_whole(address, secret_text, model, surface):
    assert "".join(chunk.text for chunk in surface(address, model).stream(secret_text)) == secret_text


@SURFACES
def test_async_streams_come_back_whole(address, secret_text, surface):
    async def collect():
        return "".join([chunk.text async for chunk in surface(address, "echo-2").astream(secret_text)])

    assert asyncio.run(collect()) == secret_text


@SURFACES
def test_batches_do_not_mix(address, surface):
    texts = [f"canary.jane@example.org and user{n}@example.org" for n in range(8)]
    assert [answer.text for answer in surface(address, "echo").batch(texts)] == texts


@SURFACES
def test_tools_are_called_with_the_originals(address, secret_text, model, surface):
    bound = surface(address, model).bind_tools([send_mail])
    whole = bound.invoke(secret_text)
    streamed = sum_of(bound.stream(secret_text))
    for answer in (whole, streamed):
        (call,) = answer.tool_calls
        assert (call["name"], call["args"]) == ("send_mail", {"text": secret_text})


def sum_of(chunks):
    first, *rest = chunks
    for chunk in rest:
        first += chunk
    return first


@SURFACES
def test_results_of_tools_go_out_guarded_and_come_back(address, secret_text, surface):
    bound = surface(address, "echo").bind_tools([send_mail])
    call = {"name": "send_mail", "args": {"text": secret_text}, "id": "call_1", "type": "tool_call"}
    history = [
        HumanMessage("Send it"),
        AIMessage("", tool_calls=[call]),
        ToolMessage(send_mail.invoke(call["args"]), tool_call_id="call_1"),
    ]
    assert bound.invoke(history).text == f"sent: {secret_text}"


@SURFACES
def test_structured_output_is_parsed_with_the_originals(address, secret_text, surface):
    structured = surface(address, "echo").with_structured_output(Note)
    assert structured.invoke(secret_text) == Note(title=secret_text, lines=[secret_text])


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output_by_either_method_streams(address, secret_text, model, method):
    structured = completions(address, model).with_structured_output(Note, method=method)
    assert list(structured.stream(secret_text))[-1] == Note(title=secret_text, lines=[secret_text])


def test_thinking_stays_beside_the_answer(address, secret_text, model):
    chat = messages(address, model, thinking={"type": "enabled", "budget_tokens": 1024})
    answer = sum_of(chat.stream(secret_text))
    assert answer.text == secret_text


def test_embeddings_are_made_of_the_redacted_text(address, secret_text):
    embeddings = OpenAIEmbeddings(
        base_url=f"http://{address}/v1", api_key="sk-test", model="echo", check_embedding_ctx_length=False
    )
    assert embeddings.embed_documents([secret_text, "two"]) == [[0.5, -0.25]] * 2


@pytest.mark.parametrize("status, name", [(401, "AuthenticationError"), (429, "RateLimitError"), (500, "InternalServerError")])
@SURFACES
def test_failures_are_the_sdks_exceptions(address, surface, status, name):
    sdk = anthropic if surface is messages else openai
    with pytest.raises(getattr(sdk, name)):
        surface(address, f"status-{status}").invoke("hi")
