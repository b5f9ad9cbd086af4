"""A lab for the whole session: the one that runs, or one that is started and ended here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hospital.estate import Estate
from lab import lifecycle, root
from lab.health import Desk
from lab.places import Places
from stacks.estate import read_estate


@pytest.fixture(scope="session")
def estate() -> Estate:
    """What the lab is built from."""
    return read_estate(lifecycle.ESTATE)


@pytest.fixture(scope="session")
def lab() -> Iterator[Places]:
    """Where a complete, running lab keeps its things."""
    places = Places.from_environment()
    found = root.first_process(places) is not None
    lifecycle.up(places=places)
    yield places
    if not found:
        lifecycle.down(places=places)


@pytest.fixture
def desk(lab: Places) -> Iterator[Desk]:
    """Threads that stand in the lab's network."""
    with Desk(lab) as at:
        yield at
