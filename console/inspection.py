"""Gathers what an audit judges: a declaration, a Pulumi state, plain manifests, the live estate.

The live estate is read from the hub (what was declared) and from every site's API server (what is
really there), with the auditor's read-only identity. A site that does not answer and a
manifest that was not read are named in the source as unseen: silence must never look like
compliance.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from console.desk import Desk
from console.manifests import Manifest, Skipped, Unread, read
from console.survey import read as read_survey
from hospital.codec import encode, estate_from
from hospital.errors import DeclarationError, Problem, UnavailableError
from hospital.estate import Site, Workload
from hospital.rule import Plain, Resource
from policies.intake import HOSPITAL, from_estate, from_object, from_pulumi, from_state, from_survey
from policies.report import Source
from providers.kubernetes import SiteClusters, namespace_of
from providers.objects import objects
from stacks.estate import read_estate

JUDGED_KINDS = (  # every namespaced kind that rules judge, but Secrets: no auditor reads those
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "ConfigMap"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("networking.k8s.io/v1", "Ingress"),
    ("policy/v1", "PodDisruptionBudget"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
)
TIMEOUT = 5.0  # seconds per answer: an audit may wait longer than a failover


@dataclass(frozen=True, slots=True)
class Inspected:
    """The resources to judge and where they come from."""

    resources: tuple[Resource, ...]
    source: Source
    policy: Plain | None = None  # what the estate says of the rules; None where nothing is said


def declared(path: Path) -> Inspected:
    """All that the declaration in ``path`` describes; DeclarationError if it is not valid."""
    estate = read_estate(path)
    resources = from_estate(estate, objects=objects)
    source = Source("declaration", str(path), estate.name)
    return Inspected(resources, source, encode(estate.policy))


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
    return Inspected(resources, Source("state", str(path)), next(said, None))


def files(path: Path) -> Inspected:
    """The Kubernetes objects in a file, a directory or, for ``-``, on standard input.

    DeclarationError names every file that cannot be read exactly.
    """
    found = tuple(read(path))
    resources = tuple(
        from_object(each.item, place=each.place) for each in found if isinstance(each, Manifest)
    )
    unseen = tuple(f"{each.place}: {each.why}" for each in found if isinstance(each, Unread))
    skipped = tuple(f"{each.place}: {each.why}" for each in found if isinstance(each, Skipped))
    return Inspected(resources, Source("manifests", str(path), unseen=unseen, skipped=skipped))


def live(desk: Desk) -> Inspected:
    """The living estate, as the hub declares it and as the sites' API servers show it.

    Raises UnavailableError when no hub has quorum.
    """
    hub = desk.hub()
    estate = estate_from(hub.declared())
    look = Look(SiteClusters(estate, desk.access, timeout=TIMEOUT).cluster)
    resources = from_estate(estate, objects=look.objects)
    unseen = tuple(sorted(look.unseen))
    source = Source("live", hub.cluster.endpoint, estate.name, unseen)
    return Inspected(resources, source, encode(estate.policy))


def surveyed(path: Path) -> Inspected:
    """What ``xinglin survey`` wrote; DeclarationError if ``path`` holds no survey."""
    seen = read_survey(path)
    source = Source("survey", str(path), seen.estate, unseen=seen.unseen)
    return Inspected(from_survey(seen), source)


def joined(first: Inspected, second: Inspected) -> Inspected:
    """Both, judged as one: rules that compare see all of it."""
    one, other = first.source, second.source
    source = Source(
        f"{one.kind}+{other.kind}",
        f"{one.place} + {other.place}",
        one.estate or other.estate,
        unseen=(*one.unseen, *other.unseen),
        skipped=(*one.skipped, *other.skipped),
    )
    policy = first.policy if first.policy is not None else second.policy
    return Inspected((*first.resources, *second.resources), source, policy)


class Listing(Protocol):
    """The part of ``providers.kubernetes.Cluster`` that an audit needs."""

    def items(self, api_version: str, kind: str, *, namespace: str = "") -> list[dict[str, Any]]:
        """All objects of a kind in a namespace."""


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
        """All of the namespace, whoever put it there: a stray Deployment is a finding too.

        What a controller made of an object that is judged itself is not judged once more.
        """
        namespace = namespace_of(workload)
        return [
            item
            for version, kind in JUDGED_KINDS
            for item in cluster.items(version, kind, namespace=namespace)
            if not _is_controlled(item)
        ]


def _is_controlled(item: Plain) -> bool:
    owners = item["metadata"].get("ownerReferences", ())
    return any(owner.get("controller") for owner in owners)


def _not_a_state(path: Path, message: str) -> DeclarationError:
    problem = Problem(str(path), "(file)", message, "write it with `pulumi stack export --file`")
    return DeclarationError((problem,))
