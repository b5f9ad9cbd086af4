"""Looks at control planes: each site's own, and the hub's API server at every site.

Reads only, and only what an auditor may: what the API server says of itself, nodes, and the objects
of the third gate. No Secret is asked for. A control plane that does not answer is named as unseen;
what it would not say to this identity stays None, and a rule finds that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate, Site
from hospital.surveyed.cluster import ClusterFacts, SeenGate, SeenNode, SurveyedCluster
from policies.cel import admission_policies
from policies.webhook import configuration
from providers.access import Access
from providers.kubernetes import Cluster, Ref

PATIENCE = 5.0  # seconds for one answer
FLAGS = "application/json;v=v1beta1;g=config.k8s.io;as=Flagz"  # on by default since 1.36

# What an API server adds to our objects by itself; any other addition is a change.
DEFAULTS: dict[str, Any] = {
    "matchPolicy": "Equivalent",
    "namespaceSelector": {},
    "objectSelector": {},
}

_FEATURE = re.compile(r'^kubernetes_feature_enabled\{name="(\w+)",stage="ALPHA"\} 1$', re.M)
_WRITTEN = re.compile(r"^apiserver_storage_transformation_operations_total\{(.*)\} \S+$", re.M)
_LABEL = re.compile(r'(\w+)="([^"]*)"')

Plain = dict[str, Any]


def look(estate: Estate, access: Access) -> tuple[tuple[SurveyedCluster, ...], tuple[str, ...]]:
    """Every control plane of the estate that answers, and those that do not with the reason."""
    seen: list[SurveyedCluster] = []
    silent: list[str] = []
    for site in estate.sites:
        ends = {"site": site.endpoints.kubernetes, "hub": site.endpoints.hub}
        for kind, endpoint in ends.items():
            try:
                seen.append(_look(kind, site, Cluster(endpoint, access, read=PATIENCE)))
            except (UnavailableError, RefusedError) as error:
                silent.append(f"{kind}@{site.name}: {error}")
    return tuple(seen), tuple(silent)


def _look(kind: str, site: Site, cluster: Cluster) -> SurveyedCluster:
    metrics = _told(cluster, "/metrics", accept="text/plain")
    flags = _told(cluster, "/flagz", accept=FLAGS)
    facts = ClusterFacts(
        version=cluster.ask("/version")["gitVersion"],
        flags=flags if flags is None else flags["flags"],
        alpha_features=None if metrics is None else tuple(sorted(_FEATURE.findall(metrics))),
        secret_writers=None if metrics is None else secret_writers(metrics),
        nodes=_nodes(cluster),
        gate=() if kind == "hub" else _gate(cluster),
    )
    return SurveyedCluster(
        name=f"{kind}@{site.name}",
        site=site.name,
        endpoint=cluster.endpoint,
        architectures=site.architectures,
        products=site.products,
        facts=facts,
    )


def _told(cluster: Cluster, path: str, *, accept: str) -> Any:
    """What it says there; None if not to us (an old server has no ``/flagz`` and says 404)."""
    try:
        return cluster.ask(path, accept=accept)
    except RefusedError:
        return None


def secret_writers(metrics: str) -> tuple[str, ...]:
    """With which transformers an API server wrote Secrets since its start."""
    labels = [dict(_LABEL.findall(line)) for line in _WRITTEN.findall(metrics)]
    written = [
        each["transformer_prefix"]
        for each in labels
        if each.get("transformation_type") == "to_storage" and each.get("resource") == "secrets"
    ]
    return tuple(sorted(set(written)))


def _nodes(cluster: Cluster) -> tuple[SeenNode, ...] | None:
    try:
        items = cluster.items("v1", "Node")
    except RefusedError:
        return None
    return tuple(sorted((_node(item) for item in items), key=lambda node: node.name))


def _node(item: Plain) -> SeenNode:
    info = item.get("status", {}).get("nodeInfo", {})
    return SeenNode(
        name=item["metadata"]["name"],
        kubelet=info.get("kubeletVersion", ""),
        runtime=info.get("containerRuntimeVersion", ""),
        kernel=info.get("kernelVersion", ""),
        image=info.get("osImage", ""),
        architecture=info.get("architecture", ""),
    )


def _gate(cluster: Cluster) -> tuple[SeenGate, ...] | None:
    try:
        return tuple(_compared(cluster))
    except RefusedError:
        return None


def _compared(cluster: Cluster) -> Iterator[SeenGate]:
    for wanted in (configuration("https://", ""), *admission_policies()):
        ref = Ref.of(wanted)
        found = cluster.get(ref)
        changed = found is not None and not same(_content(wanted), _content(found))
        state = "absent" if found is None else "changed" if changed else "as generated"
        yield SeenGate(f"{ref.kind}/{ref.name}", state)


def _content(item: Plain) -> Plain:
    """What decides; where the webhook listens and whom it trusts differs from site to site."""
    hooks = [
        {key: value for key, value in hook.items() if key != "clientConfig"}
        for hook in item.get("webhooks", ())
    ]
    return {"spec": item.get("spec", {}), "webhooks": hooks}


def same(wanted: Any, found: Any) -> bool:
    """Whether the cluster holds what was generated, and nothing besides but defaults."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        added = found.keys() - wanted.keys()
        return (
            all(same(value, found.get(key, [])) for key, value in wanted.items())  # [] is left out
            and all(key in DEFAULTS and found[key] == DEFAULTS[key] for key in added)
        )
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(same, wanted, found))
    return bool(wanted == found)
