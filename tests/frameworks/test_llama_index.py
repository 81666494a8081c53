"""LlamaIndex with the OpenAI class and with the one for servers that are like it."""

import asyncio

import openai
import pytest
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai import OpenAI, OpenAIResponses
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel


def like(address, model):
    return OpenAILike(
        api_base=f"http://{address}/v1",
        api_key="sk-test",
        model=model,
        is_chat_model=True,
        is_function_calling_model=True,
        max_retries=0,
    )


def user(text):
    return [ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content=text)]


def send_mail(text: str) -> str:
    """Sends a mail."""
    return f"sent: {text}"


class Note(BaseModel):
    """What was said."""

    title: str
    lines: list[str]


def test_chats_come_back_whole(address, secret_text):
    assert like(address, "echo").chat(user(secret_text)).message.content == secret_text


def test_completions_come_back_whole(address, secret_text):
    assert like(address, "echo").complete(secret_text).text == secret_text


def test_streams_come_back_whole(address, secret_text, model):
    *_, last = like(address, model).stream_chat(user(secret_text))
    assert last.message.content == secret_text


def test_async_streams_come_back_whole(address, secret_text, model):
    async def collect():
        stream = await like(address, model).astream_chat(user(secret_text))
        return "".join([part.delta async for part in stream])

    assert asyncio.run(collect()) == secret_text


def test_tools_are_called_with_the_originals(address, secret_text):
    answer = like(address, "echo").predict_and_call([FunctionTool.from_defaults(send_mail)], user_msg=secret_text)
    assert answer.response == f"sent: {secret_text}"


def test_streamed_tool_calls_hold_the_originals(address, secret_text, model):
    llm = like(address, model)
    tools = [FunctionTool.from_defaults(send_mail)]
    *_, last = llm.stream_chat_with_tools(tools, user_msg=secret_text)
    (call,) = llm.get_tool_calls_from_response(last)
    assert call.tool_kwargs == {"text": secret_text}


def test_structured_output_is_parsed_with_the_originals(address, secret_text):
    answer = like(address, "echo").as_structured_llm(Note).chat(user(secret_text))
    assert answer.raw == Note(title=secret_text, lines=[secret_text])


def test_responses_come_back_whole(address, secret_text, model):
    llm = OpenAIResponses(api_base=f"http://{address}/v1", api_key="sk-test", model=model, max_retries=0, context_window=9000)
    assert llm.chat(user(secret_text)).message.content == secret_text
    *_, last = llm.stream_chat(user(secret_text))
    assert last.message.content == secret_text


@pytest.mark.parametrize("status, kind", [(401, openai.AuthenticationError), (500, openai.InternalServerError)])
def test_failures_are_the_sdks_exceptions(address, status, kind):
    with pytest.raises(kind):
        like(address, f"status-{status}").chat(user("hi"))


def test_the_class_of_openai_itself_works(address, secret_text):
    # It knows OpenAI's models alone; the recording model echoes for any.
    llm = OpenAI(api_base=f"http://{address}/v1", api_key="sk-test", model="gpt-4o", max_retries=0)
    assert llm.chat(user(secret_text)).message.content == secret_text
