"""How rules read what a survey saw of a Kubernetes control plane. Pure.

What was not read is told as such, and never taken for a value: ``flag`` gives None, and every rule
says ``unread`` then.
"""

from __future__ import annotations

import re

from hospital.rule import Plain, Resource, Text

SIMULATED = "kwok-"  # the version that KWOK reports for nodes that it plays; no kubelet has it

_VERSION = re.compile(r"v?1\.(\d+)\.\d+")


def flag(resource: Resource, name: str) -> str | None:
    """The value in effect of a flag of the API server; None if it could not be read."""
    found: str | None = resource.inputs["facts"].get("flags", {}).get(name)
    return found


def listed(value: str) -> tuple[str, ...]:
    """The items of a flag that holds several, which `/flagz` prints as ``[a,b]``."""
    return tuple(item for item in value.strip("[]").split(",") if item)


def unread(name: str) -> Text:
    """The reason that is given when a fact could not be read."""
    return Text(f"无法读取 {name}", f"{name} could not be read")


def is_hub(resource: Resource) -> bool:
    """Whether it is the hub, which holds declarations and evidence but has no nodes."""
    return str(resource.inputs["name"]).startswith("hub@")


def nodes(resource: Resource) -> list[Plain] | None:
    """The nodes that are machines; None if nobody could list them."""
    found = resource.inputs["facts"].get("nodes")
    if found is None:
        return None
    return [node for node in found if not node["kubelet"].startswith(SIMULATED)]


def minor(version: str) -> int | None:
    """37 of ``v1.37.2``; None of what is no version of Kubernetes."""
    found = _VERSION.match(version)
    return int(found[1]) if found else None


def series(version: str) -> tuple[int, int] | None:
    """(1, 6) of ``1.6.20``; None of what does not begin so."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else None
