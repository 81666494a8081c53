// What the guard itself refuses, and upstreams that fail it, are the errors that the SDKs have for it. The server of these
// tests lets each user call once; its upstreams are named by what is wrong with them.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { address, collect, email, refuseCards } from "./shared.mjs";

const sdks = {
  openai: [
    OpenAI,
    (upstream, headers, asked) =>
      new OpenAI({ baseURL: `http://${address}/${upstream}/v1`, apiKey: "k", maxRetries: 0, defaultHeaders: headers })
        .chat.completions.create({ model: "echo", ...asked }),
  ],
  anthropic: [
    Anthropic,
    (upstream, headers, asked) =>
      new Anthropic({ baseURL: `http://${address}/${upstream}`, apiKey: "k", maxRetries: 0, defaultHeaders: headers })
        .messages.create({ model: "echo", max_tokens: 9, ...asked }),
  ],
};

for (const [name, [sdk, create]] of Object.entries(sdks)) {
  const ask = (upstream, { user = randomUUID(), text = email, stream = false, headers = {} } = {}) =>
    create(upstream, { "x-user-id": user, ...headers }, { messages: [{ role: "user", content: text }], stream });
  const refusal = (...asked) => ask(...asked).then(() => assert.fail("it is answered"), (error) => error);

  for (const stream of [false, true]) {
    test(`${name}: a limit of the guard says when to come back, streamed: ${stream}`, async () => {
      const user = randomUUID();
      await ask("good", { user });
      const error = await refusal("good", { user, stream });
      assert.ok(error instanceof sdk.RateLimitError, `${error}`);
      const wait = Number(error.headers.get("retry-after"));
      assert.ok(wait > 0 && wait <= 60);
    });

    for (const [upstream, status] of [["down", 502], ["slow", 504], ["nosuch", 404]]) {
      test(`${name}: an upstream that is ${upstream} is ${status}, streamed: ${stream}`, async () => {
        const error = await refusal(upstream, { stream });
        assert.ok(error instanceof (status === 404 ? sdk.NotFoundError : sdk.InternalServerError), `${error}`);
        assert.equal(error.status, status);
      });
    }
  }

  test(`${name}: what the guard refuses is a bad request`, async () => {
    const error = await refusal("good", { text: "Card 4111 1111 1111 1111", headers: refuseCards });
    assert.ok(error instanceof sdk.BadRequestError, `${error}`);
    assert.equal(error.headers.get("x-should-retry"), "false");
    const large = await refusal("good", { text: "x".repeat(70_000) });
    assert.equal(large.status, 413);
  });

  test(`${name}: a stream that breaks is an error after what came`, async () => {
    const stream = await ask(`breaking-${name}`, { stream: true });
    const error = await collect(stream).then(() => assert.fail("it ends well"), (error) => error);
    assert.ok(error instanceof sdk.APIError, `${error}`);
    assert.ok(!(error instanceof sdk.APIConnectionError));
    assert.match(error.message, /upstream/);
  });
}
