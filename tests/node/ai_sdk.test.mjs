// Vercel's AI SDK over OpenAI's responses and chat completions and Anthropic's messages.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, Output, embedMany, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { address, collect, models, refuseCards, text } from "./shared.mjs";

const openai = createOpenAI({ baseURL: `http://${address}/v1`, apiKey: "sk-test" });
const anthropic = createAnthropic({ baseURL: `http://${address}/v1`, apiKey: "sk-test" });
const compatible = createOpenAICompatible({ name: "guard", baseURL: `http://${address}/v1`, apiKey: "sk-test", supportsStructuredOutputs: true });

const surfaces = {
  responses: (model) => openai.responses(model),
  "chat completions": (model) => openai.chat(model),
  "compatible chat completions": (model) => compatible(model),
  messages: (model) => anthropic(model),
};
const Note = z.object({ title: z.string(), lines: z.array(z.string()) });
const note = { title: text, lines: [text] };

function mailer() {
  const seen = [];
  const execute = async (argument) => (seen.push(argument.text), `sent: ${argument.text}`);
  const send_mail = tool({ description: "Sends a mail", inputSchema: z.object({ text: z.string() }), execute });
  return { seen, tools: { send_mail } };
}

for (const [name, surface] of Object.entries(surfaces)) {
  const asked = (model) => ({ model: surface(model), prompt: text, maxRetries: 0 });

  test(`${name}: a text comes back whole`, async () => {
    assert.equal((await generateText(asked("echo"))).text, text);
  });

  test(`${name}: tools see the originals, and their results come back`, async () => {
    const { seen, tools } = mailer();
    const answer = await generateText({ ...asked("echo"), tools, stopWhen: stepCountIs(3) });
    assert.deepEqual(seen, [text]);
    assert.match(answer.text, /^sent: /);
    assert.ok(answer.text.includes(text));
  });

  test(`${name}: an object holds the originals`, async () => {
    const answer = await generateText({ ...asked("echo"), output: Output.object({ schema: Note }) });
    assert.deepEqual(answer.output, note);
  });

  for (const model of models) {
    test(`${name}, ${model}: a stream comes back whole`, async () => {
      assert.equal((await collect(streamText(asked(model)).textStream)).join(""), text);
    });

    test(`${name}, ${model}: a streamed tool call holds the originals`, async () => {
      const { seen, tools } = mailer();
      await streamText({ ...asked(model), tools }).consumeStream();
      assert.deepEqual(seen, [text]);
    });

    test(`${name}, ${model}: a streamed object holds the originals`, async () => {
      const answer = streamText({ ...asked(model), output: Output.object({ schema: Note }) });
      assert.deepEqual((await collect(answer.partialOutputStream)).at(-1), note);
    });
  }

  for (const status of [400, 401, 429, 500]) {
    test(`${name}: ${status} is the SDK's own error`, async () => {
      const error = await generateText(asked(`status-${status}`)).catch((error) => error);
      assert.ok(APICallError.isInstance(error));
      assert.equal(error.statusCode, status);
    });
  }

  test(`${name}: a blocked prompt is an error that is not tried again`, async () => {
    const error = await generateText({ ...asked("echo"), headers: refuseCards }).catch((error) => error);
    assert.deepEqual([error.statusCode, error.isRetryable], [400, false]);
  });
}

test("vectors are made of the redacted text", async () => {
  const { embeddings } = await embedMany({ model: openai.embedding("echo"), values: [text, "two"] });
  assert.deepEqual(embeddings, [[0.5, -0.25], [0.5, -0.25]]);
});
