"""Which Kubernetes objects live together: at one site, in one namespace.

Rules that compare objects look for them here. What must never happen: an object of one site that
vouches for one at another.
"""

from __future__ import annotations

from collections.abc import Iterator

from hospital.manifest import name_of, namespace_of
from hospital.rule import Facts, Kind, Plain, Resource


def neighbours(resource: Resource, facts: Facts, *kinds: str) -> Iterator[Plain]:
    """The objects of these kinds at the resource's site and in its namespace, itself included.

    A Namespace lives in itself; objects that name no namespace live together.
    """
    home = _home(resource.inputs["object"])
    return (item for item in at_site(resource, facts, *kinds) if _home(item) == home)


def at_site(resource: Resource, facts: Facts, *kinds: str) -> Iterator[Plain]:
    """The objects of these kinds at the resource's site, in whatever namespace."""
    site = _site(resource)
    for other in facts.resources:
        if other.kind is Kind.OBJECT and _site(other) == site:
            item: Plain = other.inputs["object"]
            if item["kind"] in kinds:
                yield item


def _site(resource: Resource) -> str:
    """The part of the name after ``@``; "" for what was read without a site."""
    return resource.name.partition("@")[2]


def _home(item: Plain) -> str:
    return name_of(item) if item["kind"] == "Namespace" else namespace_of(item)
