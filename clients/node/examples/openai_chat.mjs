// OpenAI's SDK through Prompt Guard: only the base URL differs. `npm install openai`, then `node openai_chat.mjs`, with
// `prompt-guard demo` running or a server of your own at PROMPT_GUARD_ADDR.

import OpenAI from "openai";

const address = process.env.PROMPT_GUARD_ADDR ?? "127.0.0.1:8000";
const client = new OpenAI({ baseURL: `http://${address}/v1`, apiKey: process.env.OPENAI_API_KEY ?? "unused" });

const messages = [{ role: "user", content: "Write to ann.smith@example.org that we meet at noon." }];
const stream = await client.chat.completions.create({ model: "gpt-4o-mini", messages, stream: true });
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? "");
}
process.stdout.write("\n");
