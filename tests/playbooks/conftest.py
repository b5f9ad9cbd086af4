"""The lab's estate as playbooks see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hospital.inventory import inventory
from stacks.estate import read_estate

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def playbooks() -> Path:
    return ROOT / "playbooks"


@pytest.fixture(scope="session")
def lab_inventory() -> dict[str, Any]:
    return inventory(read_estate(ROOT / "stacks" / "estates" / "lab.yaml"))
