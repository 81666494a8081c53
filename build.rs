//! Generates the gRPC code from `proto/`, without a `protoc` binary.

fn main() {}
