#!/bin/sh
# Generates prompt_guard_client/v1/ from the proto file. Needs the packages of requirements-dev.txt.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
proto=$here/../../proto
out=$here/prompt_guard_client/v1
python=${PYTHON:-python3}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m grpc_tools.protoc -I "$proto" \
    --python_out="$work" --pyi_out="$work" --grpc_python_out="$work" \
    promptguard/v1/guard.proto

# The compiler imports by the path of the proto file; inside our package the modules are neighbours.
for file in "$work"/promptguard/v1/*; do
    sed 's/^from promptguard\.v1 import guard_pb2/from . import guard_pb2/' "$file" >"$out/$(basename "$file")"
done
