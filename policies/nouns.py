"""What there is to judge of our own nouns: an estate, and what a survey saw.

Apart from ``policies/intake.py``, because the nouns take longer to import than a thousand objects
take to judge, and neither preview nor admission sees one. What must never happen: an audit that
judges another shape than they do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from hospital.codec import encode, site_spec
from hospital.estate import Estate, Site, Workload
from hospital.rule import Kind, Plain, Resource
from hospital.survey import Survey
from hospital.surveyed.cluster import SurveyedCluster
from hospital.surveyed.endpoint import SurveyedEndpoint
from policies.intake import from_site, parts_of

Objects = Callable[[Workload, Site], Sequence[Plain] | None]
"""The Kubernetes objects of a workload at a site; None if nobody could see them."""


def from_estate(
    estate: Estate, *, objects: Objects | None = None, declared: Objects | None = None
) -> tuple[Resource, ...]:
    """Everything in an estate that rules judge: sites, workloads at each of their sites, plans.

    ``objects`` are those to judge; where they were seen, ``declared`` are those that should be.
    """
    return (
        *(from_site(each.name, site_spec(estate, each)) for each in estate.sites),
        *(each for one in _workloads(estate, objects, declared) for each in (one, *parts_of(one))),
        *(Resource(Kind.PLAN, plan.name, {"plan": encode(plan)}) for plan in estate.plans),
    )


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


def from_endpoints(endpoints: Iterable[SurveyedEndpoint]) -> tuple[Resource, ...]:
    """Endpoints that were met, by a survey or by an audit itself."""
    return tuple(_seen(Kind.ENDPOINT, each.name, each) for each in endpoints)


def from_clusters(clusters: Iterable[SurveyedCluster]) -> tuple[Resource, ...]:
    """Control planes that were looked at, by a survey or by an audit itself."""
    return tuple(_seen(Kind.CLUSTER, each.name, each) for each in clusters)


def _seen(kind: Kind, name: str, value: object) -> Resource:
    return Resource(kind, name, encode(value))


def _workloads(
    estate: Estate, objects: Objects | None, declared: Objects | None
) -> Iterator[Resource]:
    for workload, site in estate.deployments:
        inputs: dict[str, Any] = {"workload": encode(workload), "site": encode(site)}
        seen = objects(workload, site) if objects else None
        if seen is not None:
            inputs["objects"] = list(seen)
            wanted = declared(workload, site) if declared else None
            inputs |= {} if wanted is None else {"declared": list(wanted)}
        yield Resource(Kind.WORKLOAD, f"{workload.name}-{site.name}", inputs)
