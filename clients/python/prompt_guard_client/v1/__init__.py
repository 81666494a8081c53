"""The generated messages (`guard_pb2`) and stubs (`guard_pb2_grpc`) of `promptguard.v1`."""
