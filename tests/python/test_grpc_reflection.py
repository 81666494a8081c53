"""A gRPC client that knows nothing but the address: it learns the service by reflection and calls every method."""

import grpc
import pytest
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

SERVICE = "promptguard.v1.Guard"
EMAIL = "canary.jane@example.org"


class Reflected:
    """Calls methods by name, with requests as dictionaries."""

    def __init__(self, channel):
        self.channel = channel
        pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
        self.service = pool.FindServiceByName(SERVICE)

    def call(self, name, request, **options):
        method = self.service.methods_by_name[name]
        request_class = message_factory.GetMessageClass(method.input_type)
        answer_class = message_factory.GetMessageClass(method.output_type)
        message = json_format.ParseDict(request, request_class())
        kind = ("stream" if method.client_streaming else "unary") + (
            "_stream" if method.server_streaming else "_unary"
        )
        stub = getattr(self.channel, kind)(
            f"/{SERVICE}/{name}",
            request_serializer=request_class.SerializeToString,
            response_deserializer=answer_class.FromString,
        )
        answer = stub(iter([message]) if method.client_streaming else message, timeout=30, **options)
        to_dict = lambda it: json_format.MessageToDict(it, preserving_proto_field_name=True)
        return [to_dict(it) for it in answer] if method.server_streaming else to_dict(answer)


@pytest.fixture
def channel(address):
    with grpc.insecure_channel(address) as channel:
        yield channel


@pytest.fixture
def guard(channel):
    return Reflected(channel)


def test_reflection_lists_the_services(channel):
    services = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert {SERVICE, "grpc.health.v1.Health"} <= set(services)


@pytest.mark.parametrize("service", ["", SERVICE])
def test_health_is_serving(channel, service):
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_every_method_is_known(guard):
    assert {method.name for method in guard.service.methods} == {
        "Scan",
        "Redact",
        "Restore",
        "ProxyCompletion",
        "ScanStream",
        "ListPolicies",
        "DeleteSession",
    }


def test_scan_counts_in_unicode_scalars(guard):
    answer = guard.call("Scan", {"texts": [f"😀 {EMAIL}"]})
    (finding,) = answer["results"][0]["findings"]
    assert (finding["entity_type"], finding["start"], finding["end"]) == ("EMAIL_ADDRESS", 2, 2 + len(EMAIL))


def test_redact_and_restore_by_session_and_by_mapping(guard):
    text = f"Mail {EMAIL}."
    redacted = guard.call("Redact", {"texts": [text], "keep_mapping": True, "return_mapping": True})
    clean = redacted["results"][0]["text"]
    assert EMAIL not in clean
    by_session = guard.call("Restore", {"texts": [clean], "session": redacted["session"]})
    by_mapping = guard.call("Restore", {"texts": [clean], "mapping": redacted["mapping"]})
    assert by_session["texts"] == by_mapping["texts"] == [text]
    guard.call("DeleteSession", {"session": redacted["session"]})
    with pytest.raises(grpc.RpcError) as error:
        guard.call("Restore", {"texts": [clean], "session": redacted["session"]})
    assert error.value.code() == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("stream", [False, True])
def test_completion_comes_back_whole(guard, stream):
    text = f"Write to {EMAIL}, please."
    request = {"model": "echo", "messages": [{"role": "user", "content": text}], "stream": stream}
    answers = guard.call("ProxyCompletion", request)
    contents = []
    for answer in answers:
        for choice in answer.get("choices", []):
            contents.append(choice.get("delta", {}).get("content", ""))
    assert "".join(contents) == text


def test_bulk_scan_answers_each_request(guard):
    (answer,) = guard.call("ScanStream", {"id": "7", "request": {"texts": [EMAIL]}})
    assert answer["id"] == "7"
    assert answer["response"]["results"][0]["findings"][0]["entity_type"] == "EMAIL_ADDRESS"


def test_policies_are_listed(guard):
    names = [policy["name"] for policy in guard.call("ListPolicies", {})["policies"]]
    assert {"default_pii", "gdpr_strict", "hipaa_phi", "pci_dss", "slm_local", "secrets"} <= set(names)


def test_unknown_method_is_unimplemented(channel):
    stub = channel.unary_unary(f"/{SERVICE}/NoSuchMethod")
    with pytest.raises(grpc.RpcError) as error:
        stub(b"")
    assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED


def test_unknown_policy_is_not_found(guard):
    with pytest.raises(grpc.RpcError) as error:
        guard.call("Scan", {"texts": ["x"], "policy": "nosuch"})
    assert error.value.code() == grpc.StatusCode.NOT_FOUND
