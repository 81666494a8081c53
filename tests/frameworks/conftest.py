"""What is built on the SDKs, with the fixtures of `tests/python` and the SDKs' versions that it asks for."""

import importlib.util
import pathlib
import sys

_shared = pathlib.Path(__file__).parent.parent / "python" / "conftest.py"
_spec = importlib.util.spec_from_file_location("shared", _shared)
shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shared)
sys.modules["shared"] = shared

from shared import address, model, secret_text  # noqa: E402, F401
