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

_FACING_USERS = frozenset({"cluster-admin", "admin", "edit", "view"})


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
    """Whether the API server makes this role or binding itself and mends it at every start.

    No hospital can change what is in it; who is bound to it is judged like any other binding.
    """
    labels, name = item.get("metadata", {}).get("labels", {}), name_of(item)
    marked = labels.get("kubernetes.io/bootstrapping") == "rbac-defaults"
    return marked and (name in _FACING_USERS or name.startswith("system:"))


def _names(resource: str, wanted: Collection[str]) -> bool:
    """``*/exec`` names the subresource ``exec`` of everything."""
    if resource.startswith("*/"):
        return any(one.endswith(resource[1:]) for one in wanted)
    return resource in wanted
