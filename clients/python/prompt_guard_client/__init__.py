"""A thin, typed gRPC client of Prompt Guard.

    from prompt_guard_client import GuardClient

    with GuardClient("127.0.0.1:8000") as guard:
        redacted = guard.redact(["Write to ann@example.org"], return_mapping=True)
        print(redacted.results[0].text)  # Write to [EMAIL_1]

Methods answer with the generated messages, which are in `pb` and described field by field in `guard.proto`.
"""

from .client import GuardClient, Message, chat_message
from .errors import GuardError
from .v1 import guard_pb2 as pb

__all__ = ["GuardClient", "GuardError", "Message", "chat_message", "pb"]
