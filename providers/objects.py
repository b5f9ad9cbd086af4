"""What a workload is at a site, as Kubernetes objects.

Pure: the same declaration gives the same objects, at every site and in every gate. They are
shape only: no replicas (place belongs to recovery), and no secret value ever (``secret`` is
made apart, at the moment of applying). Every namespace denies all traffic that is not listed,
and every pod runs as nobody, on a file system that it cannot change.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from hospital.codec import encode
from hospital.estate import DatabaseWay, Site, Workload
from providers.kubernetes import WORKLOAD_LABEL, Object, namespace_of

IMAGE = "xinglin.dev/service:1"
PORT = 8080  # where the service listens (`docs/architecture.md`)
DATABASE_PORT = 5432  # of an edge host, where nobody says another
NOBODY = 65532
CA_PATH = "/etc/xinglin"
DECLARED = "xinglin.dev/declared"  # annotation: the nouns, so that a cluster explains itself
WAIVERS = "xinglin.dev/waivers"  # annotation: read by policies/review.py
SIMULATED = "xinglin.dev/simulated"  # label of nodes that run nothing

_SURGE = 2  # a rolling update runs old and new side by side


def objects(
    workload: Workload, site: Site, *, database: DatabaseWay | None = None
) -> tuple[Object, ...]:
    """All objects but ``trust`` and ``secret``, in the order of applying.

    ``database`` is what the pods reach there; without it the workload's own at the usual port. A
    workload that runs on hosts at the site has none.
    """
    if workload.hosts_at(site):
        return ()
    make = _Maker(workload, site, database=database or usual(workload))
    found = (
        make.namespace(),
        make.limit_range(),
        make.quota(),
        make.deny_all(),
        make.allow_ingress(),
        make.service_account(),
        make.disruption_budget(),
        make.service(),
        make.deployment(),
    )
    return (*found[:5], *make.allow_database(), *found[5:])


def trust(workload: Workload, certificate: str) -> Object:
    """The authority that the workload trusts, taken from the access directory when applying."""
    name = f"{workload.name}-trust"
    return _object(workload, "v1", "ConfigMap", name=name) | {"data": {"ca.crt": certificate}}


def usual(workload: Workload) -> DatabaseWay | None:
    """The way to the workload's own database where nobody says another."""
    return DatabaseWay(workload.database, DATABASE_PORT) if workload.database else None


def secret(workload: Workload, database: DatabaseWay, *, user: str, password: str) -> Object:
    """How the workload reaches its database: the only object that holds a secret.

    Applied and forgotten: it must not enter Pulumi's state, a log or a preview.
    """
    # The name is that in the servers' certificates; the pod's hosts file sends it to the edge.
    url = (
        f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}"
        f"@{database.name}:{database.port}"
        f"/{quote(user)}?sslmode=verify-full&sslrootcert={CA_PATH}/ca.crt"
    )
    content = {"DATABASE_URL": base64.b64encode(url.encode()).decode()}
    item = _object(workload, "v1", "Secret", name=secret_name(workload))
    return item | {"type": "Opaque", "data": content}


def waivers(workload: Workload) -> dict[str, str]:
    """The annotation by which an object brings its workload's waivers to the admission gate."""
    if not workload.waivers:
        return {}
    return {WAIVERS: json.dumps(encode(workload.waivers), ensure_ascii=False, sort_keys=True)}


def secret_name(workload: Workload) -> str:
    """The name of the workload's Secret."""
    return f"{workload.name}-database"


def labels(workload: Workload) -> dict[str, str]:
    """Labels of every object of a workload."""
    return {
        "app.kubernetes.io/name": workload.name,
        "app.kubernetes.io/part-of": "xinglin",
        WORKLOAD_LABEL: workload.name,
        "xinglin.dev/tier": workload.tier.value,
        "xinglin.dev/data-level": str(workload.data_level),
        "xinglin.dev/mlps-level": str(workload.mlps_level),
    }


