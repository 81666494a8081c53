"""Pydantic AI: agents with tools and typed results over all three surfaces."""

import asyncio

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider


def completions(address, model):
    return OpenAIChatModel(model, provider=OpenAIProvider(base_url=f"http://{address}/v1", api_key="sk-test"))


def responses(address, model):
    return OpenAIResponsesModel(model, provider=OpenAIProvider(base_url=f"http://{address}/v1", api_key="sk-test"))


def messages(address, model):
    return AnthropicModel(model, provider=AnthropicProvider(base_url=f"http://{address}", api_key="sk-test"))


SURFACES = pytest.mark.parametrize("surface", [completions, responses, messages])


class Note(BaseModel):
    title: str
    lines: list[str]


@SURFACES
def test_answers_come_back_whole(address, secret_text, surface):
    assert Agent(surface(address, "echo"), instructions="Be brief.").run_sync(secret_text).output == secret_text


@SURFACES
def test_streams_come_back_whole(address, secret_text, model, surface):
    async def collect():
        async with Agent(surface(address, model)).run_stream(secret_text) as stream:
            return "".join([piece async for piece in stream.stream_text(delta=True, debounce_by=None)])

    assert asyncio.run(collect()) == secret_text


@SURFACES
def test_agents_call_tools_with_the_originals(address, secret_text, surface):
    agent, seen = Agent(surface(address, "echo")), []

    @agent.tool_plain
    def send_mail(text: str) -> str:
        seen.append(text)
        return f"sent: {text}"

    assert agent.run_sync(secret_text).output == f"sent: {secret_text}"
    assert seen == [secret_text]


@SURFACES
def test_typed_results_hold_the_originals(address, secret_text, surface):
    agent = Agent(surface(address, "echo"), output_type=Note)
    assert agent.run_sync(secret_text).output == Note(title=secret_text, lines=[secret_text])


@SURFACES
def test_streamed_typed_results_hold_the_originals(address, secret_text, model, surface):
    async def collect():
        async with Agent(surface(address, model), output_type=Note).run_stream(secret_text) as stream:
            return await stream.get_output()

    assert asyncio.run(collect()) == Note(title=secret_text, lines=[secret_text])


@SURFACES
@pytest.mark.parametrize("status", [400, 401, 500])
def test_failures_tell_the_status(address, surface, status):
    with pytest.raises(ModelHTTPError) as error:
        Agent(surface(address, f"status-{status}")).run_sync("hi")
    assert error.value.status_code == status
