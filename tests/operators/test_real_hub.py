"""Operators over a real Kubernetes API: the kinds judge what they can, a story is told whole."""

from __future__ import annotations

import time
from typing import Any

import pytest
from play import DATABASE, HOME, LAB, Play

from hospital.codec import hub_objects
from hospital.errors import RefusedError
from hospital.story import ActionPhase
from providers.hub import Hub
from providers.kubernetes import PULUMI, Cluster, Ref
from stacks.estate import read_estate

pytestmark = pytest.mark.lab

API = "xinglin.dev/v1alpha1"


@pytest.fixture(scope="module")
def cluster(api_server: Any) -> Cluster:
    found: Cluster = api_server.cluster()
    declared = [
        {"apiVersion": API, "kind": item.kind, "metadata": {"name": item.name}, "spec": item.spec}
        for item in hub_objects(read_estate(LAB))
    ]
    found.apply(declared, field_manager=PULUMI)
    return found


def _action(**spec: Any) -> dict[str, Any]:
    whole = {"plan": "clinical", "kind": "failover", "reason": "test", "requestedBy": "li.wei"}
    name = f"a-{time.time_ns():x}"
    merged = {key: value for key, value in (whole | spec).items() if value is not None}
    return {
        "apiVersion": API,
        "kind": "RecoveryAction",
        "metadata": {"name": name},
        "spec": merged,
    }


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"kind": "fail-over"}, "Unsupported value"),
        ({"reason": None}, "spec.reason: Required value"),
        ({"acceptLoss": True, "requestedBy": "operator/cloud"}, "only a person may accept loss"),
        ({"acceptLoss": True, "kind": "switchover"}, "a planned move loses nothing"),
    ],
)
def test_a_senseless_action_is_refused_by_the_api(
    cluster: Cluster, spec: dict[str, Any], message: str
) -> None:
    with pytest.raises(RefusedError, match=message):
        cluster.create(_action(**spec), field_manager="person")


def test_what_was_asked_for_cannot_be_changed(cluster: Cluster) -> None:
    made = cluster.create(_action(), field_manager="person")
    with pytest.raises(RefusedError, match="cannot be changed"):
        cluster.merge(Ref.of(made), {"spec": {"reason": "else"}}, field_manager="person")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"standbys": [HOME, "cloud"]}, "home must not be among the standbys"),
        ({"standbys": []}, "recovers nothing"),
        ({"replication": "asynchronous"}, "cannot promise an RPO of zero"),
        ({"name": "other"}, "spec.name is the object's name"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused_by_the_api(
    cluster: Cluster, change: dict[str, Any], message: str
) -> None:
    ref = Ref(API, "RecoveryPlan", "clinical")
    with pytest.raises(RefusedError, match=message):
        cluster.merge(ref, {"spec": change}, field_manager="person")


def test_a_story_is_told_whole_in_a_real_hub(api_server: Any, cluster: Cluster) -> None:
    for item in cluster.items(API, "RecoveryAction"):
        cluster.delete(Ref.of(item))
    play = Play(sites=())
    hub = Hub(api_server.cluster())
    play.hire("cloud", hub=hub)
    play.hire("campus-arm", hub=Hub(api_server.cluster()))
    play.run(3)
    play.world.lose(HOME)
    play.run(8)
    (action,) = [a for a in hub.actions() if a.requested_by.startswith("operator/")]
    assert action.phase is ActionPhase.COMPLETED
    assert play.world.lost_writes(DATABASE) == ()
    item = cluster.get(Ref(API, "RecoveryAction", action.name))
    assert item is not None
    assert item["status"]["rtoSeconds"] < 5
    assert {step["state"] for step in item["status"]["steps"]} <= {"Done", "Skipped"}
    events = cluster.items("v1", "Event", namespace="xinglin")
    assert any(event["reason"] == "Completed" for event in events)
    (plan,) = [p for p in cluster.items(API, "RecoveryPlan") if p["metadata"]["name"] == "clinical"]
    assert plan["status"]["primary"] == "cloud-db-1"
