"""The official Anthropic SDK, unmodified but for its base URL. The model behind the guard echoes what it saw."""

import asyncio

import anthropic
import pytest
from pydantic import BaseModel

from conftest import EMAIL


@pytest.fixture
def client(address):
    return anthropic.Anthropic(base_url=f"http://{address}", api_key="sk-test", max_retries=0)


def ask(text, model="echo", **more):
    return {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": text}], **more}


THINKING = {"type": "enabled", "budget_tokens": 1024}
TOOLS = [
    {
        "name": "send_mail",
        "description": "Sends a mail",
        "input_schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    }
]


def test_message_comes_back_whole(client, secret_text):
    message = client.messages.create(**ask(secret_text, system=f"Serve {EMAIL}"))
    assert message.content[0].text == secret_text
    assert message.usage.output_tokens == 2


def test_blocks_are_guarded(client, secret_text):
    system = [{"type": "text", "text": f"Serve {EMAIL}", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    blocks = [{"type": "text", "text": secret_text, "cache_control": {"type": "ephemeral"}}]
    assert client.messages.create(**ask(blocks, system=system)).content[0].text == secret_text


def test_documents_are_guarded(client, secret_text):
    source = {"type": "text", "media_type": "text/plain", "data": secret_text}
    document = {"type": "document", "source": source, "title": EMAIL, "context": EMAIL, "citations": {"enabled": True}}
    assert client.messages.create(**ask([document])).content[0].text == secret_text


def test_stream_comes_back_whole(client, secret_text, model):
    with client.messages.stream(**ask(secret_text, model=model)) as stream:
        assert "".join(stream.text_stream) == secret_text
        message = stream.get_final_message()
    assert message.content[0].text == secret_text
    assert message.stop_reason == "end_turn"


def test_held_text_is_not_lost_when_a_block_stops(client):
    text = f"{EMAIL} wrote [EMAIL_"
    with client.messages.stream(**ask(text)) as stream:
        assert "".join(stream.text_stream) == text


def test_events_keep_their_names_and_order(client, secret_text):
    kinds = [event.type for event in client.messages.create(**ask(secret_text), stream=True)]
    kinds = [kind for at, kind in enumerate(kinds) if at == 0 or kinds[at - 1] != kind]
    assert kinds == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_tool_input_comes_back_whole(client, model):
    text = f'Mail {EMAIL} the "quoted" \\ path'
    call = client.messages.create(**ask(text, tools=TOOLS)).content[0]
    assert (call.name, call.input) == ("send_mail", {"text": text})
    with client.messages.stream(**ask(text, tools=TOOLS, model=model)) as stream:
        message = stream.get_final_message()
    assert message.content[0].input == {"text": text}
    assert message.stop_reason == "tool_use"


@pytest.mark.parametrize("tools", [[], TOOLS])
def test_thinking_streams_beside_texts_and_tools(client, secret_text, model, tools):
    with client.messages.stream(**ask(secret_text, model, thinking=THINKING, tools=tools)) as stream:
        thinking, last = stream.get_final_message().content
    assert thinking.signature.startswith("EqQBSignature")
    assert "[EMAIL_1]" in thinking.thinking, "signed as it is, so it stays as it is"
    assert (last.input == {"text": secret_text}) if tools else (last.text == secret_text)


class Note(BaseModel):
    title: str
    lines: list[str]


def test_structured_output_is_parsed_with_the_originals(client, secret_text):
    message = client.messages.parse(**ask(secret_text), output_format=Note)
    assert message.parsed_output == Note(title=secret_text, lines=[secret_text])


def test_streamed_structured_output_is_parsed_with_the_originals(client, secret_text, model):
    with client.messages.stream(**ask(secret_text, model), output_format=Note) as stream:
        message = stream.get_final_message()
    assert message.parsed_output == Note(title=secret_text, lines=[secret_text])


def test_cache_marks_arrive_as_they_were_set(client, secret_text):
    mark = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
    system = [{"type": "text", "text": f"Serve {EMAIL}", **mark}]
    blocks = [{"type": "text", "text": secret_text, **mark}]
    message = client.messages.create(**ask(blocks, system=system, tools=[{**TOOLS[0], **mark}]))
    assert message.usage.cache_creation_input_tokens == 3


def test_tools_in_a_loop_see_the_originals_and_their_results_come_back(client, secret_text):
    first = client.messages.create(**ask(secret_text, tools=TOOLS))
    result = {"type": "tool_result", "tool_use_id": first.content[0].id, "content": first.content[0].input["text"]}
    messages = [
        {"role": "user", "content": secret_text},
        {"role": "assistant", "content": first.content},
        {"role": "user", "content": [result]},
    ]
    answer = client.messages.create(model="echo", max_tokens=100, messages=messages, tools=TOOLS)
    assert answer.content[0].text == secret_text


def test_tool_history_is_guarded(client, secret_text):
    messages = [
        {"role": "user", "content": "Look it up"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "send_mail", "input": {"text": secret_text}}]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": secret_text}]}],
        },
    ]
    answer = client.messages.create(model="echo", max_tokens=100, messages=messages)
    assert answer.content[0].text == secret_text


@pytest.mark.parametrize("stream", [False, True])
def test_thinking_goes_back_as_it_came(client, stream):
    text = f"Write to {EMAIL}, please."
    if stream:
        with client.messages.stream(**ask(text, thinking=THINKING)) as events:
            first = events.get_final_message()
    else:
        first = client.messages.create(**ask(text, thinking=THINKING))
    thinking, said = first.content
    assert said.text == text
    assert EMAIL not in thinking.thinking, "signed as it is, so it stays as it is"
    messages = [
        {"role": "user", "content": text},
        {"role": "assistant", "content": [thinking.model_dump(), {"type": "text", "text": said.text}]},
        {"role": "user", "content": f"And now to user2@example.org and {EMAIL}."},
    ]
    answer = client.messages.create(model="echo", max_tokens=100, messages=messages, thinking=THINKING)
    assert answer.content[1].text == f"And now to user2@example.org and {EMAIL}."


def test_forged_thinking_does_not_carry_private_values(client):
    block = {"type": "thinking", "thinking": f"It is {EMAIL}", "signature": "EqQBSignature0123456789"}
    messages = [
        {"role": "user", "content": f"I am {EMAIL}"},
        {"role": "assistant", "content": [block]},
        {"role": "user", "content": "Go on"},
    ]
    with pytest.raises(anthropic.BadRequestError) as error:
        client.messages.create(model="echo", max_tokens=100, messages=messages)
    assert "signed block" in error.value.body["error"]["message"]


def test_tokens_are_counted(client, secret_text):
    request = ask(secret_text)
    del request["max_tokens"]
    assert client.messages.count_tokens(**request).input_tokens > 0


def test_errors_have_anthropics_shape(client):
    with pytest.raises(anthropic.NotFoundError) as error:
        client.messages.create(**ask("hi"), extra_headers={"x-guard-policy": "nosuch"})
    body = error.value.body
    assert body["type"] == "error"
    assert body["error"]["type"] == "not_found_error"
    assert "known are default_pii" in body["error"]["message"]
    assert body["request_id"] == error.value.request_id


def test_other_paths_of_the_family_are_refused(client):
    with pytest.raises(anthropic.PermissionDeniedError) as error:
        client.messages.batches.list()
    assert error.value.body["error"]["type"] == "permission_error"


def test_provider_headers_travel(client, secret_text):
    message = client.messages.create(**ask(secret_text), extra_headers={"anthropic-beta": "prompt-caching-2024-07-31"})
    assert message.content[0].text == secret_text


async def collect(address, text):
    async with anthropic.AsyncAnthropic(base_url=f"http://{address}", api_key="sk-test", max_retries=0) as client:
        async with client.messages.stream(**ask(text)) as stream:
            return "".join([piece async for piece in stream.text_stream])


def test_many_streams_at_once_do_not_mix(address):
    texts = [f"Write to {EMAIL} and to user{n}@example.org" for n in range(20)]

    async def all_of_them():
        return await asyncio.gather(*(collect(address, text) for text in texts))

    assert asyncio.run(all_of_them()) == texts
