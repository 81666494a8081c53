"""Redact, show and restore over gRPC.

    python examples/grpc_redact.py "Call Ann Smith at +1 212 555 0142"

The server is at PROMPT_GUARD_ADDR (default 127.0.0.1:8000).
"""

import os
import sys

from prompt_guard_client import GuardClient


def main() -> None:
    text = sys.argv[1] if len(sys.argv) > 1 else "Write to ann.smith@example.org today."
    with GuardClient(os.environ.get("PROMPT_GUARD_ADDR", "127.0.0.1:8000")) as guard:
        redacted = guard.redact([text], return_mapping=True)
        result = redacted.results[0]
        print("model sees:", result.text)
        for finding in result.findings:
            print(f"  {finding.entity_type} at {finding.start}..{finding.end}, score {finding.score:.2f}")
        restored = guard.restore([result.text], mapping=redacted.mapping)
        print("user gets: ", restored.texts[0])


if __name__ == "__main__":
    main()
