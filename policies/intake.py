"""What there is to judge: an estate, or a resource of the provider, as plain ``Resource`` values.

Both gates must judge the same thing, so both are brought into one shape here: preview from the
inputs of ``hospital:index:*`` resources, audit from an ``Estate``, declared in a file or read back
from the hub. Kubernetes objects come in as given; without them the rules that need them say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from hospital.codec import encode, site_spec
from hospital.estate import Estate, Site, Workload
from hospital.rule import Kind, Plain, Resource

PREFIX = "hospital:index:"
AROUND_SITE = ("estate", "links", "databases")  # what `site_spec` adds to the fields of a site

Objects = Callable[[Workload, Site], Sequence[Plain] | None]
"""The Kubernetes objects of a workload at a site; None if nobody could see them."""


def from_estate(estate: Estate, *, objects: Objects | None = None) -> tuple[Resource, ...]:
    """Everything in an estate that rules judge: sites, workloads at each of their sites, plans."""
    return (
        *(_site(site.name, site_spec(estate, site)) for site in estate.sites),
        *_workloads(estate, objects),
        *(Resource(Kind.PLAN, plan.name, {"plan": encode(plan)}) for plan in estate.plans),
    )


def from_pulumi(token: str, name: str, inputs: Plain, *, urn: str) -> Resource | None:
    """A resource of the provider ``hospital`` by its type token; None if rules judge no such."""
    if not token.startswith(PREFIX) or token.removeprefix(PREFIX) not in list(Kind):
        return None
    kind = Kind(token.removeprefix(PREFIX))
    if kind is Kind.SITE:
        return _site(name, inputs["site"] | {k: v for k, v in inputs.items() if k != "site"}, urn)
    return Resource(kind, name, inputs, urn)


def _site(name: str, spec: dict[str, Any], urn: str = "") -> Resource:
    around = {key: spec[key] for key in AROUND_SITE if key in spec}
    site = {key: value for key, value in spec.items() if key not in around}
    return Resource(Kind.SITE, name, {"site": site} | around, urn)


def _workloads(estate: Estate, objects: Objects | None) -> Iterator[Resource]:
    for workload in estate.workloads:
        for name in workload.sites:
            site = estate.site(name)
            inputs: dict[str, Any] = {"workload": encode(workload), "site": encode(site)}
            seen = objects(workload, site) if objects else None
            if seen is not None:
                inputs["objects"] = list(seen)
            yield Resource(Kind.WORKLOAD, f"{workload.name}-{name}", inputs)
