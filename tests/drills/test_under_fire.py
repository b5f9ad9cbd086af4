"""Whatever is killed while a workload migrates, no acknowledged write is lost and it ends."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lab.places import CHECKOUT


@pytest.mark.drill
@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_a_migration_under_fire_ends_and_loses_nothing() -> None:
    command = (sys.executable, "-m", "tests.drills.under_fire")
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
