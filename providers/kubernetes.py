"""Kubernetes: objects of one API server as plain data, and workloads at all sites.

``Cluster`` is one API server, a site's or the hub's. Writes are server-side applies under the
name of a field manager, so that declared shape (``xinglin-pulumi``) and present place
(``xinglin-recovery``) never overwrite each other. Every call is bounded by its timeouts: a lost
site must cost a second, never a hang. The hub's kinds and leases are in ``providers/hub.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import urllib3
from kubernetes.client import ApiClient, ApiException, Configuration
from kubernetes.client.exceptions import OpenApiException

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate, Workload
from hospital.story import WorkloadSeen
from providers.access import Access
from providers.changes import Change, changes

Object = dict[str, Any]

PULUMI = "xinglin-pulumi"  # owns shape
RECOVERY = "xinglin-recovery"  # owns place
FIELD_MANAGERS = frozenset({PULUMI, RECOVERY})

WORKLOAD_LABEL = "xinglin.dev/workload"

# (apiVersion, kind) → (plural, namespaced). A table instead of discovery: one request less per
# kind, and nothing is ever written that this list does not name.
KINDS: Mapping[tuple[str, str], tuple[str, bool]] = {
    ("v1", "Namespace"): ("namespaces", False),
    ("v1", "Node"): ("nodes", False),
    ("v1", "ServiceAccount"): ("serviceaccounts", True),
    ("v1", "ConfigMap"): ("configmaps", True),
    ("v1", "Secret"): ("secrets", True),
    ("v1", "Service"): ("services", True),
    ("v1", "Pod"): ("pods", True),
    ("v1", "PersistentVolume"): ("persistentvolumes", False),
    ("v1", "ReplicationController"): ("replicationcontrollers", True),
    ("v1", "Event"): ("events", True),
    ("v1", "ResourceQuota"): ("resourcequotas", True),
    ("v1", "LimitRange"): ("limitranges", True),
    ("apps/v1", "Deployment"): ("deployments", True),
    ("apps/v1", "ReplicaSet"): ("replicasets", True),
    ("apps/v1", "StatefulSet"): ("statefulsets", True),
    ("apps/v1", "DaemonSet"): ("daemonsets", True),
    ("autoscaling/v1", "Scale"): ("deployments", True),
    ("batch/v1", "Job"): ("jobs", True),
    ("batch/v1", "CronJob"): ("cronjobs", True),
    ("gateway.networking.k8s.io/v1", "Gateway"): ("gateways", True),
    ("networking.k8s.io/v1", "Ingress"): ("ingresses", True),
    ("networking.k8s.io/v1", "NetworkPolicy"): ("networkpolicies", True),
    ("policy/v1", "PodDisruptionBudget"): ("poddisruptionbudgets", True),
    ("coordination.k8s.io/v1", "Lease"): ("leases", True),
    ("rbac.authorization.k8s.io/v1", "Role"): ("roles", True),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): ("rolebindings", True),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"): ("clusterroles", False),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): ("clusterrolebindings", False),
    ("apiextensions.k8s.io/v1", "CustomResourceDefinition"): ("customresourcedefinitions", False),
    ("apiregistration.k8s.io/v1", "APIService"): ("apiservices", False),
    ("storage.k8s.io/v1", "StorageClass"): ("storageclasses", False),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"): (
        "mutatingwebhookconfigurations",
        False,
    ),
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"): (
        "validatingwebhookconfigurations",
        False,
    ),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"): (
        "validatingadmissionpolicies",
        False,
    ),
    ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"): (
        "validatingadmissionpolicybindings",
        False,
    ),
    ("xinglin.dev/v1alpha1", "Site"): ("sites", False),
    ("xinglin.dev/v1alpha1", "Workload"): ("workloads", False),
    ("xinglin.dev/v1alpha1", "RecoveryPlan"): ("recoveryplans", False),
    ("xinglin.dev/v1alpha1", "RecoveryAction"): ("recoveryactions", False),
    ("xinglin.dev/v1alpha1", "Migration"): ("migrations", False),
}


@dataclass(frozen=True, slots=True)
class Ref:
    """Which object: enough to read or delete it."""

    api_version: str
    kind: str
    name: str
    namespace: str = ""

    @classmethod
    def of(cls, item: Object) -> Ref:
        """The reference of an object."""
        meta = item["metadata"]
        return cls(item["apiVersion"], item["kind"], meta["name"], meta.get("namespace", ""))

    @classmethod
    def parse(cls, text: str) -> Ref:
        """The inverse of ``str``."""
        api_version, kind, namespace, name = text.split("|")
        return cls(api_version, kind, name, namespace)

    def __str__(self) -> str:
        return f"{self.api_version}|{self.kind}|{self.namespace}|{self.name}"


@contextmanager
def translated(endpoint: str) -> Iterator[None]:
    """Everything that the SDK raises, as one of ours: the only mapping point of this adapter.

    No answer, 408, 429 and 5xx are UnavailableError; any other answer is RefusedError.
    """
    try:
        yield
    except ApiException as error:
        status = error.status or 0
        # Server-side apply answers 500 to a field that the schema does not have.
        misfit = "not declared in schema" in (error.body or "")
        if status in {0, 408, 429} or (status >= 500 and not misfit):
            raise UnavailableError(endpoint, _reason(error)) from error
        raise AnswerError(endpoint, _reason(error), status) from error
    except OpenApiException as error:
        raise RefusedError(endpoint, str(error)) from error
    except (urllib3.exceptions.HTTPError, OSError) as error:
        raise UnavailableError(endpoint, f"no answer: {_innermost(error)}") from error


class AnswerError(RefusedError):
    """A refusal with its HTTP status, which ``Cluster`` needs to tell absence from denial."""

    def __init__(self, endpoint: str, message: str, status: int) -> None:
        self.status = status
        super().__init__(endpoint, message)


class Cluster:
    """One Kubernetes API server, seen by one identity. Safe to use from several threads."""

    def __init__(
        self, endpoint: str, access: Access, *, connect: float = 0.5, read: float = 1.0
    ) -> None:
        """``connect`` and ``read`` are seconds; no call makes a second attempt by itself."""
        self.endpoint = endpoint
        self._timeout = (connect, read)
        settings = Configuration()
        settings.host = endpoint
        settings.ssl_ca_cert = str(access.path("ca.crt"))
        settings.cert_file = str(access.path("tls.crt"))
        settings.key_file = str(access.path("tls.key"))
        settings.retries = False
        settings.proxy = None
        settings.connection_pool_maxsize = 8
        self._client = ApiClient(settings)

    def get(self, ref: Ref) -> Object | None:
        """The object, or None if there is none."""
        try:
            found: Object = self._call("GET", _path(ref))
        except AnswerError as refusal:
            if refusal.status == 404:
                return None
            raise
        return found

    def items(
        self, api_version: str, kind: str, *, namespace: str = "", labels: str = ""
    ) -> list[Object]:
        """All objects of a kind, in one namespace or in all, with a label selector."""
        path = _path(Ref(api_version, kind, "", namespace))
        answer = self._call("GET", path, query={"labelSelector": labels} if labels else {})
        return [{"apiVersion": api_version, "kind": kind} | item for item in answer["items"]]

    def apply(
        self, objects: Iterable[Object], *, field_manager: str, dry_run: bool = False
    ) -> tuple[Change, ...]:
        """Server-side apply; what it changed, or with ``dry_run`` what it would change.

        Only our own field managers may take a field back that another manager holds.
        """
        found: list[Change] = []
        for item in objects:
            found += self._apply(item, field_manager=field_manager, dry_run=dry_run)
        return tuple(found)

    def create(self, item: Object, *, field_manager: str) -> Object:
        """Create; RefusedError if the name is taken."""
        ref = Ref.of(item)
        path = _path(Ref(ref.api_version, ref.kind, "", ref.namespace))
        made: Object = self._call("POST", path, query={"fieldManager": field_manager}, body=item)
        return made

    def merge(
        self, ref: Ref, patch: Object, *, field_manager: str, subresource: str = ""
    ) -> Object:
        """JSON merge patch; with ``metadata.resourceVersion`` in it a compare-and-swap.

        RefusedError when that version is no longer the current one.
        """
        path, query = _path(ref, subresource), {"fieldManager": field_manager}
        content = "application/merge-patch+json"
        merged: Object = self._call("PATCH", path, query=query, body=patch, content=content)
        return merged

    def scale(self, ref: Ref, *, replicas: int) -> None:
        """Set a Deployment's replicas as ``xinglin-recovery``, through its scale subresource."""
        item = {
            "apiVersion": "autoscaling/v1",
            "kind": "Scale",
            "metadata": {"name": ref.name, "namespace": ref.namespace},
            "spec": {"replicas": replicas},
        }
        self._patch(_path(ref, "scale"), item, field_manager=RECOVERY)

    def delete(self, ref: Ref) -> bool:
        """Delete with everything that depends on it; False if it was already gone."""
        try:
            self._call("DELETE", _path(ref), query={"propagationPolicy": "Background"})
        except AnswerError as refusal:
            if refusal.status == 404:
                return False
            raise
        return True

    def ready(self) -> bool:
        """Whether the API server says that it is ready; never raises."""
        try:
            self._call("GET", "/readyz", parse=None)
        except (UnavailableError, RefusedError):
            return False
        return True

    def ask(self, path: str, *, accept: str = "application/json") -> Any:
        """What the API server says of itself at a path that is no object: JSON, or its text."""
        return self._call("GET", path, accept=accept, parse="object" if "json" in accept else "str")

    def _apply(self, item: Object, *, field_manager: str, dry_run: bool) -> tuple[Change, ...]:
        ref = Ref.of(item)
        before = self.get(ref)
        try:
            after = self._patch(_path(ref), item, field_manager=field_manager, dry_run=dry_run)
        except AnswerError as refusal:
            if not (dry_run and before is None and refusal.status == 404):
                raise
            after = item  # its namespace is not there yet: all of it would be new
        return changes(before, after)

    def _patch(
        self, path: str, item: Object, *, field_manager: str, dry_run: bool = False
    ) -> Object:
        query = {"fieldManager": field_manager, "fieldValidation": "Strict"}
        if field_manager in FIELD_MANAGERS:
            query["force"] = "true"
        if dry_run:
            query["dryRun"] = "All"
        content = "application/apply-patch+yaml"
        applied: Object = self._call("PATCH", path, query=query, body=item, content=content)
        return applied

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Object | None = None,
        content: str = "application/json",
        accept: str = "*/*",
        parse: str | None = "object",
    ) -> Any:
        with translated(self.endpoint):
            return self._client.call_api(
                path,
                method,
                query_params=list((query or {}).items()),
                header_params={"Accept": accept, "Content-Type": content},
                body=body,
                response_type=parse,
                _return_http_data_only=True,
                _request_timeout=self._timeout,
            )


