"""Users of the gRPC service. The stubs are made from `proto/` when this module is first imported."""

import importlib.resources
import os
import pathlib
import random
import sys
import tempfile
import time

import grpc
import grpc.experimental.gevent
import samples
from grpc_tools import protoc
from locust import User, between, task

grpc.experimental.gevent.init_gevent()


def stubs():
    """The modules of messages and of the service."""
    proto = pathlib.Path(__file__).resolve().parents[2] / "proto"
    well_known = importlib.resources.files("grpc_tools") / "_proto"
    folder = tempfile.mkdtemp()
    options = [f"-I{proto}", f"-I{well_known}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
    if protoc.main(["protoc", *options, str(proto / "promptguard/v1/guard.proto")]):
        raise ImportError("the stubs cannot be made from proto/promptguard/v1/guard.proto")
    sys.path.insert(0, folder)
    from promptguard.v1 import guard_pb2, guard_pb2_grpc

    return guard_pb2, guard_pb2_grpc


guard_pb2, guard_pb2_grpc = stubs()


class GrpcUser(User):
    """A service that scans, redacts and asks models by gRPC."""

    weight = 2
    wait_time = between(0.1, 0.4)

    def on_start(self):
        # Named apart from `host`, where gRPC has a port of its own.
        target = os.environ.get("GRPC_TARGET") or self.host.split("://", 1)[-1]
        self.channel = grpc.insecure_channel(target)
        self.guard = guard_pb2_grpc.GuardStub(self.channel)
        self.caller = (("authorization", f"Bearer load-{random.randrange(10**9)}"),)

    def on_stop(self):
        self.channel.close()

    def timed(self, name, call, check):
        start = time.perf_counter()
        error = None
        try:
            answer = call()
            if not check(answer):
                error = AssertionError("not the answer that was expected")
        except grpc.RpcError as failed:
            error = failed
        elapsed = (time.perf_counter() - start) * 1000
        self.environment.events.request.fire(
            request_type="gRPC", name=name, response_time=elapsed, response_length=0, exception=error, context={}
        )

    @task(5)
    def scan(self):
        content, _ = samples.text(samples.CUSTOMER)
        request = guard_pb2.ScanRequest(texts=[content])
        call = lambda: self.guard.Scan(request, timeout=30, metadata=self.caller)  # noqa: E731
        self.timed("grpc scan", call, lambda answer: answer.results[0].findings)

    @task(3)
    def redact(self):
        content, email = samples.text(samples.MEDICAL)
        request = guard_pb2.RedactRequest(texts=[content])
        call = lambda: self.guard.Redact(request, timeout=30, metadata=self.caller)  # noqa: E731
        self.timed("grpc redact", call, lambda answer: email not in answer.results[0].text)
