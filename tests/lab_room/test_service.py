"""The workload service keeps its promises: its own tests, against a real PostgreSQL."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SERVICE = Path(__file__).parents[2] / "lab" / "service"


@pytest.mark.lab
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not installed")
def test_the_service_passes_its_own_tests() -> None:
    command = ["go", "test", "-count=1", "./..."]
    done = subprocess.run(command, cwd=SERVICE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok  \txinglin.dev/service" in done.stdout