class SiteClusters:
    """WorkloadHands over the API servers of all sites of an estate."""

    def __init__(self, estate: Estate, access: Access, *, timeout: float = 1.0) -> None:
        """``timeout`` is seconds, for connecting and for each answer."""
        self._estate = estate
        self._access = access
        self._timeout = timeout
        self._clusters: dict[str, Cluster] = {}

    def cluster(self, site: str) -> Cluster:
        """The site's own cluster."""
        if site not in self._clusters:
            endpoint = self._estate.site(site).endpoints.kubernetes
            self._clusters[site] = Cluster(
                endpoint, self._access, connect=self._timeout, read=self._timeout
            )
        return self._clusters[site]

    def scale(self, workload: Workload, *, site: str, replicas: int) -> None:
        """Set the replicas of all the workload's Deployments at a site; idempotent."""
        found = self._deployments(workload, site)
        if not found:
            endpoint = self.cluster(site).endpoint
            raise RefusedError(endpoint, f"workload {workload.name} is not deployed at {site}")
        for deployment in found:
            if deployment["spec"].get("replicas", 1) != replicas:
                self.cluster(site).scale(Ref.of(deployment), replicas=replicas)

    def observe(self, workload: Workload, *, site: str) -> WorkloadSeen:
        """Wanted and ready replicas at a site; the least of its Deployments, all zero if none."""
        return _seen(workload, site, self._deployments(workload, site))

    def running(self, workload: Workload, *, site: str) -> int:
        """Pods whose containers all run, ready or not: they may wait for a closed database."""
        pods = self.cluster(site).items(
            "v1",
            "Pod",
            namespace=namespace_of(workload.name),
            labels=f"{WORKLOAD_LABEL}={workload.name}",
        )
        return sum(_runs(pod) for pod in pods)

    def survey(self, workloads: Iterable[Workload], *, site: str) -> tuple[WorkloadSeen, ...]:
        """``observe`` for many, by one request."""
        by_place: dict[str, list[Object]] = {}
        for item in self.cluster(site).items("apps/v1", "Deployment", labels=WORKLOAD_LABEL):
            place = f"{item['metadata']['namespace']}/{item['metadata']['labels'][WORKLOAD_LABEL]}"
            by_place.setdefault(place, []).append(item)
        return tuple(
            _seen(each, site, by_place.get(f"{namespace_of(each.name)}/{each.name}", []))
            for each in workloads
        )

    def _deployments(self, workload: Workload, site: str) -> list[Object]:
        return self.cluster(site).items(
            "apps/v1",
            "Deployment",
            namespace=namespace_of(workload.name),
            labels=f"{WORKLOAD_LABEL}={workload.name}",
        )


