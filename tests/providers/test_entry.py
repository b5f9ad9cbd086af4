"""The plugin's entry: what must be settled before anything else is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ENTRY = Path(__file__).resolve().parents[2] / "providers" / "__main__.py"

PROGRAM = f"""
import os, runpy, sys, types
provider = types.ModuleType("providers.provider")
provider.serve = lambda engine: print(engine, os.environ["GRPC_ENABLE_FORK_SUPPORT"])
sys.modules["providers.provider"] = provider
sys.argv = ["providers", "127.0.0.1:4711", "-tracing"]
assert "grpc" not in sys.modules
runpy.run_path({str(ENTRY)!r}, run_name="__main__")
"""


def test_grpc_leaves_the_children_alone_that_become_playbooks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["127.0.0.1:4711", "false"]
