"""The official OpenAI SDK, unmodified but for its base URL. The model behind the guard echoes what it saw."""

import asyncio
import json

import openai
import pytest
from pydantic import BaseModel


@pytest.fixture
def client(address):
    return openai.OpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0)


def user(text):
    return [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]


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


def test_chat_comes_back_whole(client, secret_text):
    answer = client.chat.completions.create(model="echo", messages=user(secret_text))
    assert answer.choices[0].message.content == secret_text
    assert answer.usage.total_tokens == 3


def test_several_choices_are_all_restored(client, secret_text):
    answer = client.chat.completions.create(model="echo", messages=user(secret_text), n=3)
    assert [choice.message.content for choice in answer.choices] == [secret_text] * 3


def test_content_parts_are_guarded(client, secret_text):
    parts = [{"type": "text", "text": secret_text}]
    answer = client.chat.completions.create(model="echo", messages=[{"role": "user", "content": parts}])
    assert answer.choices[0].message.content == secret_text


def test_streamed_chat_comes_back_whole(client, secret_text, model):
    stream = client.chat.completions.create(model=model, messages=user(secret_text), stream=True)
    text, reasons = "", []
    for chunk in stream:
        text += chunk.choices[0].delta.content or ""
        reasons.append(chunk.choices[0].finish_reason)
    assert text == secret_text
    assert reasons[-1] == "stop"


def test_interleaved_choices_stream_apart(client, secret_text, model):
    stream = client.chat.completions.create(model=model, messages=user(secret_text), stream=True, n=3)
    texts = {}
    for chunk in stream:
        for choice in chunk.choices:
            texts[choice.index] = texts.get(choice.index, "") + (choice.delta.content or "")
    assert texts == {index: secret_text for index in range(3)}


def test_tool_arguments_come_back_as_valid_json(client):
    text = 'Mail canary.jane@example.org the "quoted" \\ path'
    answer = client.chat.completions.create(model="echo", messages=user(text), tools=TOOLS)
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "send_mail"
    assert json.loads(call.function.arguments) == {"text": text}


def test_streamed_tool_arguments_come_back_as_valid_json(client, secret_text, model):
    stream = client.chat.completions.create(model=model, messages=user(secret_text), tools=TOOLS, stream=True)
    arguments = ""
    for chunk in stream:
        for call in chunk.choices[0].delta.tool_calls or []:
            arguments += call.function.arguments or ""
    assert json.loads(arguments) == {"text": secret_text}


def test_tool_history_is_guarded(client, secret_text):
    history = [
        {"role": "user", "content": "Look it up"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "send_mail", "arguments": json.dumps({"text": secret_text})},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": json.dumps({"found": secret_text})},
    ]
    answer = client.chat.completions.create(model="echo", messages=history)
    assert json.loads(answer.choices[0].message.content) == {"found": secret_text}


def test_completions_embeddings_and_models_pass(client, secret_text):
    assert client.completions.create(model="echo", prompt=secret_text).choices[0].text == secret_text
    embedding = client.embeddings.create(model="echo", input=[secret_text], encoding_format="float").data[0].embedding
    assert embedding == [0.5, -0.25]
    assert [model.id for model in client.models.list()] == ["echo"]


def test_guard_facts_stand_in_the_headers(client, secret_text):
    raw = client.chat.completions.with_raw_response.create(model="echo", messages=user(secret_text))
    assert raw.headers["x-guard-policy"] == "default_pii"
    assert "EMAIL_ADDRESS=1" in raw.headers["x-guard-findings"]
    assert raw.headers["x-request-id"]


def test_unknown_policy_is_a_not_found_error(client):
    with pytest.raises(openai.NotFoundError) as error:
        client.chat.completions.create(model="echo", messages=user("hi"), extra_headers={"x-guard-policy": "nosuch"})
    assert "known are default_pii" in str(error.value)


def test_unguarded_endpoint_is_refused_by_name_of_the_setting(client):
    with pytest.raises(openai.PermissionDeniedError) as error:
        client.files.list()
    assert "unknown_endpoints" in str(error.value)


def test_invalid_request_names_the_field(client):
    with pytest.raises(openai.BadRequestError) as error:
        client.completions.create(model="echo", prompt=[1, 2, 3])
    assert error.value.param == "prompt"


class Step(BaseModel):
    about: str
    done: bool


class Plan(BaseModel):
    title: str
    steps: list[Step]


def check_plan(plan, text):
    assert plan == Plan(title=text, steps=[Step(about=text, done=True)])


def test_structured_output_is_parsed_with_the_originals(client, secret_text):
    answer = client.chat.completions.parse(model="echo", messages=user(secret_text), response_format=Plan)
    check_plan(answer.choices[0].message.parsed, secret_text)


def test_streamed_structured_output_is_parsed_with_the_originals(client, secret_text, model):
    with client.chat.completions.stream(model=model, messages=user(secret_text), response_format=Plan) as stream:
        answer = stream.get_final_completion()
    check_plan(answer.choices[0].message.parsed, secret_text)


def test_parsed_tool_arguments_hold_the_originals(client, secret_text):
    tools = [openai.pydantic_function_tool(Plan)]
    answer = client.chat.completions.parse(model="echo", messages=user(secret_text), tools=tools)
    check_plan(answer.choices[0].message.tool_calls[0].function.parsed_arguments, secret_text)


def test_tools_in_a_loop_see_the_originals_and_their_results_come_back(client, secret_text):
    messages = user(secret_text)
    call = client.chat.completions.create(model="echo", messages=messages, tools=TOOLS).choices[0].message
    result = json.loads(call.tool_calls[0].function.arguments)["text"]
    messages += [call, {"role": "tool", "tool_call_id": call.tool_calls[0].id, "content": result}]
    answer = client.chat.completions.create(model="echo", messages=messages, tools=TOOLS)
    assert answer.choices[0].message.content == secret_text


def test_vectors_come_in_the_form_that_the_sdk_asks_for(client, secret_text):
    data = client.embeddings.create(model="echo", input=[secret_text, "two"]).data
    assert [item.embedding for item in data] == [[0.5, -0.25]] * 2


def test_prompt_cache_keys_pass_and_cached_tokens_come_back(client, secret_text):
    answer = client.chat.completions.create(model="echo", messages=user(secret_text), prompt_cache_key="team-a/v2")
    assert answer.usage.prompt_tokens_details.cached_tokens == len("team-a/v2")


def test_usage_ends_the_stream(client, secret_text):
    options = {"include_usage": True}
    stream = client.chat.completions.create(model="echo", messages=user(secret_text), stream=True, stream_options=options)
    *_, last = stream
    assert (last.choices, last.usage.total_tokens) == ([], 3)


async def collect(address, text, model="echo"):
    client = openai.AsyncOpenAI(base_url=f"http://{address}/v1", api_key="sk-test", max_retries=0)
    stream = await client.chat.completions.create(model=model, messages=user(text), stream=True)
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


def test_many_streams_at_once_do_not_mix(address):
    texts = [f"Write to canary.jane@example.org and to user{n}@example.org" for n in range(20)]

    async def all_of_them():
        return await asyncio.gather(*(collect(address, text, f"echo-{1 + n % 7}") for n, text in enumerate(texts)))

    assert asyncio.run(all_of_them()) == texts