def _seen(workload: Workload, site: str, deployments: list[Object]) -> WorkloadSeen:
    return WorkloadSeen(
        workload=workload.name,
        site=site,
        replicas=min((item["spec"].get("replicas", 1) for item in deployments), default=0),
        ready=min((_ready(item) for item in deployments), default=0),
    )


def namespace_of(workload: str) -> str:
    """The namespace in which a workload's objects live, at every site."""
    return f"hospital-{workload}"


def _ready(deployment: Object) -> int:
    """Ready replicas of the *current* declaration: a status that lags behind counts as none."""
    status = deployment.get("status", {})
    if status.get("observedGeneration", 0) < deployment["metadata"].get("generation", 0):
        return 0
    return int(status.get("readyReplicas", 0))


def _runs(pod: Object) -> bool:
    if pod["metadata"].get("deletionTimestamp"):
        return False
    states = [each.get("state", {}) for each in pod.get("status", {}).get("containerStatuses", ())]
    return bool(states) and all("running" in state for state in states)


def _path(ref: Ref, subresource: str = "") -> str:
    plural, namespaced = KINDS[(ref.api_version, ref.kind)]
    root = f"/apis/{ref.api_version}" if "/" in ref.api_version else f"/api/{ref.api_version}"
    parts = [root]
    if namespaced and ref.namespace:
        parts += ["namespaces", quote(ref.namespace, safe="")]
    parts.append(plural)
    parts += [quote(part, safe="") for part in (ref.name, subresource) if part]
    return "/".join(parts)


def _reason(error: ApiException) -> str:
    """What the API server said, without the request's headers."""
    body = error.body if isinstance(error.body, str) else ""
    marker = '"message":"'
    start = body.find(marker)
    if start < 0:
        return f"{error.status} {error.reason}".strip()
    end = body.find('","', start)
    text = body[start + len(marker) : end if end > 0 else None].replace('\\"', '"')
    return f"{error.status} {text}"


def _innermost(error: BaseException) -> str:
    """The first cause that has something to say, in one line."""
    while error.__cause__ is not None or error.__context__ is not None:
        inner = error.__cause__ or error.__context__
        assert inner is not None
        error = inner
    return str(error).splitlines()[0] if str(error) else type(error).__name__
