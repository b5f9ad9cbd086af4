"""What is not known yet can be read by no rule, however it tries, and hides nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hospital.manifest import normal
from hospital.unknown import UNKNOWN, Deferred, guarded, is_known

PART: dict[str, Any] = {"a": UNKNOWN, "b": {"c": [1, UNKNOWN], "d": 2}}


def value() -> Any:
    return guarded(PART, "Site/x")


READS: dict[str, Callable[[Any], Any]] = {
    "item": lambda it: it["a"],
    "get": lambda it: it.get("a"),
    "identity": lambda it: it.get("a") is not False,
    "in": lambda it: "a" in it,
    "keys": lambda it: list(it.keys()),
    "items": lambda it: list(it.items()),
    "values": lambda it: list(it.values()),
    "copy": dict,
    "unpacked": lambda it: {**it},
    "keywords": lambda it: dict(**it),
    "union": lambda it: it | {},
    "reversed union": lambda it: {} | it,
    "updated": {}.update,
    "truth": bool,
    "length": len,
    "equality": lambda it: it == {"a": 1},
    "list item": lambda it: it["b"]["c"][1],
    "last item": lambda it: it["b"]["c"][-1],
    "slice": lambda it: it["b"]["c"][:],
    "iteration": lambda it: list(it["b"]["c"]),
    "spread": lambda it: [*it["b"]["c"]],
    "set": lambda it: set(it["b"]["c"]),
    "absent item": lambda it: 3 in it["b"]["c"],
    "lists": lambda it: it["b"]["c"] == [1, 2],
    "joined": lambda it: [0] + it["b"]["c"],
    "text": str,
    "format": lambda it: f"{it['b']['c']}",
}


@pytest.mark.parametrize("way", READS)
def test_every_way_to_read_it_defers(way: str) -> None:
    with pytest.raises(Deferred):
        READS[way](value())


def test_what_is_known_beside_it_is_read_as_ever() -> None:
    known = value()
    assert known["b"]["d"] == 2
    assert known["b"].get("e", 5) == 5
    assert "e" not in known["b"]
    assert known["b"]["c"][0] == 1
    assert len(known["b"]["c"]) == 2
    assert 1 in known["b"]["c"]


def test_the_value_is_named() -> None:
    with pytest.raises(Deferred) as raised:
        value()["b"]["c"][1]
    assert raised.value.where == "Site/x.b.c[1]"
    assert str(raised.value) == "Site/x.b.c[1] is not known yet"


def test_what_is_known_entirely_stays_what_it_is() -> None:
    whole = {"a": [1, {"b": None}]}
    assert is_known(whole)
    assert guarded(whole, "x") is whole


def test_an_object_without_its_nulls_keeps_what_is_unknown() -> None:
    assert normal({"a": UNKNOWN, "b": None}) == {"a": UNKNOWN}
