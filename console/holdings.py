"""What clusters hold, as an auditor may see it: every kind of object that rules judge but Secrets.

A workload's own namespace is read with the workload (``console/inspection.py``), which is judged as
one. Here is all the rest: what belongs to no namespace, and the namespaces that nobody declared. A
kind that a cluster does not serve has no objects there; one that this identity may not list is an
error, never an empty list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Protocol

from hospital.errors import UnavailableError
from hospital.estate import Estate
from hospital.rule import Plain, Resource
from policies.intake import from_object
from providers.access import Access
from providers.kubernetes import AnswerError, Cluster, namespace_of

CORE = "v1"
RBAC = "rbac.authorization.k8s.io/v1"
ADMISSION = "admissionregistration.k8s.io/v1"

IN_NAMESPACES = (
    (CORE, "Pod"),
    (CORE, "Service"),
    (CORE, "ServiceAccount"),
    (CORE, "ConfigMap"),
    (CORE, "ReplicationController"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("gateway.networking.k8s.io/v1", "Gateway"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("networking.k8s.io/v1", "Ingress"),
    ("policy/v1", "PodDisruptionBudget"),
    (RBAC, "Role"),
    (RBAC, "RoleBinding"),
)
IN_NONE = (
    (CORE, "Namespace"),
    (CORE, "PersistentVolume"),
    (RBAC, "ClusterRole"),
    (RBAC, "ClusterRoleBinding"),
    (ADMISSION, "ValidatingWebhookConfiguration"),
    (ADMISSION, "MutatingWebhookConfiguration"),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"),
    ("apiregistration.k8s.io/v1", "APIService"),
    ("storage.k8s.io/v1", "StorageClass"),
)
PATIENCE = 5.0  # seconds per answer: an audit may wait longer than a failover
NOT_FOUND = 404


class Listing(Protocol):
    """The part of ``providers.kubernetes.Cluster`` that an audit needs."""

    def items(self, api_version: str, kind: str, *, namespace: str = "") -> list[dict[str, Any]]:
        """All objects of a kind, in one namespace or in all."""


def look(estate: Estate, access: Access) -> tuple[tuple[Resource, ...], tuple[str, ...]]:
    """What the sites' clusters and the hub hold besides the workloads, and who did not answer."""
    apart = {namespace_of(each.name) for each in estate.workloads}
    clusters = {each.name: each.endpoints.kubernetes for each in estate.sites}
    found: list[Resource] = []
    silent: list[str] = []
    for at, endpoint in clusters.items():
        try:
            found += held(Cluster(endpoint, access, read=PATIENCE), at=at, apart=apart)
        except UnavailableError as error:
            silent.append(f"objects@{at}: {error}")
    found += _hub(estate, access, silent)
    return tuple(found), tuple(silent)


def _hub(estate: Estate, access: Access, silent: list[str]) -> list[Resource]:
    """Its API servers show the same objects: the first that answers is enough."""
    for site in estate.sites:
        try:
            return [*held(Cluster(site.endpoints.hub, access, read=PATIENCE), at="hub")]
        except UnavailableError as error:
            said = f"objects@hub: {error}"
    silent.append(said)
    return []


def held(cluster: Listing, *, at: str, apart: Collection[str] = ()) -> Iterator[Resource]:
    """Each object as rules judge it; none of the namespaces ``apart``, but themselves."""
    for version, kind in (*IN_NONE, *IN_NAMESPACES):
        for item in listed(cluster, version, kind):
            if item["metadata"].get("namespace", "") not in apart:
                yield from_object(item, at=at)


def listed(cluster: Listing, version: str, kind: str, *, namespace: str = "") -> list[Plain]:
    """What people and programs put there.

    What a controller made of an object that is judged itself is not judged once more.
    """
    try:
        items = cluster.items(version, kind, namespace=namespace)
    except AnswerError as refusal:
        if refusal.status == NOT_FOUND:
            return []
        raise
    return [item for item in items if not _is_controlled(item)]


def _is_controlled(item: Plain) -> bool:
    owners = item["metadata"].get("ownerReferences", ())
    return any(owner.get("controller") for owner in owners)
