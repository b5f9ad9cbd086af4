"""What roles of Kubernetes give, asked thing by thing.

A role gives a thing if a rule of it names the thing. ``*`` among the verbs is every verb; ``*``
among the resources names nothing: it is a finding of its own, and counting it here would tell the
same fault once per rule. What must never happen: a right that is spelled another way and not seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hospital.manifest import Plain, name_of

READ = frozenset({"get", "list", "watch"})
WRITE = frozenset({"create", "update", "patch", "delete", "deletecollection"})
ROLES = ("Role", "ClusterRole")
BINDINGS = ("RoleBinding", "ClusterRoleBinding")

# The roles that an API server makes, keeps as they are, and that give what rules look for. Whoever
# names a role `system:…` and labels it like these has made no built-in role.
_BOOTSTRAP = frozenset(
    {
        "admin",
        "cluster-admin",
        "edit",
        "system:aggregate-to-admin",
        "system:aggregate-to-edit",
        "system:certificates.k8s.io:kube-apiserver-client-approver",
        "system:certificates.k8s.io:kube-apiserver-client-kubelet-approver",
        "system:certificates.k8s.io:kubelet-serving-approver",
        "system:certificates.k8s.io:legacy-unknown-approver",
        "system:controller:certificate-controller",
        "system:controller:clusterrole-aggregation-controller",
        "system:controller:disruption-controller",
        "system:controller:expand-controller",
        "system:controller:generic-garbage-collector",
        "system:controller:horizontal-pod-autoscaler",
        "system:controller:namespace-controller",
        "system:controller:persistent-volume-binder",
        "system:controller:resourcequota-controller",
        "system:controller:storage-version-migrator-controller",
        "system:kube-controller-manager",
        "system:kubelet-api-admin",
        "system:node",
    }
)
_MARK = ("kubernetes.io/bootstrapping", "rbac-defaults")
_KEPT = "rbac.authorization.kubernetes.io/autoupdate"  # "false": the API server mends it no more


def granted(
    role: Plain,
    resources: Collection[str],
    verbs: Collection[str],
    *,
    group: str = "",
    listed: bool = True,
) -> Iterator[tuple[str, str]]:
    """(resource, verbs) for every entry of the role that names and gives one of them.

    ``group`` is the resources' API group, "" for the core's; ``listed`` counts rights over objects
    that are listed one by one, too. Nothing for what is built in.
    """
    for rule in () if built_in(role) else role.get("rules", ()):
        given = {*verbs, "*"}.intersection(rule.get("verbs", ()))
        here = {group, "*"}.intersection(rule.get("apiGroups", ()))
        if given and here and (listed or not rule.get("resourceNames")):
            for resource in rule.get("resources", ()):
                if _names(resource, resources):
                    yield resource, ", ".join(sorted(given))


def built_in(item: Plain) -> bool:
    """Whether the API server makes this role itself and completes it at every start.

    What it gives is Kubernetes' own, as long as nobody else wrote it (a rule looks for that: what
    was added, the API server never takes away); who is bound to it is judged like any other
    binding. A role that is switched off from being completed is the hospital's own.
    """
    metadata = item.get("metadata", {})
    label, mark = _MARK
    kept = metadata.get("annotations", {}).get(_KEPT) == "true"
    marked = metadata.get("labels", {}).get(label) == mark
    return item.get("kind") == "ClusterRole" and name_of(item) in _BOOTSTRAP and marked and kept


def _names(resource: str, wanted: Collection[str]) -> bool:
    """``*/exec`` names the subresource ``exec`` of everything."""
    if resource.startswith("*/"):
        return any(one.endswith(resource[1:]) for one in wanted)
    return resource in wanted
