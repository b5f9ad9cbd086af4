"""What there is to judge: an estate, or a resource of the provider, as plain ``Resource`` values.

Both gates must judge the same thing, so both are brought into one shape here: preview from the
inputs of ``hospital:index:*`` resources, audit from an ``Estate``, declared in a file or read back
from the hub, or from plain Kubernetes objects. The objects of a workload are judged twice: together
with it, and each alone, as admission sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from hospital.codec import encode, site_spec
from hospital.estate import Estate, Site, Workload
from hospital.manifest import name_of, namespace_of, normal
from hospital.rule import SURVEYED, Kind, Plain, Resource
from hospital.survey import Survey
from hospital.surveyed.cluster import SurveyedCluster

PREFIX = "hospital:index:"
AROUND_SITE = ("estate", "links", "databases")  # what `site_spec` adds to the fields of a site

Objects = Callable[[Workload, Site], Sequence[Plain] | None]
"""The Kubernetes objects of a workload at a site; None if nobody could see them."""


def from_estate(
    estate: Estate, *, objects: Objects | None = None, declared: Objects | None = None
) -> tuple[Resource, ...]:
    """Everything in an estate that rules judge: sites, workloads at each of their sites, plans.

    ``objects`` are those to judge; where they were seen, ``declared`` are those that should be.
    """
    return (
        *(_site(site.name, site_spec(estate, site)) for site in estate.sites),
        *(each for one in _workloads(estate, objects, declared) for each in (one, *_parts(one))),
        *(Resource(Kind.PLAN, plan.name, {"plan": encode(plan)}) for plan in estate.plans),
    )


def from_pulumi(token: str, name: str, inputs: Plain, *, urn: str) -> tuple[Resource, ...]:
    """What rules judge in a resource of the provider ``hospital``; nothing in one of others'."""
    kind = token.removeprefix(PREFIX)
    if not token.startswith(PREFIX) or kind not in list(Kind) or kind in {Kind.OBJECT, *SURVEYED}:
        return ()
    if kind == Kind.SITE:
        spec = inputs["site"] | {key: item for key, item in inputs.items() if key != "site"}
        return (_site(name, spec, urn),)
    found = Resource(Kind(kind), name, inputs, urn)
    return (found, *_parts(found))


def from_object(item: Plain, *, place: str = "", at: str = "", **around: Any) -> Resource:
    """One Kubernetes object, as a file or a cluster holds it.

    ``at`` is the site where it is or will be, ``around`` what is known of it besides.
    """
    kept = normal(item)
    where = "/".join(part for part in (namespace_of(kept), name_of(kept)) if part)
    name = f"{kept['kind']}/{where}" + (f"@{at}" if at else "")
    return Resource(Kind.OBJECT, name, {"object": kept, **around}, place=place)


def from_survey(survey: Survey) -> tuple[Resource, ...]:
    """Everything that a survey saw, each as the resource that rules judge."""
    return (
        *(_seen(Kind.HOST, each.host.id, each) for each in survey.hosts),
        *(
            _seen(Kind.DATABASE, f"{each.database.name}@{each.host}", each)
            for each in survey.databases
        ),
        *(_seen(Kind.ENDPOINT, each.name, each) for each in survey.endpoints),
        *from_clusters(survey.clusters),
        *(_seen(Kind.ACCOUNT, each.site, each) for each in survey.accounts),
    )


def from_clusters(clusters: Iterable[SurveyedCluster]) -> tuple[Resource, ...]:
    """Control planes that were looked at, by a survey or by an audit itself."""
    return tuple(_seen(Kind.CLUSTER, each.name, each) for each in clusters)


def _seen(kind: Kind, name: str, value: object) -> Resource:
    return Resource(kind, name, encode(value))


def _parts(workload: Resource) -> Iterator[Resource]:
    """The objects of a workload at a site, each alone."""
    if workload.kind is not Kind.WORKLOAD:
        return
    site = workload.inputs.get("site", {}).get("name", "")
    for item in workload.inputs.get("objects", ()):
        found = from_object(item, at=site, workload=workload.inputs["workload"])
        yield replace(found, urn=workload.urn)


def _site(name: str, spec: dict[str, Any], urn: str = "") -> Resource:
    around = {key: spec[key] for key in AROUND_SITE if key in spec}
    site = {key: value for key, value in spec.items() if key not in around}
    return Resource(Kind.SITE, name, {"site": site} | around, urn)


def _workloads(
    estate: Estate, objects: Objects | None, declared: Objects | None
) -> Iterator[Resource]:
    for workload in estate.workloads:
        for name in workload.sites:
            site = estate.site(name)
            inputs: dict[str, Any] = {"workload": encode(workload), "site": encode(site)}
            seen = objects(workload, site) if objects else None
            if seen is not None:
                inputs["objects"] = list(seen)
                wanted = declared(workload, site) if declared else None
                inputs |= {} if wanted is None else {"declared": list(wanted)}
            yield Resource(Kind.WORKLOAD, f"{workload.name}-{name}", inputs)
