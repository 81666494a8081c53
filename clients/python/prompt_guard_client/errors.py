"""What a call raises when it fails."""

from __future__ import annotations

from typing import cast

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status


class GuardError(Exception):
    """A call failed. The `grpc.RpcError` behind it is the `__cause__`."""

    #: The gRPC status.
    code: grpc.StatusCode
    #: What is wrong and what to do, for people.
    message: str
    #: A stable word such as `CONTENT_BLOCKED`; empty if the server was not reached.
    reason: str
    #: The field of the request at fault, such as `texts`; empty if no single field is.
    field: str
    #: Seconds after which to try again; `None` if the server does not say.
    retry_after: float | None
    #: What else is known, such as `request_id`, `policy` and `entity_type` of a blocked call, or `upstream_message`.
    metadata: dict[str, str]

    def __init__(self, error: grpc.RpcError) -> None:
        call = cast(grpc.Call, error)
        self.code = call.code()
        self.message = call.details() or ""
        self.reason = ""
        self.field = ""
        self.retry_after = None
        self.metadata = {}
        self._read_details(call)
        super().__init__(f"{self.code.name}: {self.message}")

    def _read_details(self, call: grpc.Call) -> None:
        status = rpc_status.from_call(call)
        for detail in status.details if status is not None else ():
            info = error_details_pb2.ErrorInfo()
            bad_request = error_details_pb2.BadRequest()
            retry = error_details_pb2.RetryInfo()
            if detail.Unpack(info):
                self.reason = info.reason
                self.metadata = dict(info.metadata)
            elif detail.Unpack(bad_request) and bad_request.field_violations:
                self.field = bad_request.field_violations[0].field
            elif detail.Unpack(retry):
                self.retry_after = retry.retry_delay.ToNanoseconds() / 1e9
