"""What clients without our stubs use: health checks and reflection."""

import grpc
import pytest
from google.protobuf import descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase


@pytest.mark.parametrize("service", ["", "promptguard.v1.Guard"])
def test_health(channel: grpc.Channel, service: str) -> None:
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_every_method_can_be_called_by_reflection_alone(channel: grpc.Channel) -> None:
    database = ProtoReflectionDescriptorDatabase(channel)
    assert {"promptguard.v1.Guard", "grpc.health.v1.Health"} <= set(database.get_services())
    service = descriptor_pool.DescriptorPool(database).FindServiceByName("promptguard.v1.Guard")
    assert len(service.methods) == 7
    for method in service.methods:
        request_class = message_factory.GetMessageClass(method.input_type)
        answer_class = message_factory.GetMessageClass(method.output_type)
        kind = ("stream" if method.client_streaming else "unary", "stream" if method.server_streaming else "unary")
        call = getattr(channel, "_".join(kind))(
            f"/{service.full_name}/{method.name}",
            request_serializer=request_class.SerializeToString,
            response_deserializer=answer_class.FromString,
        )
        request = request_class()
        try:
            answer = call(iter([request]) if method.client_streaming else request, timeout=10)
            if method.server_streaming:
                list(answer)
        except grpc.RpcError as error:
            # Empty requests are refused with a reason; what matters is that the method is there.
            assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, (method.name, error.details())


def test_an_unknown_method_is_unimplemented(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as failed:
        channel.unary_unary("/promptguard.v1.Guard/Guess")(b"")
    assert failed.value.code() == grpc.StatusCode.UNIMPLEMENTED
