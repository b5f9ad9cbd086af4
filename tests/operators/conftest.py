"""Makes ``play`` importable in this room, and the real API server of the adapters' tests."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def _adapters() -> ModuleType:
    path = HERE.parent / "providers" / "conftest.py"
    spec = importlib.util.spec_from_file_location("adapters_conftest", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


api_server = _adapters().api_server
