// Clients that give up. Each request here hangs; the Rust test counts that the model is rid of all of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { createOpenAI } from "@ai-sdk/openai";
import { streamText } from "ai";
import OpenAI from "openai";
import { address, email } from "./shared.mjs";

const openai = new OpenAI({ baseURL: `http://${address}/v1`, apiKey: "sk-test", maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: `http://${address}`, apiKey: "sk-test", maxRetries: 0 });
const messages = [{ role: "user", content: email }];

test("time runs out", async () => {
  const call = openai.chat.completions.create({ model: "hang", messages }, { timeout: 1000 });
  await assert.rejects(call, OpenAI.APIConnectionTimeoutError);
});

test("streams are aborted", async () => {
  (await openai.chat.completions.create({ model: "hang", messages, stream: true })).controller.abort();
  (await openai.responses.create({ model: "hang", input: email, stream: true })).controller.abort();
});

test("a message is aborted", async () => {
  const stream = anthropic.messages.stream({ model: "hang", max_tokens: 9, messages });
  await stream.withResponse();
  stream.abort();
  await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
});

test("a text of the AI SDK is aborted", async () => {
  let begun;
  const beginning = new Promise((resolve) => (begun = resolve));
  const telling = (...request) => fetch(...request).then((answer) => (begun(), answer));
  const provider = createOpenAI({ baseURL: `http://${address}/v1`, apiKey: "sk-test", fetch: telling });
  const aborter = new AbortController();
  const stream = streamText({ model: provider.chat("hang"), prompt: email, maxRetries: 0, abortSignal: aborter.signal });
  beginning.then(() => aborter.abort());
  for await (const part of stream.fullStream) if (part.type === "abort") break;
});
