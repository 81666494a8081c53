"""OpenAI's SDK through Prompt Guard: `base_url` is all that changes.

    python examples/openai_chat.py [MODEL]

The server is at PROMPT_GUARD_ADDR (default 127.0.0.1:8000); OPENAI_API_KEY is handed on to the upstream.
"""

import os
import sys

from openai import OpenAI

ADDRESS = os.environ.get("PROMPT_GUARD_ADDR", "127.0.0.1:8000")
PROMPT = "Write one friendly line to Ann Smith, whose address is ann.smith@example.org."


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else "gpt-4o-mini"
    client = OpenAI(base_url=f"http://{ADDRESS}/v1", api_key=os.environ.get("OPENAI_API_KEY", "none"))

    answer = client.chat.completions.create(model=model, messages=[{"role": "user", "content": PROMPT}])
    print(answer.choices[0].message.content)

    stream = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": PROMPT}], stream=True
    )
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            print(chunk.choices[0].delta.content, end="", flush=True)
    print()


if __name__ == "__main__":
    main()
