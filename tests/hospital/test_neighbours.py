"""Which objects live together: never two at different sites."""

from __future__ import annotations

from datetime import date

from hospital.neighbours import at_site, neighbours
from hospital.rule import Facts, Kind, Resource


def seen(kind: str, namespace: str, name: str, *, site: str = "") -> Resource:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    where = "/".join(part for part in (kind, namespace, name) if part)
    item = {"kind": kind, "metadata": metadata}
    return Resource(Kind.OBJECT, f"{where}@{site}" if site else where, {"object": item})


def facts(*resources: Resource) -> Facts:
    return Facts(date(2026, 11, 23), resources)


def names(resource: Resource, known: Facts, *kinds: str) -> list[str]:
    return [item["metadata"]["name"] for item in neighbours(resource, known, *kinds)]


def test_a_namespace_lives_with_the_objects_in_it() -> None:
    space, pod = seen("Namespace", "", "his"), seen("Pod", "his", "a")
    known = facts(space, pod, seen("Pod", "lis", "b"), seen("Namespace", "", "lis"))
    assert names(space, known, "Pod") == ["a"]
    assert names(pod, known, "Namespace", "Pod") == ["his", "a"]


def test_the_same_namespace_at_another_site_is_another_one() -> None:
    here = seen("Deployment", "his", "his", site="cloud")
    known = facts(
        here,
        seen("PodDisruptionBudget", "his", "here", site="cloud"),
        seen("PodDisruptionBudget", "his", "there", site="campus-x86"),
        seen("PodDisruptionBudget", "his", "nowhere"),
    )
    assert names(here, known, "PodDisruptionBudget") == ["here"]


def test_objects_without_a_site_live_together() -> None:
    pod, there = seen("Pod", "his", "a"), seen("NetworkPolicy", "his", "there", site="cloud")
    assert names(pod, facts(pod, seen("NetworkPolicy", "his", "p"), there), "NetworkPolicy") == [
        "p"
    ]


def test_objects_that_name_no_namespace_live_together() -> None:
    pod = seen("Pod", "", "a")
    known = facts(pod, seen("NetworkPolicy", "", "p"), seen("NetworkPolicy", "his", "q"))
    assert names(pod, known, "NetworkPolicy") == ["p"]


def test_only_the_kinds_that_are_asked_for_are_given_and_only_objects() -> None:
    pod, workload = seen("Pod", "his", "a"), Resource(Kind.WORKLOAD, "his-cloud", {"objects": []})
    known = facts(workload, pod, seen("Service", "his", "s"))
    assert names(pod, known, "Service") == ["s"]
    assert names(pod, known) == []


def test_at_a_site_every_namespace_is_seen() -> None:
    gateway = seen("Gateway", "edge", "edge", site="cloud")
    known = facts(
        gateway,
        seen("HTTPRoute", "his", "his", site="cloud"),
        seen("HTTPRoute", "his", "his", site="campus-x86"),
        seen("HTTPRoute", "edge", "up", site="cloud"),
    )
    found = [item["metadata"]["name"] for item in at_site(gateway, known, "HTTPRoute")]
    assert found == ["his", "up"]


def test_objects_of_several_kinds_come_in_the_order_in_which_they_were_seen() -> None:
    pod = seen("Pod", "his", "b")
    known = facts(seen("Job", "his", "a"), pod, seen("Job", "his", "c"))
    assert names(pod, known, "Pod", "Job") == ["a", "b", "c"]
