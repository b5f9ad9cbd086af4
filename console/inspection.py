"""Gathers what an audit judges: a declaration, a Pulumi state, a survey, the live estate.

The live estate is read from the hub (what was declared) and from every API server (what is really
there, and how the control plane itself is set), with the auditor's read-only identity. A
site that does not answer is named in the source as unseen: silence must never look like
compliance.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from console import clusters, endpoints, holdings
from console.desk import Desk
from console.files import Inspected
from console.holdings import IN_NAMESPACES, PATIENCE, Listing, listed
from console.survey import read as read_survey
from hospital.codec import encode, estate_from
from hospital.errors import DeclarationError, Problem, UnavailableError
from hospital.estate import Estate, Site, Workload
from hospital.rule import SURVEYED, Plain
from policies.intake import HOSPITAL, from_pulumi, from_state
from policies.nouns import from_clusters, from_endpoints, from_estate, from_survey
from policies.report import Source
from providers.kubernetes import SiteClusters, namespace_of
from providers.objects import objects, trust
from stacks.estate import read_estate


def declared(path: Path) -> Inspected:
    """All that the declaration in ``path`` describes; DeclarationError if it is not valid."""
    estate = read_estate(path)
    resources = from_estate(estate, objects=partial(wanted, estate))
    source = Source("declaration", str(path), estate.name)
    return Inspected(resources, source, (path,), encode(estate.policy))


def exported(path: Path) -> Inspected:
    """The resources of a state from ``pulumi stack export``; DeclarationError if it is none."""
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))["deployment"]["resources"]
    except OSError as error:
        raise _not_a_state(path, f"cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _not_a_state(path, "is no exported state") from error
    resources = tuple(
        resource
        for item in listed
        if "inputs" in item
        for resource in from_pulumi(
            item["type"],
            item["urn"].rsplit("::", 1)[-1],
            from_state(item["inputs"]),
            urn=item["urn"],
        )
    )
    said = (item["inputs"].get("policy") for item in listed if item["type"] == HOSPITAL)
    return Inspected(resources, Source("state", str(path)), (path,), next(said, None))


def live(desk: Desk) -> Inspected:
    """The living estate, as the hub declares it and as the sites' API servers show it.

    Raises UnavailableError when no hub has quorum.
    """
    hub = desk.hub()
    estate = estate_from(hub.declared())
    look = Look(SiteClusters(estate, desk.access, timeout=PATIENCE).cluster)
    resources = from_estate(estate, objects=look.objects, declared=partial(comparable, estate))
    others, mute = holdings.look(estate, desk.access)
    planes, silent = clusters.look(estate, desk.access)
    met, closed = endpoints.look(estate)
    resources += others + from_clusters(planes) + from_endpoints(met)
    unseen = (*sorted(look.unseen), *mute, *silent, *closed)
    source = Source("live", hub.cluster.endpoint, estate.name, unseen)
    return Inspected(resources, source, policy=encode(estate.policy))


def surveyed(path: Path) -> Inspected:
    """What ``xinglin survey`` wrote; DeclarationError if ``path`` holds no survey."""
    seen = read_survey(path)
    source = Source("survey", str(path), seen.estate, unseen=seen.unseen)
    return Inspected(from_survey(seen), source, (path,))


def joined(first: Inspected, second: Inspected) -> Inspected:
    """Both, judged as one: rules that compare see all of it.

    What both looked at counts as the first saw it.
    """
    one, other = first.source, second.source
    source = Source(
        f"{one.kind}+{other.kind}",
        f"{one.place} + {other.place}",
        one.estate or other.estate,
        unseen=(*one.unseen, *other.unseen),
        skipped=(*one.skipped, *other.skipped),
    )
    known = {each.id for each in first.resources if each.kind in SURVEYED}
    more = (each for each in second.resources if each.id not in known)
    policy = first.policy if first.policy is not None else second.policy
    return Inspected((*first.resources, *more), source, (*first.read, *second.read), policy)


def wanted(estate: Estate, workload: Workload, site: Site) -> tuple[Plain, ...]:
    """What is declared of a workload at a site."""
    return objects(workload, site, database=estate.way(workload, site.name))


def comparable(estate: Estate, workload: Workload, site: Site) -> list[Plain]:
    """What is declared of a workload at a site, of the kinds that are read there."""
    declared = wanted(estate, workload, site)
    if not declared:
        return []  # it runs on hosts there
    seen = {kind for _, kind in IN_NAMESPACES}
    certificate = trust(workload, "")
    # Its content is the authority's certificate, which no declaration holds.
    named = {key: certificate[key] for key in ("apiVersion", "kind", "metadata")}
    return [item for item in (named, *declared) if item["kind"] in seen]


class Look:
    """Reads workloads' objects at the sites, and remembers which sites were silent."""

    def __init__(self, cluster: Callable[[str], Listing]) -> None:
        """``cluster`` gives the API server of a site by the site's name."""
        self._cluster = cluster
        self.unseen: set[str] = set()

    def objects(self, workload: Workload, site: Site) -> list[Plain] | None:
        """The workload's objects at the site; None if the site is silent (asked only once)."""
        if site.name in self.unseen:
            return None
        try:
            return self._read(workload.name, self._cluster(site.name))
        except UnavailableError:
            self.unseen.add(site.name)
            return None

    @staticmethod
    def _read(workload: str, cluster: Listing) -> list[Plain]:
        """All of the namespace, whoever put it there: a stray Deployment is a finding too."""
        namespace = namespace_of(workload)
        return [
            item
            for version, kind in IN_NAMESPACES
            for item in listed(cluster, version, kind, namespace=namespace)
        ]


def _not_a_state(path: Path, message: str) -> DeclarationError:
    problem = Problem(str(path), "(file)", message, "write it with `pulumi stack export --file`")
    return DeclarationError((problem,))
