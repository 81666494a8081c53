"""The client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import grpc

from .errors import GuardError
from .v1 import guard_pb2 as pb
from .v1 import guard_pb2_grpc

#: A chat message: the generated one, or a role ("user", "assistant", …) and a text.
Message = pb.ChatMessage | tuple[str, str]

# The server limits messages (`server.max_body_bytes`); a second limit here would only be in the way.
_OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


def chat_message(role: str, text: str) -> pb.ChatMessage:
    """A chat message with plain text. `role` is system, developer, user, assistant, tool or function."""
    return pb.ChatMessage(role=role, content=text)


class GuardClient:
    """Calls one Prompt Guard server. Safe to share between threads.

    Every method raises `GuardError` when the call fails, and takes `timeout` in seconds (`None`: no limit).
    """

    def __init__(
        self,
        address: str,
        *,
        api_key: str | None = None,
        user_id: str | None = None,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """Connects when the first call is made.

        `address` is `host:port`. `api_key` is sent as bearer token and reaches the upstream with completions.
        `user_id` is the unit of rate limits and the owner of sessions. `credentials` switch TLS on.
        """
        self._channel = (
            grpc.insecure_channel(address, options=_OPTIONS)
            if credentials is None
            else grpc.secure_channel(address, credentials, options=_OPTIONS)
        )
        self._stub: Any = guard_pb2_grpc.GuardStub(self._channel)  # type: ignore[no-untyped-call]
        self._metadata: list[tuple[str, str]] = []
        if api_key is not None:
            self._metadata.append(("authorization", f"Bearer {api_key}"))
        if user_id is not None:
            self._metadata.append(("x-user-id", user_id))

    def __enter__(self) -> GuardClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()

    def scan(
        self,
        texts: Sequence[str],
        *,
        policy: str = "",
        entities: Sequence[str] = (),
        min_score: float | None = None,
        offsets: pb.OffsetUnit = pb.OFFSET_UNIT_UNICODE_SCALARS,
        timeout: float | None = None,
    ) -> pb.ScanResponse:
        """Looks for private data. By default offsets count as Python's strings do: `text[start:end]` is the value."""
        request = pb.ScanRequest(
            texts=texts, policy=policy, entities=entities, min_score=min_score, offsets=offsets
        )
        return self._call(self._stub.Scan, request, timeout)

    def scan_stream(
        self, requests: Iterable[pb.ScanStreamRequest], *, timeout: float | None = None
    ) -> Iterator[pb.ScanStreamResponse]:
        """Scans in bulk: answers come in the order of the requests, failures of single ones among them."""
        return self._stream(self._stub.ScanStream, iter(requests), timeout)

    def redact(
        self,
        texts: Sequence[str],
        *,
        policy: str = "",
        session: str = "",
        keep_mapping: bool = False,
        return_mapping: bool = False,
        offsets: pb.OffsetUnit = pb.OFFSET_UNIT_UNICODE_SCALARS,
        timeout: float | None = None,
    ) -> pb.RedactResponse:
        """Replaces private data by stand-ins.

        To restore later, either keep the mapping in the server's vault (`keep_mapping`, the answer names the session),
        go on with such a session (`session`), or take the mapping home (`return_mapping`).
        """
        request = pb.RedactRequest(
            texts=texts,
            policy=policy,
            session=session,
            keep_mapping=keep_mapping,
            return_mapping=return_mapping,
            offsets=offsets,
        )
        return self._call(self._stub.Redact, request, timeout)

    def restore(
        self,
        texts: Sequence[str],
        *,
        session: str = "",
        mapping: Iterable[pb.MappingEntry] | Mapping[str, str] = (),
        timeout: float | None = None,
    ) -> pb.RestoreResponse:
        """Puts originals back, by a session or by a mapping (`RedactResponse.mapping`, or placeholder to original)."""
        if isinstance(mapping, Mapping):
            mapping = [pb.MappingEntry(placeholder=p, original=o) for p, o in mapping.items()]
        request = pb.RestoreRequest(texts=texts, session=session, mapping=mapping)
        return self._call(self._stub.Restore, request, timeout)

    def complete(
        self,
        model: str,
        messages: Iterable[Message],
        *,
        timeout: float | None = None,
        **parameters: Any,
    ) -> pb.ProxyCompletionResponse:
        """Asks a model through the guard and waits for the whole answer: `answer.choices[0].delta.content`.

        `parameters` are the other fields of `ProxyCompletionRequest`, such as `policy`, `session` or `max_tokens`.
        """
        request = _completion(model, messages, parameters, stream=False)
        # To the end: left at its only message, the call would be cancelled and its status never seen.
        (answer,) = self._stream(self._stub.ProxyCompletion, request, timeout)
        return answer

    def complete_stream(
        self,
        model: str,
        messages: Iterable[Message],
        *,
        timeout: float | None = None,
        **parameters: Any,
    ) -> Iterator[pb.ProxyCompletionResponse]:
        """Asks a model through the guard and yields the answer as it is written.

        The first message has `facts` alone: what the guard found. Closing the iterator cancels the completion.
        `parameters` are the other fields of `ProxyCompletionRequest`.
        """
        request = _completion(model, messages, parameters, stream=True)
        return self._stream(self._stub.ProxyCompletion, request, timeout)

    def policies(self, *, timeout: float | None = None) -> list[pb.PolicySummary]:
        """The policies that the server knows, sorted by name."""
        answer = self._call(self._stub.ListPolicies, pb.ListPoliciesRequest(), timeout)
        return list(answer.policies)

    def delete_session(self, session: str, *, timeout: float | None = None) -> None:
        """Forgets the mapping of a session. Succeeds as well when there is none."""
        self._call(self._stub.DeleteSession, pb.DeleteSessionRequest(session=session), timeout)

    def _call(self, method: Any, request: Any, timeout: float | None) -> Any:
        try:
            return method(request, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            raise GuardError(error) from error

    def _stream(self, method: Any, request: Any, timeout: float | None) -> Iterator[Any]:
        answers = method(request, timeout=timeout, metadata=self._metadata)
        try:
            yield from answers
        except grpc.RpcError as error:
            raise GuardError(error) from error
        finally:
            answers.cancel()


def _completion(
    model: str, messages: Iterable[Message], parameters: dict[str, Any], *, stream: bool
) -> pb.ProxyCompletionRequest:
    typed = [chat_message(*message) if isinstance(message, tuple) else message for message in messages]
    return pb.ProxyCompletionRequest(model=model, messages=typed, stream=stream, **parameters)
