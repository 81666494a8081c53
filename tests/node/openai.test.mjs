// The official OpenAI SDK, unmodified but for its base URL. The model behind the guard echoes what it saw.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { address, collect, models, refuseCards, text } from "./shared.mjs";

const client = new OpenAI({ baseURL: `http://${address}/v1`, apiKey: "sk-test", maxRetries: 0 });
const messages = [{ role: "user", content: text }];
const parameters = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };
const tools = [{ type: "function", function: { name: "send_mail", description: "Sends a mail", parameters } }];
const Plan = z.object({ title: z.string(), steps: z.array(z.object({ about: z.string(), done: z.boolean() })) });
const plan = { title: text, steps: [{ about: text, done: true }] };

test("a chat comes back whole", async () => {
  const answer = await client.chat.completions.create({ model: "echo", messages });
  assert.equal(answer.choices[0].message.content, text);
  assert.equal(answer.usage.total_tokens, 3);
});

test("tool arguments come back as valid JSON", async () => {
  const answer = await client.chat.completions.create({ model: "echo", messages, tools });
  assert.deepEqual(JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments), { text });
});

test("tools run by the SDK see the originals, and their results come back", async () => {
  const seen = [];
  const run = (argument) => (seen.push(argument.text), `sent: ${argument.text}`);
  const runner = client.chat.completions.runTools({
    model: "echo",
    messages,
    tools: [{ type: "function", function: { function: run, parse: JSON.parse, ...tools[0].function } }],
  });
  assert.equal(await runner.finalContent(), `sent: ${text}`);
  assert.deepEqual(seen, [text]);
});

test("structured output is parsed with the originals", async () => {
  const response_format = zodResponseFormat(Plan, "plan");
  const answer = await client.chat.completions.parse({ model: "echo", messages, response_format });
  assert.deepEqual(answer.choices[0].message.parsed, plan);
});

test("parsed tool arguments hold the originals", async () => {
  const planTools = [zodFunction({ name: "plan", parameters: Plan })];
  const answer = await client.chat.completions.parse({ model: "echo", messages, tools: planTools });
  assert.deepEqual(answer.choices[0].message.tool_calls[0].function.parsed_arguments, plan);
});

for (const model of models) {
  test(`${model}: a streamed chat comes back whole`, async () => {
    const stream = await client.chat.completions.create({ model, messages, stream: true });
    const pieces = (await collect(stream)).map((chunk) => chunk.choices[0].delta.content ?? "");
    assert.equal(pieces.join(""), text);
  });

  test(`${model}: streamed tool arguments come back as valid JSON`, async () => {
    const stream = client.chat.completions.stream({ model, messages, tools });
    const { choices } = await stream.finalChatCompletion();
    assert.deepEqual(JSON.parse(choices[0].message.tool_calls[0].function.arguments), { text });
  });

  test(`${model}: streamed structured output is parsed with the originals`, async () => {
    const response_format = zodResponseFormat(Plan, "plan");
    const stream = client.chat.completions.stream({ model, messages, response_format });
    assert.deepEqual((await stream.finalChatCompletion()).choices[0].message.parsed, plan);
  });

  test(`${model}: a streamed response says the same in every event`, async () => {
    const events = await collect(await client.responses.create({ model, input: text, stream: true }));
    const of = (type) => events.filter((event) => event.type === `response.${type}`);
    assert.equal(of("output_text.delta").map((event) => event.delta).join(""), text);
    assert.equal(of("output_text.done")[0].text, text);
    assert.equal(of("output_item.done")[0].item.content[0].text, text);
    assert.equal(of("completed")[0].response.output[0].content[0].text, text);
    assert.deepEqual(events.map((event) => event.sequence_number), [...events.keys()]);
  });

  test(`${model}: a streamed response is parsed with the originals`, async () => {
    const stream = client.responses.stream({ model, input: text, text: { format: zodTextFormat(Plan, "plan") } });
    assert.deepEqual((await stream.finalResponse()).output_parsed, plan);
  });
}

test("a response comes back whole", async () => {
  assert.equal((await client.responses.create({ model: "echo", input: text })).output_text, text);
});

test("vectors come in the form that the SDK asks for", async () => {
  const { data } = await client.embeddings.create({ model: "echo", input: [text, "two"] });
  assert.deepEqual(data.map(({ embedding }) => [...embedding]), [[0.5, -0.25], [0.5, -0.25]]);
});

test("prompt cache keys pass, and cached tokens come back", async () => {
  const { usage } = await client.chat.completions.create({ model: "echo", messages, prompt_cache_key: "team-a/v2" });
  assert.equal(usage.prompt_tokens_details.cached_tokens, "team-a/v2".length);
});

for (const [status, kind] of [
  [400, OpenAI.BadRequestError],
  [401, OpenAI.AuthenticationError],
  [404, OpenAI.NotFoundError],
  [429, OpenAI.RateLimitError],
  [500, OpenAI.InternalServerError],
  [503, OpenAI.InternalServerError],
]) {
  for (const stream of [false, true]) {
    test(`${status} is the SDK's own error, streamed: ${stream}`, async () => {
      const model = `status-${status}`;
      await assert.rejects(client.chat.completions.create({ model, messages, stream }), kind);
      await assert.rejects(client.responses.create({ model, input: text, stream }), kind);
    });
  }
}

test("a limit says when to come back", async () => {
  const error = await client.chat.completions.create({ model: "status-429", messages }).catch((error) => error);
  assert.equal(error.headers.get("retry-after"), "1");
});

test("a blocked prompt is a bad request, and is not tried again", async () => {
  const options = { headers: refuseCards, maxRetries: 5 };
  const error = await client.chat.completions.create({ model: "echo", messages }, options).catch((error) => error);
  assert.ok(error instanceof OpenAI.BadRequestError);
  assert.equal(error.code, "content_blocked");
  assert.equal(error.headers.get("x-should-retry"), "false");
});

test("the example for Node runs as it is written", async () => {
  const example = await readFile(new URL("../../clients/node/examples/openai_chat.mjs", import.meta.url));
  // From the standard input, so that the packages are found from here.
  const { stdout } = spawnSync(process.execPath, ["--input-type=module"], { cwd: import.meta.dirname, input: example });
  assert.equal(stdout.toString(), "Write to ann.smith@example.org that we meet at noon.\n");
});
