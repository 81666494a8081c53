// The official Anthropic SDK, unmodified but for its base URL. The model behind the guard echoes what it saw.

import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";
import { address, collect, email, models, refuseCards, text } from "./shared.mjs";

const client = new Anthropic({ baseURL: `http://${address}`, apiKey: "sk-test", maxRetries: 0 });
const messages = [{ role: "user", content: text }];
const asked = { model: "echo", max_tokens: 100, messages };
const input_schema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
const tools = [{ name: "send_mail", description: "Sends a mail", input_schema }];
const thinking = { type: "enabled", budget_tokens: 1024 };
const Note = z.object({ title: z.string(), lines: z.array(z.string()) });
const note = { title: text, lines: [text] };

test("a message comes back whole", async () => {
  const message = await client.messages.create({ ...asked, system: `Serve ${email}` });
  assert.equal(message.content[0].text, text);
});

test("tool input comes back whole", async () => {
  const message = await client.messages.create({ ...asked, tools });
  assert.deepEqual(message.content[0].input, { text });
});

test("results of tools go out guarded and come back", async () => {
  const call = { type: "tool_use", id: "toolu_1", name: "send_mail", input: { text } };
  const result = { type: "tool_result", tool_use_id: "toolu_1", content: text };
  const history = [...messages, { role: "assistant", content: [call] }, { role: "user", content: [result] }];
  const message = await client.messages.create({ ...asked, tools, messages: history });
  assert.equal(message.content[0].text, text);
});

test("structured output is parsed with the originals", async () => {
  const output_config = { format: zodOutputFormat(Note) };
  const message = await client.messages.parse({ ...asked, output_config });
  assert.deepEqual(message.parsed_output, note);
});

for (const model of models) {
  test(`${model}: a streamed message comes back whole`, async () => {
    const stream = client.messages.stream({ ...asked, model });
    assert.equal(await stream.finalText(), text);
  });

  test(`${model}: streamed tool input comes back whole beside thinking`, async () => {
    const message = await client.messages.stream({ ...asked, model, tools, thinking }).finalMessage();
    const [thought, call] = message.content;
    assert.match(thought.signature, /^EqQBSignature/);
    assert.match(thought.thinking, /\[EMAIL_1\]/, "signed as it is, so it stays as it is");
    assert.deepEqual(call.input, { text });
    assert.equal(message.stop_reason, "tool_use");
  });

  test(`${model}: streamed structured output holds the originals`, async () => {
    const output_config = { format: zodOutputFormat(Note) };
    const message = await client.messages.stream({ ...asked, model, output_config }).finalMessage();
    assert.deepEqual(JSON.parse(message.content[0].text), note);
  });
}

test("events keep their names and their order", async () => {
  const events = await collect(await client.messages.create({ ...asked, stream: true }));
  const kinds = events.map((event) => event.type).filter((kind, at, all) => kind !== all[at - 1]);
  assert.deepEqual(kinds, [
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
});

test("thinking goes back as it came", async () => {
  const first = await client.messages.create({ ...asked, thinking });
  const history = [...messages, { role: "assistant", content: first.content }, ...messages];
  const second = await client.messages.create({ ...asked, thinking, messages: history });
  assert.equal(second.content[1].text, text);
});

test("cache marks arrive as they were set", async () => {
  const mark = { cache_control: { type: "ephemeral", ttl: "1h" } };
  const system = [{ type: "text", text: `Serve ${email}`, ...mark }];
  const content = [{ type: "text", text, ...mark }];
  const message = await client.messages.create({ ...asked, system, messages: [{ role: "user", content }] });
  assert.equal(message.usage.cache_creation_input_tokens, 2);
});

for (const [status, kind] of [
  [400, Anthropic.BadRequestError],
  [401, Anthropic.AuthenticationError],
  [404, Anthropic.NotFoundError],
  [429, Anthropic.RateLimitError],
  [500, Anthropic.InternalServerError],
  [529, Anthropic.InternalServerError],
]) {
  for (const stream of [false, true]) {
    test(`${status} is the SDK's own error, streamed: ${stream}`, async () => {
      await assert.rejects(client.messages.create({ ...asked, model: `status-${status}`, stream }), kind);
    });
  }
}

test("a blocked prompt is a bad request", async () => {
  const error = await client.messages.create(asked, { headers: refuseCards }).catch((error) => error);
  assert.ok(error instanceof Anthropic.BadRequestError);
  assert.equal(error.error.error.type, "invalid_request_error");
});
