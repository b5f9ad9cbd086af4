"""Which Kubernetes objects live together: at one site, in one namespace.

Rules that compare objects look for them here. What must never happen: an object of one site that
vouches for one at another.
"""

from __future__ import annotations

from collections.abc import Iterator

from hospital.manifest import name_of, namespace_of
from hospital.rule import Facts, Kind, Plain, Resource

_Places = dict[tuple[str, ...], list[tuple[int, Plain]]]
"""Objects, with their position among all resources, by where they are and their kind."""


def neighbours(resource: Resource, facts: Facts, *kinds: str) -> Iterator[Plain]:
    """The objects of these kinds at the resource's site and in its namespace, itself included.

    A Namespace lives in itself; objects that name no namespace live together.
    """
    home = _home(resource.inputs["object"])
    return _at(facts.view(_by_home), (_site(resource), home), kinds)


def at_site(resource: Resource, facts: Facts, *kinds: str) -> Iterator[Plain]:
    """The objects of these kinds at the resource's site, in whatever namespace."""
    return _at(facts.view(_by_site), (_site(resource),), kinds)


def _at(places: _Places, where: tuple[str, ...], kinds: tuple[str, ...]) -> Iterator[Plain]:
    found = [each for kind in kinds for each in places.get((*where, kind), ())]
    if len(kinds) > 1:
        found.sort(key=lambda each: each[0])  # in the order in which all of them were given
    return (item for _, item in found)


def _placed(resources: tuple[Resource, ...], *, by_home: bool) -> _Places:
    places: _Places = {}
    for number, resource in enumerate(resources):
        if resource.kind is Kind.OBJECT:
            item: Plain = resource.inputs["object"]
            home = (_home(item),) if by_home else ()
            where = (_site(resource), *home, str(item["kind"]))
            places.setdefault(where, []).append((number, item))
    return places


def _by_site(resources: tuple[Resource, ...]) -> _Places:
    return _placed(resources, by_home=False)


def _by_home(resources: tuple[Resource, ...]) -> _Places:
    return _placed(resources, by_home=True)


def _site(resource: Resource) -> str:
    """The part of the name after ``@``; "" for what was read without a site."""
    return resource.name.partition("@")[2]


def _home(item: Plain) -> str:
    return name_of(item) if item["kind"] == "Namespace" else namespace_of(item)
