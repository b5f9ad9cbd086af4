"""What API servers say becomes facts, and what they do not say stays unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hospital.placement import loads_of
from hospital.prechecks.facts import NodeFacts
from providers.cluster_facts import components, held_images, node, quotas, room
from stacks.estate import read_estate

LAB = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")
HIS = LAB.workload("his")


def a_node(name: str = "node-1", **changes: Any) -> dict[str, Any]:
    status = {
        "nodeInfo": {"architecture": "arm64", "kernelVersion": "6.1.0-21"},
        "allocatable": {"cpu": "3500m", "memory": "8155620Ki"},
        "conditions": [{"type": "Ready", "status": "True"}],
        "images": [{"names": ["xinglin.dev/service:1", "xinglin.dev/other:1"]}, {"names": None}],
    }
    return {"metadata": {"name": name, "labels": {}}, "status": status | changes}


def facts(**changes: Any) -> NodeFacts:
    found = node(a_node(**changes), "campus-arm")
    assert found is not None
    return found


def test_a_node_tells_its_architecture_kernel_and_room() -> None:
    found = facts()
    assert (found.architecture, found.kernel, found.ready) == ("arm64", "6.1.0-21", True)
    assert (found.millicores, found.mebibytes) == (3500, 7964)
    assert found.page_bytes is None
    assert found.cpu_flags is None


def test_what_a_node_does_not_say_is_unknown_and_never_ready() -> None:
    found = facts(allocatable={"cpu": "much"}, conditions=[])
    assert (found.millicores, found.mebibytes, found.ready) == (None, None, False)
    assert node(a_node(nodeInfo={"architecture": "s390x"}), "campus-arm") is None
    assert node(a_node(nodeInfo={}), "campus-arm") is None


def test_features_of_a_cpu_are_those_that_node_feature_discovery_labels() -> None:
    item = a_node()
    prefix = "feature.node.kubernetes.io/cpu-cpuid."
    item["metadata"]["labels"] = {
        f"{prefix}ASIMD": "true",
        f"{prefix}SVE": "true",
        f"{prefix}LAHF": "false",
        "feature.node.kubernetes.io/cpu-hardware_multithreading": "true",
    }
    found = node(item, "campus-arm")
    assert found is not None
    assert found.cpu_flags == ("asimd", "sve")
    item["metadata"]["labels"] = {f"{prefix}AVX": "true", f"{prefix}AVX2": "true"}
    found = node(item, "campus-arm")
    assert found is not None
    assert {"avx2", "sse4_2"} <= set(found.cpu_flags or ())


def test_a_node_that_kwok_plays_is_told_from_a_real_one() -> None:
    item = a_node()
    item["metadata"]["labels"]["xinglin.dev/simulated"] = "true"
    found = node(item, "campus-arm")
    assert found is not None
    assert found.simulated


def deployment() -> dict[str, Any]:
    pod = {
        "initContainers": [{"name": "wait", "image": "xinglin.dev/wait:1"}],
        "containers": [{"name": "service", "image": "xinglin.dev/service:1"}],
    }
    annotations = {"xinglin.dev/cpu-features": "asimd"}
    template = {"metadata": {"annotations": annotations}, "spec": pod}
    return {"kind": "Deployment", "metadata": {"name": "his"}, "spec": {"template": template}}


def test_init_containers_are_components_too() -> None:
    found = components([deployment()])
    assert [(each.name, each.init) for each in found] == [
        ("Deployment/his/wait", True),
        ("Deployment/his/service", False),
    ]
    assert found[0].cpu_features == ("asimd",)


def test_only_wanted_images_that_a_node_holds_are_told() -> None:
    found = held_images([(a_node(), facts())], components([deployment()]))
    assert [(each.reference, each.architecture) for each in found] == [
        ("xinglin.dev/service:1", "arm64")
    ]
    assert found[0].libc is None


def test_room_is_what_ready_nodes_offer_less_what_runs_there() -> None:
    nodes = [facts(), facts(conditions=[])]
    active = {each.name: "campus-arm" for each in LAB.workloads}
    found = room(nodes, LAB, HIS, site="campus-arm", active=active)
    assert found is not None
    assert (found.nodes, found.millicores, found.largest_node_millicores) == (1, 3500, 3500)
    load = loads_of(LAB, active, without=frozenset({"his"}))["campus-arm"]
    assert (found.used_millicores, found.used_mebibytes) == (load.millicores, load.mebibytes)


def test_room_is_unknown_where_a_node_does_not_tell_it() -> None:
    silent = [facts(), facts(allocatable={})]
    assert room(silent, LAB, HIS, site="campus-arm", active={}) is None
    assert room([], LAB, HIS, site="campus-arm", active={}) is None


def test_a_quota_is_counted_in_one_unit() -> None:
    hard = {"requests.cpu": "2", "requests.memory": "1Gi", "pods": "10", "configmaps": "5"}
    used = {"requests.cpu": "500m", "requests.memory": "64Mi", "pods": "1", "configmaps": "1"}
    item = {
        "metadata": {"namespace": "hospital-his"},
        "status": {"hard": hard, "used": used},
    }
    found = {each.name: each for each in quotas([item], HIS)}
    assert set(found) == {"requests.cpu", "requests.memory", "pods"}
    cpu = found["requests.cpu"]
    assert (cpu.limit, cpu.used, cpu.needed) == (2000, 500, HIS.cpu_millicores * HIS.replicas)
    memory = found["requests.memory"]
    asked = HIS.memory_mebibytes * HIS.replicas
    assert (memory.limit, memory.used, memory.needed) == (1024, 64, asked)
    assert found["pods"].needed == HIS.replicas
