// The server under test is started by the Rust test that runs Node; its address comes by the environment.

export const address = process.env.GUARD_ADDRESS;

export const email = "canary.jane@example.org";

// Quotes, a backslash, a line end, an emoji of several characters: what JSON and pieces of a stream may break.
export const text =
  `Write to "${email}", card 4111 1111 1111 1111,\nSSN 078-05-1120, IBAN GB82 WEST 1234 5698 7654 32; ` +
  "C:\\tmp, phone +1 415 555 0132, host 203.0.113.77. Thanks 👩‍💻 – 谢谢!";

// The names of models that stream in pieces of so many characters.
export const models = [1, 2, 3, 7, 50].map((length) => `echo-${length}`);

export const refuseCards = { "x-guard-policy": "no_cards" };

export async function collect(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return parts;
}
