"""What there is to judge, as ``Resource`` values: what Pulumi and Kubernetes hand over.

All gates must judge the same thing, so all is brought into one shape: here the inputs of
``hospital:index:*`` resources and Kubernetes objects, in ``policies/nouns.py`` our own nouns. The
objects of a workload are judged twice: together with it, and each alone, as admission sees it. What
a preview does not know yet is kept as unknown (``hospital/unknown.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from hospital.manifest import name_of, namespace_of, normal
from hospital.rule import SURVEYED, Kind, Plain, Resource
from hospital.unknown import UNKNOWN, Deferred, guarded, is_known

PREFIX = "hospital:index:"
UNKNOWNS = frozenset({  # what the engine writes for a value that it does not know yet
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58", "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
})  # fmt: skip
HOSPITAL = "xinglin:index:Hospital"  # the component around all; input: `policy`, of the estate
AROUND_SITE = ("estate", "links", "databases")  # what `site_spec` adds to the fields of a site
NAMING = ("kind", "metadata")  # what an object's name is made of


def from_pulumi(token: str, name: str, inputs: Plain, *, urn: str) -> tuple[Resource, ...]:
    """What rules judge in a resource of the provider ``hospital``; nothing in one of others'."""
    kind = token.removeprefix(PREFIX)
    if not token.startswith(PREFIX) or kind not in list(Kind) or kind in {Kind.OBJECT, *SURVEYED}:
        return ()
    where = f"{kind}/{name}"
    whole = is_known(inputs)
    if kind == Kind.SITE and isinstance(inputs["site"], Mapping):
        spec = {**inputs["site"], **{key: inputs[key] for key in inputs if key != "site"}}
        return (_known(from_site(name, spec, urn), where),)
    if kind == Kind.WORKLOAD and "objects" not in inputs and not whole:
        inputs = {**inputs, "objects": UNKNOWN}  # they are derived from what is not known yet
    found = Resource(Kind(kind), name, inputs, urn)
    parts = (found, *parts_of(found))
    return parts if whole else tuple(_known(each, where) for each in parts)


def from_state(value: Any) -> Any:
    """Inputs as a state holds them, as plain data: ``UNKNOWN`` where the engine knew no value."""
    if isinstance(value, dict):
        return {key: from_state(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_state(item) for item in value]
    return UNKNOWN if isinstance(value, str) and value in UNKNOWNS else value


def from_object(item: Plain, *, place: str = "", at: str = "", **around: Any) -> Resource:
    """One Kubernetes object, as a file or a cluster holds it.

    ``at`` is the site where it is or will be, ``around`` what is known of it besides.
    """
    kept = normal(item)
    named = {key: kept[key] for key in NAMING if key in kept}
    name = _named(guarded(named, "object")) + (f"@{at}" if at else "")
    return Resource(Kind.OBJECT, name, {"object": kept, **around}, place=place)


def from_site(name: str, spec: Plain, urn: str = "") -> Resource:
    """A site; ``spec`` is what ``hospital.codec.site_spec`` gives."""
    around = {key: spec[key] for key in AROUND_SITE if key in spec}
    own = {key: value for key, value in spec.items() if key not in around}
    return Resource(Kind.SITE, name, {"site": own} | around, urn)


def parts_of(workload: Resource) -> Iterator[Resource]:
    """The objects of a workload at a site, each alone."""
    if workload.kind is not Kind.WORKLOAD:
        return
    around, site = workload.inputs["workload"], workload.inputs.get("site")
    at = site.get("name", "") if isinstance(site, Mapping) else ""
    items = workload.inputs.get("objects", ())
    for item in items if isinstance(items, list | tuple) else [items]:
        if isinstance(item, Mapping):
            yield replace(from_object(item, at=str(at), workload=around), urn=workload.urn)
        else:  # nobody knows yet which objects there will be
            inputs = {"object": item, "workload": around}
            yield Resource(Kind.OBJECT, f"?@{at}", inputs, urn=workload.urn)


def _known(resource: Resource, where: str) -> Resource:
    """The resource as rules may read it; ``where`` names it if some of it is not known yet."""
    return replace(resource, inputs=guarded(resource.inputs, where))


def _named(item: Plain) -> str:
    """``kind/namespace/name``; of what is not known yet a question mark."""
    try:
        where = "/".join(part for part in (namespace_of(item), name_of(item)) if part)
        return f"{item['kind']}/{where}"
    except Deferred:
        return "?"
