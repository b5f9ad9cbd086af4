"""Who may do what: RBAC of the sites' clusters and of the hub, as plain objects.

One role per identity with the verbs that its work needs and the resources by name: a star
would give what the next version adds. Nobody of ours is cluster admin. Operators move places
(scale, status, leases) and cannot change shape; Pulumi changes shape; auditors read everything
that rules judge but secrets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hospital.estate import rehearsal_name
from hospital.workloads import CATALOGUE
from lab.access import OPERATORS
from providers.objects import secret_name

Object = dict[str, Any]

READ = ("get", "list", "watch")
WRITE = (*READ, "create", "update", "patch", "delete")
NAMESPACE = "xinglin"  # at the hub: leases, evidence, events
HUB_KINDS = ("sites", "workloads", "recoveryplans", "recoveryactions", "migrations")


def rule(groups: Iterable[str], resources: Iterable[str], verbs: Iterable[str]) -> Object:
    """One rule of a role."""
    return {"apiGroups": [*groups], "resources": [*resources], "verbs": [*verbs]}


_SHAPE = (
    rule(
        ("",),
        (
            "namespaces",
            "services",
            "serviceaccounts",
            "configmaps",
            "resourcequotas",
            "limitranges",
        ),
        WRITE,
    ),
    # The workloads' database accounts, by name. Server-side apply creates by patch; its answer
    # shows the object, so that whoever may patch a Secret reads it, and `get` gives nothing more:
    # an apply compares before and after. Nobody lists them.
    {
        **rule(("",), ("secrets",), ("get", "create", "patch")),
        "resourceNames": [
            secret_name(each)
            for workload in CATALOGUE.values()
            for each in (workload, replace(workload, name=rehearsal_name(workload.name)))
        ],
    },
    rule(("apps",), ("deployments", "deployments/scale"), WRITE),
    rule(("networking.k8s.io",), ("networkpolicies",), WRITE),
    rule(("policy",), ("poddisruptionbudgets",), WRITE),
    rule(("",), ("pods", "nodes", "events"), READ),
)  # fmt: skip

_SAYS_OF_ITSELF = {"nonResourceURLs": ["/flagz", "/metrics", "/version"], "verbs": ["get"]}
_GATE = (
    "validatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
)
# Who surveys control planes sees what an auditor sees of them.
_SURVEY = (
    _SAYS_OF_ITSELF,
    rule(("",), ("nodes",), READ),
    rule(("admissionregistration.k8s.io",), _GATE, READ),
)

_READ_ALL = (
    rule(
        ("",),
        ("namespaces", "services", "serviceaccounts", "configmaps", "resourcequotas", "limitranges",
         "pods", "nodes", "events", "endpoints", "persistentvolumes", "persistentvolumeclaims",
         "replicationcontrollers"),
        READ,
    ),
    rule(("apps",), ("deployments", "replicasets", "statefulsets", "daemonsets"), READ),
    rule(("batch",), ("jobs", "cronjobs"), READ),
    rule(("networking.k8s.io",), ("networkpolicies", "ingresses"), READ),
    rule(("gateway.networking.k8s.io",), ("gateways",), READ),
    rule(("policy",), ("poddisruptionbudgets",), READ),
    rule(
        ("rbac.authorization.k8s.io",),
        ("roles", "rolebindings", "clusterroles", "clusterrolebindings"),
        READ,
    ),
    rule(
        ("admissionregistration.k8s.io",), (*_GATE, "mutatingwebhookconfigurations"), READ
    ),
    rule(("apiregistration.k8s.io",), ("apiservices",), READ),
    rule(("apiextensions.k8s.io",), ("customresourcedefinitions",), READ),
    rule(("storage.k8s.io",), ("storageclasses",), READ),
    rule(("discovery.k8s.io",), ("endpointslices",), READ),
    rule(("coordination.k8s.io",), ("leases",), READ),
    rule(("xinglin.dev",), HUB_KINDS, READ),
    _SAYS_OF_ITSELF,
)  # fmt: skip

_PLACE = (
    rule(("apps",), ("deployments",), READ),
    rule(("apps",), ("deployments/scale",), ("get", "patch", "update")),
    rule(("",), ("pods", "nodes"), READ),
)

_KWOK = (
    rule(("",), ("nodes", "pods"), (*READ, "patch", "update")),
    rule(("",), ("pods",), ("delete",)),
    rule(("",), ("nodes/status", "pods/status"), ("patch", "update")),
    rule(("",), ("events",), ("create", "patch", "update")),
    rule(("coordination.k8s.io",), ("leases",), (*READ, "create", "patch", "update")),
)

_HUB_OPERATOR = (
    rule(("xinglin.dev",), HUB_KINDS, READ),
    # Status, and on actions and migrations kopf's finalizer; declarations stay as Pulumi wrote.
    rule(
        ("xinglin.dev",),
        tuple(f"{kind}/status" for kind in HUB_KINDS),
        ("get", "patch", "update"),
    ),
    rule(("xinglin.dev",), ("recoveryactions",), ("create", "patch")),
    rule(("xinglin.dev",), ("migrations",), ("patch",)),
    rule(("apiextensions.k8s.io",), ("customresourcedefinitions",), READ),
    rule(("",), ("namespaces",), READ),
    rule(("", "events.k8s.io"), ("events",), ("create", "patch", "update")),
)

_HUB_OPERATOR_HERE = (
    rule(("coordination.k8s.io",), ("leases",), (*READ, "create", "update", "patch")),
    # Evidence is written once and never changed or removed.
    rule(("",), ("configmaps",), (*READ, "create")),
)

_HUB_SHAPE = (
    *_SURVEY,
    rule(("xinglin.dev",), ("sites", "workloads", "recoveryplans"), WRITE),
    # The first place, at creation only.
    rule(("xinglin.dev",), ("workloads/status", "recoveryplans/status"), ("get", "patch")),
    rule(("xinglin.dev",), ("recoveryactions", "migrations"), READ),
    rule(("xinglin.dev",), ("migrations",), ("create",)),  # a declared move; orders are people's
    rule(("",), ("namespaces", "configmaps"), READ),
)

_RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}
_OURS = {"app.kubernetes.io/part-of": "xinglin"} | _RESTRICTED  # nothing runs at the hub
# Every cluster has it, and nobody asks for pods in it: what comes there by mistake is held short.
_DEFAULT = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "default", "labels": _RESTRICTED},
}

_HUB_SRE = (
    *_READ_ALL,
    rule(("xinglin.dev",), ("recoveryactions",), ("create", "delete")),
    rule(("xinglin.dev",), ("migrations",), ("create", "patch", "delete")),  # patch: orders
)


def role(name: str, rules: Iterable[Object], *, to: Object, namespace: str = "") -> list[Object]:
    """A role and its binding to one subject; cluster-wide unless ``namespace`` is given."""
    scope = "" if namespace else "Cluster"
    place = {"namespace": namespace} if namespace else {}
    version = "rbac.authorization.k8s.io/v1"
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": f"{scope}Role", "name": name}
    return [
        {
            "apiVersion": version,
            "kind": f"{scope}Role",
            "metadata": {"name": name, **place},
            "rules": [*rules],
        },
        binding(name, reference, to=to, namespace=namespace),
    ]


def binding(name: str, reference: Object, *, to: Object, namespace: str = "") -> Object:
    """Bind an existing role to one subject."""
    scope = "" if namespace else "Cluster"
    place = {"namespace": namespace} if namespace else {}
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": f"{scope}RoleBinding",
        "metadata": {"name": name, **place},
        "roleRef": reference,
        "subjects": [to],
    }


def user(name: str) -> Object:
    """A certificate's common name."""
    return {"kind": "User", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def group(name: str) -> Object:
    """A certificate's organisation."""
    return {"kind": "Group", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def site_objects() -> list[Object]:
    """Rights in a site's own cluster, and its namespace `default`."""
    kubelet = {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "system:kubelet-api-admin",
    }
    return [
        _DEFAULT,
        *role("xinglin:pulumi", (*_SHAPE, *_SURVEY), to=user("pulumi")),
        *role("xinglin:operators", _PLACE, to=group(OPERATORS)),
        *role("xinglin:auditor", _READ_ALL, to=user("auditor")),
        *role("xinglin:sre", _READ_ALL, to=user("sre")),
        *role("xinglin:kwok", _KWOK, to=user("kwok")),
        binding("xinglin:kubelet-api", kubelet, to=user("kube-apiserver-kubelet-client")),
    ]


def hub_objects() -> list[Object]:
    """The hub's namespaces and rights."""
    here = NAMESPACE
    return [
        _DEFAULT,
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": here, "labels": _OURS}},
        *role("xinglin:pulumi", _HUB_SHAPE, to=user("pulumi")),
        *role("xinglin:operators", _HUB_OPERATOR, to=group(OPERATORS)),
        *role("xinglin:operators", _HUB_OPERATOR_HERE, to=group(OPERATORS), namespace=here),
        *role("xinglin:auditor", _READ_ALL, to=user("auditor")),
        *role("xinglin:sre", _HUB_SRE, to=user("sre")),
    ]
