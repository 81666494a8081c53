"""OpenAI's Responses API with the official SDK. The model behind the guard echoes what it saw."""

import asyncio
import json
import uuid

import openai
import pytest
from pydantic import BaseModel

from conftest import EMAIL


@pytest.fixture
def client(address):
    return openai.OpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0)


@pytest.fixture
def session():
    return {"x-guard-session": uuid.uuid4().hex}


TOOLS = [
    {
        "type": "function",
        "name": "send_mail",
        "description": "Sends a mail",
        "parameters": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    }
]


def message(text):
    return [{"role": "user", "content": [{"type": "input_text", "text": text}]}]


def check_citation(part):
    (citation,) = part.annotations
    assert part.text[citation.start_index : citation.end_index] == part.text.rsplit(" ", 1)[-1]


def test_text_comes_back_whole_with_its_citations(client, secret_text):
    answer = client.responses.create(model="echo", input=secret_text, instructions=f"Serve {EMAIL}")
    assert answer.output_text == secret_text
    assert answer.instructions == f"Serve {EMAIL}"
    check_citation(answer.output[0].content[0])


def test_items_are_guarded(client, secret_text):
    assert client.responses.create(model="echo", input=message(secret_text)).output_text == secret_text


def test_stream_says_the_same_in_every_event(client, secret_text, model):
    texts, numbers, done = {}, [], []
    for event in client.responses.create(model=model, input=secret_text, stream=True):
        numbers.append(event.sequence_number)
        if event.type == "response.output_text.delta":
            texts[event.output_index] = texts.get(event.output_index, "") + event.delta
        elif event.type == "response.output_text.annotation.added":
            end = event.annotation["end_index"] if isinstance(event.annotation, dict) else event.annotation.end_index
            assert end == len(secret_text)
        elif event.type == "response.output_text.done":
            done.append(event.text)
        elif event.type == "response.content_part.done":
            done.append(event.part.text)
            check_citation(event.part)
        elif event.type == "response.output_item.done":
            done.append(event.item.content[0].text)
        elif event.type == "response.completed":
            done.append(event.response.output_text)
    assert texts == {0: secret_text}
    assert done == [secret_text] * 4
    assert numbers == list(range(len(numbers)))


def test_streaming_by_the_sdk_accumulates(client, secret_text, model):
    with client.responses.stream(model=model, input=secret_text) as stream:
        snapshot = ""
        for event in stream:
            if event.type == "response.output_text.delta":
                snapshot = event.snapshot
        assert snapshot == secret_text
        assert stream.get_final_response().output_text == secret_text


@pytest.mark.parametrize("stream", [False, True])
def test_arguments_come_back_as_valid_json(client, stream, model):
    text = f'Mail {EMAIL} the "quoted" \\ path'
    answer = client.responses.create(model=model, input=text, tools=TOOLS, stream=stream)
    if not stream:
        assert json.loads(answer.output[0].arguments) == {"text": text}
        return
    deltas, done = "", []
    for event in answer:
        if event.type == "response.function_call_arguments.delta":
            deltas += event.delta
        elif event.type == "response.function_call_arguments.done":
            done.append(event.arguments)
        elif event.type == "response.completed":
            done.append(event.response.output[0].arguments)
    assert [json.loads(arguments) for arguments in [deltas, *done]] == [{"text": text}] * 3


def test_structured_output_stays_json(client):
    text = f'"{EMAIL}" \\ and so on'
    shape = {"type": "json_schema", "name": "s", "schema": {"type": "object"}, "strict": False}
    answer = client.responses.create(model="echo", input=text, text={"format": shape})
    assert json.loads(answer.output_text) == {"text": text}


class Note(BaseModel):
    title: str
    lines: list[str]


def test_structured_output_is_parsed_with_the_originals(client, secret_text):
    answer = client.responses.parse(model="echo", input=secret_text, text_format=Note)
    assert answer.output_parsed == Note(title=secret_text, lines=[secret_text])


def test_streamed_structured_output_is_parsed_with_the_originals(client, secret_text, model):
    with client.responses.stream(model=model, input=secret_text, text_format=Note) as stream:
        answer = stream.get_final_response()
    assert answer.output_parsed == Note(title=secret_text, lines=[secret_text])


def test_async_stream_comes_back_whole(address, secret_text, model):
    async def collect():
        async with openai.AsyncOpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0) as client:
            events = await client.responses.create(model=model, input=secret_text, stream=True)
            return "".join([event.delta async for event in events if event.type == "response.output_text.delta"])

    assert asyncio.run(collect()) == secret_text


def test_tool_history_is_guarded(client, secret_text):
    history = [
        {"role": "user", "content": "Look it up"},
        {"type": "function_call", "call_id": "call_1", "name": "send_mail", "arguments": json.dumps({"text": secret_text})},
        {"type": "function_call_output", "call_id": "call_1", "output": json.dumps({"found": secret_text})},
    ]
    answer = client.responses.create(model="echo", input=history)
    assert json.loads(answer.output_text) == {"found": secret_text}


@pytest.mark.parametrize(
    "arguments, param",
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
    ],
)
def test_what_leans_on_another_request_needs_a_session(client, arguments, param):
    with pytest.raises(openai.BadRequestError) as error:
        client.responses.create(model="echo", input="hi", **arguments)
    assert error.value.param == param
    assert "x-guard-session" in str(error.value)


@pytest.mark.parametrize("call", ["retrieve", "cancel", "input_items"])
def test_stored_responses_need_a_session(client, call):
    with pytest.raises(openai.BadRequestError) as error:
        stored(client, call, {})
    assert error.value.param == "response_id"


def stored(client, call, headers):
    if call == "input_items":
        (item,) = client.responses.input_items.list("resp_1", extra_headers=headers).data
        return item.content[0].text
    return getattr(client.responses, call)("resp_1", extra_headers=headers).output_text


@pytest.mark.parametrize("call", ["retrieve", "cancel", "input_items"])
def test_stored_responses_are_restored_from_their_session(client, session, call):
    # A chat numbers from 1, as the stored response is; a session that a response begins does not.
    said = f"I am {EMAIL}"
    client.chat.completions.create(model="echo", messages=[{"role": "user", "content": said}], extra_headers=session)
    client.responses.create(model="echo", input=said, extra_headers=session)
    assert stored(client, call, session) == f"{EMAIL} is stored"


def test_a_session_carries_on_where_the_history_is_not_sent(client, session):
    first = client.responses.create(model="echo", input=f"I am {EMAIL}", extra_headers=session)
    text = f"And user2@example.org is not {EMAIL}"
    second = client.responses.create(model="echo", input=text, previous_response_id=first.id, extra_headers=session)
    assert second.output_text == text


def test_a_session_that_is_gone_is_not_begun_anew(client, session):
    with pytest.raises(openai.NotFoundError) as error:
        client.responses.create(model="echo", input="hi", previous_response_id="resp_1", extra_headers=session)
    assert error.value.param == "session"


def test_stored_responses_can_be_deleted(client):
    client.responses.delete("resp_1")


def test_moderations_are_guarded(client, secret_text):
    assert client.moderations.create(input=[secret_text]).results[0].flagged is False


def test_other_paths_of_the_family_are_refused(client):
    with pytest.raises(openai.PermissionDeniedError):
        client.post("/responses/compact", body={"model": "echo", "input": "hi"}, cast_to=object)
