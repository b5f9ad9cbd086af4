"""Drift is what was declared and is not so; what a server adds is none."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from hospital.drift import departures
from providers.objects import objects
from stacks.estate import read_estate

LAB = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")
HIS = objects(LAB.workload("his"), LAB.site("campus-x86"))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a value where something stands, from the outside in."""
    if not isinstance(value, dict | list):
        return [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    inner = [place for key, item in pairs for place in places(item, (*path, key))]
    return [*([path] if path else []), *inner]


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def test_what_is_there_as_declared_has_not_drifted() -> None:
    assert list(departures(HIS, HIS)) == []


@pytest.mark.parametrize("item", HIS, ids=lambda item: f"{item['kind']}/{item['metadata']['name']}")
def test_every_declared_field_that_is_changed_or_gone_is_told(item: dict[str, Any]) -> None:
    for path in places(item):
        if path in {("kind",), ("metadata",), ("metadata", "name")}:
            continue  # they say which object it is
        for change in ("other", None):
            seen = deepcopy(item)
            holder = at(seen, path[:-1])
            if at(item, path) == {} and change is None:
                continue  # absent is the same as empty
            if change is not None:
                holder[path[-1]] = change
            elif isinstance(holder, dict):
                del holder[path[-1]]
            else:
                holder.pop(path[-1])
            assert list(departures([item], [seen])), (path, change)


def test_what_a_server_adds_to_an_object_is_no_drift() -> None:
    for item in HIS:
        seen: dict[str, Any] = deepcopy(item)
        seen["metadata"] |= {"uid": "1", "managedFields": []}
        seen["status"] = {"replicas": 2}
        seen.setdefault("spec", {})["defaulted"] = True
        assert list(departures([item], [seen])) == []
