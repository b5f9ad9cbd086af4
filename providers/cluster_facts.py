"""What the sites' clusters say for the prechecks: nodes, containers, images, room and quotas.

Plain objects of an API server in, facts out. A quantity or a field that is not there stays None. An
image that a node holds is taken to be of that node's CPUs; what an archive says (``images.py``) is
believed before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from hospital.estate import Architecture, Estate, Workload
from hospital.manifest import pod_of, quantity
from hospital.placement import loads_of
from hospital.prechecks.facts import (
    ComponentFacts,
    ImageFacts,
    NodeFacts,
    QuotaFacts,
    RoomFacts,
)
from providers.images import FEATURES, features
from providers.objects import SIMULATED

Plain = Mapping[str, Any]

_MEBIBYTE = Decimal(2**20)
# Labels of Node Feature Discovery, the usual way in which a node tells its CPU's features:
# https://kubernetes-sigs.github.io/node-feature-discovery/stable/usage/features.html
_CPU_FEATURE = "feature.node.kubernetes.io/cpu-cpuid."
_BELOW_AVX = {"sse", "sse2", "sse3", "ssse3", "sse4_1", "sse4_2"}


def node(item: Plain, site: str) -> NodeFacts | None:
    """A Node; None when it does not say for which CPUs it is one that we know."""
    status = item.get("status", {})
    told, room = status.get("nodeInfo", {}), status.get("allocatable", {})
    if told.get("architecture") not in list(Architecture):
        return None
    labels = item["metadata"].get("labels", {})
    conditions = {each["type"]: each["status"] for each in status.get("conditions", ())}
    cpu, memory = _number(room.get("cpu")), _number(room.get("memory"))
    return NodeFacts(
        site=site,
        name=item["metadata"]["name"],
        architecture=Architecture(told["architecture"]),
        ready=conditions.get("Ready") == "True",
        kernel=told.get("kernelVersion") or None,
        millicores=None if cpu is None else int(cpu * 1000),
        mebibytes=None if memory is None else int(memory / _MEBIBYTE),
        cpu_flags=_flags(labels),
        simulated=SIMULATED in labels,
    )


def _flags(labels: Plain) -> tuple[str, ...] | None:
    """What Node Feature Discovery found; None where it does not run.

    By default it labels no feature that nearly every amd64 CPU has. The SSE family is told by AVX,
    which builds on it; what else it was told to leave out (``denylist`` of its worker) is missing.
    """
    found = {
        name.removeprefix(_CPU_FEATURE).lower()
        for name, said in labels.items()
        if name.startswith(_CPU_FEATURE) and said == "true"
    }
    return tuple(sorted(found | (_BELOW_AVX if "avx" in found else set()))) or None


def components(deployments: Iterable[Plain]) -> tuple[ComponentFacts, ...]:
    """Every container of these Deployments, init containers too."""
    return tuple(each for item in deployments for each in _components(item))


def held_images(
    nodes: Iterable[tuple[Plain, NodeFacts]], wanted: Iterable[ComponentFacts]
) -> tuple[ImageFacts, ...]:
    """Which of the wanted images the nodes hold. A kubelet names 50 at most by default."""
    references = {each.image for each in wanted}
    found = {
        (name, facts.architecture)
        for item, facts in nodes
        for image in item.get("status", {}).get("images", ())
        for name in image.get("names") or ()
        if name in references
    }
    return tuple(ImageFacts(name, architecture) for name, architecture in sorted(found))


def room(
    nodes: Iterable[NodeFacts],
    estate: Estate,
    workload: Workload,
    *,
    site: str,
    active: Mapping[str, str],
) -> RoomFacts | None:
    """What ready nodes of the site offer, less what is declared to run there now."""
    here = [each for each in nodes if each.site == site and each.ready and not each.simulated]
    cpus = [each.millicores for each in here if each.millicores is not None]
    memories = [each.mebibytes for each in here if each.mebibytes is not None]
    if not here or len(cpus) < len(here) or len(memories) < len(here):
        return None
    load = loads_of(estate, active, without=frozenset({workload.name}))[site]
    return RoomFacts(
        millicores=sum(cpus),
        mebibytes=sum(memories),
        used_millicores=load.millicores,
        used_mebibytes=load.mebibytes,
        largest_node_millicores=max(cpus),
        largest_node_mebibytes=max(memories),
        nodes=len(here),
    )


def quotas(items: Iterable[Plain], workload: Workload) -> tuple[QuotaFacts, ...]:
    """The namespace's ResourceQuotas, as far as a workload's replicas count towards them."""
    return tuple(each for item in items for each in _quotas(item, workload))


def _components(item: Plain) -> Iterator[ComponentFacts]:
    meta = item["metadata"]
    pod = pod_of(item)
    annotations = item["spec"]["template"].get("metadata", {}).get("annotations") or {}
    needed = features(annotations.get(FEATURES, ""))
    for field in ("initContainers", "containers"):
        for container in pod.get(field) or ():
            yield ComponentFacts(
                name=f"Deployment/{meta['name']}/{container['name']}",
                image=container["image"],
                init=field == "initContainers",
                cpu_features=needed,
            )


def _quotas(item: Plain, workload: Workload) -> Iterator[QuotaFacts]:
    status = item.get("status", {})
    asks = {
        "pods": (Decimal(workload.replicas), Decimal(1), ""),
        "cpu": (Decimal(workload.cpu_millicores * workload.replicas) / 1000, Decimal(1000), "m"),
        "memory": (workload.memory_mebibytes * workload.replicas * _MEBIBYTE, 1 / _MEBIBYTE, "Mi"),
    }
    for name, hard in (status.get("hard") or {}).items():
        asked = asks.get(name.removeprefix("requests."))
        limit, used = _number(hard), _number((status.get("used") or {}).get(name))
        if asked is None or limit is None or used is None:
            continue
        needed, scale, unit = asked
        yield QuotaFacts(
            name=name,
            scope=f"namespace {item['metadata'].get('namespace', '')}",
            limit=int(limit * scale),
            used=int(used * scale),
            needed=int(needed * scale),
            unit=unit,
        )


def _number(said: Any) -> Decimal | None:
    try:
        return None if said is None else quantity(said)
    except ValueError:
        return None