class _Maker:
    """The objects one by one."""

    def __init__(self, workload: Workload, site: Site, *, database: DatabaseWay | None) -> None:
        self._workload = workload
        self._site = site
        self._database = database
        self._selector = {WORKLOAD_LABEL: workload.name}

    def namespace(self) -> Object:
        modes = ("enforce", "audit", "warn")
        security = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in modes}
        declared = {"workload": encode(self._workload), "site": encode(self._site)}
        declared |= {"database": encode(self._database)} if self._database else {}
        text = json.dumps(declared, ensure_ascii=False, sort_keys=True)
        return {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": namespace_of(self._workload.name),
                "labels": labels(self._workload) | security,
                "annotations": {DECLARED: text} | waivers(self._workload),
            },
        }

    def service_account(self) -> Object:
        item = self._object("v1", "ServiceAccount")
        return item | {"automountServiceAccountToken": False}

    def limit_range(self) -> Object:
        request = self._request()
        limits = [{"type": "Container", "default": request, "defaultRequest": request}]
        return self._object("v1", "LimitRange", spec={"limits": limits})

    def quota(self) -> Object:
        pods = self._workload.replicas * _SURGE
        hard = {
            "pods": str(pods),
            "requests.cpu": f"{self._workload.cpu_millicores * pods}m",
            "requests.memory": f"{self._workload.memory_mebibytes * pods}Mi",
        }
        return self._object("v1", "ResourceQuota", spec={"hard": hard})

    def disruption_budget(self) -> Object:
        spec = {"maxUnavailable": 1, "selector": {"matchLabels": self._selector}}
        return self._object("policy/v1", "PodDisruptionBudget", spec=spec)

    def service(self) -> Object:
        port = {
            "name": "http",
            "protocol": "TCP",
            "port": 80,
            "targetPort": PORT,
            "nodePort": self._workload.node_port,
        }
        spec = {"type": "NodePort", "selector": self._selector, "ports": [port]}
        return self._object("v1", "Service", spec=spec)

    def deny_all(self) -> Object:
        spec = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
        return self._policy("deny-all", spec)

    def allow_ingress(self) -> Object:
        sources = [_only(address) for address in sorted({self._edge, self._node}) if address]
        rule = {"from": sources, "ports": [{"protocol": "TCP", "port": PORT}]}
        return self._policy("allow-ingress", self._allowance("Ingress", rule))

    def allow_database(self) -> tuple[Object, ...]:
        if not self._database:
            return ()
        ports = [{"protocol": "TCP", "port": self._database.port}]
        rule = {"to": [_only(self._edge)], "ports": ports}
        return (self._policy("allow-database", self._allowance("Egress", rule)),)

    def deployment(self) -> Object:
        template = {"metadata": {"labels": labels(self._workload)}, "spec": self._pod()}
        spec = {
            "selector": {"matchLabels": self._selector},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
            },
            "revisionHistoryLimit": 3,
            "template": template,
        }
        return self._object("apps/v1", "Deployment", spec=spec)

    def _pod(self) -> dict[str, Any]:
        pod: dict[str, Any] = {
            "serviceAccountName": self._workload.name,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": NOBODY,
                "runAsGroup": NOBODY,
                "fsGroup": NOBODY,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "affinity": {"nodeAffinity": self._nodes()},
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": self._selector},
                }
            ],
            "terminationGracePeriodSeconds": 20,
            "containers": [self._container()],
            "volumes": [{"name": "trust", "configMap": {"name": f"{self._workload.name}-trust"}}],
        }
        if self._database:
            alias = {"ip": self._edge, "hostnames": [self._database.name]}
            pod["hostAliases"] = [alias]
        return pod

    def _container(self) -> dict[str, Any]:
        return {
            "name": self._workload.name,
            "image": IMAGE,
            "imagePullPolicy": "Never",
            "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
            "env": self._environment(),
            "resources": {
                "requests": self._request(),
                "limits": {"memory": f"{self._workload.memory_mebibytes * 2}Mi"},
            },
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
            # A busy node must not kill what only waits for its database: 30 failures, not 3.
            "livenessProbe": _probe("/healthz", failures=30),
            # A database that is away for seconds takes every pod's readiness at once: the storm
            # of endpoints that leave and return (measured: two cores busy for 4 s) would cost the
            # recovery more than requests that the service itself answers with 503 meanwhile.
            "readinessProbe": _probe("/readyz", failures=10),
            "volumeMounts": [{"name": "trust", "mountPath": CA_PATH, "readOnly": True}],
        }

    def _environment(self) -> list[dict[str, Any]]:
        name = {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}
        found: list[dict[str, Any]] = [
            {"name": "WORKLOAD", "value": self._workload.rehearses or self._workload.name},
            {"name": "SITE", "value": self._site.name},
            {"name": "POD_NAME", "valueFrom": name},
        ]
        if self._database:
            key = {"name": secret_name(self._workload), "key": "DATABASE_URL"}
            found.append({"name": "DATABASE_URL", "valueFrom": {"secretKeyRef": key}})
        return found

    def _nodes(self) -> dict[str, Any]:
        """Nodes of an architecture that both can do, and that run what they are given."""
        can = [one.value for one in self._site.architectures if one in self._workload.architectures]
        terms = [
            {"key": "kubernetes.io/arch", "operator": "In", "values": can},
            {"key": SIMULATED, "operator": "DoesNotExist"},
        ]
        required = {"nodeSelectorTerms": [{"matchExpressions": terms}]}
        return {"requiredDuringSchedulingIgnoredDuringExecution": required}

    def _request(self) -> dict[str, str]:
        return {
            "cpu": f"{self._workload.cpu_millicores}m",
            "memory": f"{self._workload.memory_mebibytes}Mi",
        }

    @property
    def _edge(self) -> str:
        return self._site.endpoints.ingress

    @property
    def _node(self) -> str:
        # Probes come from the node, and so does what a node port has rewritten.
        return urlsplit(self._site.endpoints.kubernetes).hostname or ""

    def _allowance(self, direction: str, rule: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "podSelector": {"matchLabels": self._selector},
            "policyTypes": [direction],
            direction.lower(): [dict(rule)],
        }

    def _policy(self, name: str, spec: dict[str, Any]) -> Object:
        return self._object("networking.k8s.io/v1", "NetworkPolicy", name=name, spec=spec)

    def _object(
        self, api_version: str, kind: str, *, name: str = "", spec: dict[str, Any] | None = None
    ) -> Object:
        item = _object(self._workload, api_version, kind, name=name)
        return item if spec is None else item | {"spec": spec}


def _object(workload: Workload, api_version: str, kind: str, *, name: str = "") -> Object:
    meta: dict[str, Any] = {
        "name": name or workload.name,
        "namespace": namespace_of(workload.name),
        "labels": labels(workload),
    }
    if workload.waivers:
        meta["annotations"] = waivers(workload)
    return {"apiVersion": api_version, "kind": kind, "metadata": meta}


def _probe(path: str, *, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "http"},
        "periodSeconds": 1,
        "timeoutSeconds": 1,
        "failureThreshold": failures,
    }


def _only(address: str) -> dict[str, Any]:
    return {"ipBlock": {"cidr": f"{address}/32"}}
