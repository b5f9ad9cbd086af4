"""How a cluster is told to ask: the ValidatingWebhookConfiguration, as plain data. Pure.

Namespaces of workloads are protected: if the webhook does not answer there, nothing enters. Every
other namespace, and what belongs to none, goes on without it. What must never happen is that the
gate stands in the way of a recovery or of its own repair. Hence the namespaces in which a cluster
and the webhook itself are repaired are left out, and so are (``CONDITIONS``):

* what is being deleted, so that finalizers come off; but a change of its content is judged, for a
  role binding with a finalizer holds until it is gone;
* the cluster's housekeeping: the API server writes its default bindings when it starts, one of
  which names ``system:unauthenticated``, and ends itself when it may not; the garbage collector
  takes owners off what outlives them;
* what a controller of the cluster multiplies from a template that was judged when it came: a
  recovery scales up without the webhook.

An administrator repairs by deleting the configuration (``kubectl delete
validatingwebhookconfiguration policies.xinglin.dev``): Kubernetes never shows such objects to a
webhook or a policy, so that is always possible.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from hospital.manifest import SYSTEM_NAMESPACES
from hospital.rule import Gate
from policies.rules import all_rules

NAME = "policies.xinglin.dev"
PATH = "/validate"
LABELS = {"app.kubernetes.io/part-of": "xinglin"}
WORKLOAD_LABEL = "xinglin.dev/workload"  # of a workload's namespace; providers/kubernetes.py has it
EXEMPT = (*sorted(SYSTEM_NAMESPACES), "xinglin")
TIMEOUT_SECONDS = 2  # longer than any judgement; a lost webhook costs each request that much
OPERATIONS = ("CREATE", "UPDATE")


class Served(NamedTuple):
    """Where the API server serves a kind."""

    group: str
    version: str
    namespaced: bool
    plural: str


RESOURCES = {
    "APIService": Served("apiregistration.k8s.io", "v1", False, "apiservices"),
    "ClusterRole": Served("rbac.authorization.k8s.io", "v1", False, "clusterroles"),
    "ClusterRoleBinding": Served("rbac.authorization.k8s.io", "v1", False, "clusterrolebindings"),
    "ConfigMap": Served("", "v1", True, "configmaps"),
    "CronJob": Served("batch", "v1", True, "cronjobs"),
    "CustomResourceDefinition": Served(
        "apiextensions.k8s.io", "v1", False, "customresourcedefinitions"
    ),
    "DaemonSet": Served("apps", "v1", True, "daemonsets"),
    "Deployment": Served("apps", "v1", True, "deployments"),
    "Ingress": Served("networking.k8s.io", "v1", True, "ingresses"),
    "Job": Served("batch", "v1", True, "jobs"),
    "Namespace": Served("", "v1", False, "namespaces"),
    "NetworkPolicy": Served("networking.k8s.io", "v1", True, "networkpolicies"),
    "PersistentVolume": Served("", "v1", False, "persistentvolumes"),
    "Pod": Served("", "v1", True, "pods"),
    "ReplicaSet": Served("apps", "v1", True, "replicasets"),
    "ReplicationController": Served("", "v1", True, "replicationcontrollers"),
    "Role": Served("rbac.authorization.k8s.io", "v1", True, "roles"),
    "RoleBinding": Served("rbac.authorization.k8s.io", "v1", True, "rolebindings"),
    "Secret": Served("", "v1", True, "secrets"),
    "Service": Served("", "v1", True, "services"),
    "ServiceAccount": Served("", "v1", True, "serviceaccounts"),
    "StatefulSet": Served("apps", "v1", True, "statefulsets"),
    "StorageClass": Served("storage.k8s.io", "v1", False, "storageclasses"),
}
"""The kinds that rules of this gate name; a test finds one that is missing, or not needed."""

NEVER_SHOWN = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
"""Kinds that Kubernetes keeps from every webhook, whatever rules say of them at other gates."""

_ACCOUNT = "system:serviceaccount:kube-system:"
HOUSEKEEPERS = (
    "system:apiserver",
    f"{_ACCOUNT}generic-garbage-collector",  # owner references and finalizers, nothing else
    "system:kube-controller-manager",  # of a cluster whose controllers share one identity
)
MULTIPLIED = ("Pod", "ReplicaSet", "Job")
CONTROLLERS = tuple(
    f"{_ACCOUNT}{name}-controller"
    for name in (
        "cronjob", "daemon-set", "deployment", "job", "replicaset", "replication", "statefulset"
    )
)  # fmt: skip
CONDITIONS = (
    {
        "name": "is-not-just-being-deleted",
        "expression": "request.operation != 'UPDATE'"
        " || !has(oldObject.metadata.deletionTimestamp)"
        " || dyn(object).exists(key, !(key in ['metadata', 'status'])"
        " && (!(key in dyn(oldObject)) || dyn(object)[key] != dyn(oldObject)[key]))",
    },
    {
        "name": "is-not-housekeeping",
        "expression": f"!(request.userInfo.username in {list(HOUSEKEEPERS)})",
    },
    {
        "name": "is-not-multiplied-by-a-controller",
        "expression": f"!(request.kind.kind in {list(MULTIPLIED)}"
        f" && request.userInfo.username in {list(CONTROLLERS)})",
    },
)

_NOT_EXEMPT = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(EXEMPT)}
PROTECTED = {
    "matchExpressions": [{"key": WORKLOAD_LABEL, "operator": "Exists"}, _NOT_EXEMPT],
}
OTHERS = {
    "matchExpressions": [{"key": WORKLOAD_LABEL, "operator": "DoesNotExist"}, _NOT_EXEMPT],
}
"""Namespace selectors. Cluster-scoped objects pass both, for Kubernetes holds them to neither."""


def configuration(url: str, ca: str) -> dict[str, Any]:
    """The ValidatingWebhookConfiguration for the server at ``url`` (``https://address:port``).

    ``ca`` is the authority of the server's certificate, PEM.
    """
    client = {
        "url": url.rstrip("/") + PATH,
        "caBundle": base64.b64encode(ca.encode()).decode(),
    }
    kinds = judged_kinds()
    # A workload's Namespace carries the label itself, and is closed though cluster-scoped.
    protected = [kind for kind in kinds if RESOURCES[kind].namespaced or kind == "Namespace"]
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": NAME, "labels": LABELS},
        "webhooks": [
            _webhook("protected", client, kinds=protected, selector=PROTECTED, failure="Fail"),
            _webhook("others", client, kinds=kinds, selector=OTHERS, failure="Ignore"),
        ],
    }


def judged_kinds() -> tuple[str, ...]:
    """The kinds of object that rules of this gate name, as far as Kubernetes shows them."""
    named = (found.rule.objects for found in all_rules() if Gate.ADMISSION in found.rule.gates)
    return tuple(sorted({kind for kinds in named for kind in kinds} - set(NEVER_SHOWN)))


def resource_rules(kinds: Iterable[str]) -> list[dict[str, Any]]:
    """``rules`` of a webhook, ``resourceRules`` of a policy: these kinds when they come or change.

    Of subresources only those that add containers to a pod; a scale never meets this gate.
    """
    places = sorted(RESOURCES[kind] for kind in kinds)
    return [
        {
            "apiGroups": [group],
            "apiVersions": [version],
            "operations": list(OPERATIONS),
            "resources": [name for one in served for name in _names(one)],
            "scope": "Namespaced" if namespaced else "Cluster",
        }
        for (group, version, namespaced), served in groupby(places, key=lambda place: place[:3])
    ]


def _names(served: Served) -> tuple[str, ...]:
    return ("pods", "pods/ephemeralcontainers") if served.plural == "pods" else (served.plural,)


def _webhook(
    name: str,
    client: dict[str, str],
    *,
    kinds: Iterable[str],
    selector: dict[str, Any],
    failure: str,
) -> dict[str, Any]:
    return {
        "name": f"{name}.{NAME}",
        "admissionReviewVersions": ["v1"],
        "clientConfig": client,
        "failurePolicy": failure,
        "matchConditions": list(CONDITIONS),
        "matchPolicy": "Equivalent",
        "namespaceSelector": selector,
        "rules": resource_rules(kinds),
        "sideEffects": "None",
        "timeoutSeconds": TIMEOUT_SECONDS,
    }
