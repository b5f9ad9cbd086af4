"""The stack under the real engine: up, drift, place, a cluster that dies in between, destroy.

The tests build on each other, in order: one estate lives through them.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
import yaml

from hospital.move import Method, Phase
from providers.baseline import Baseline
from providers.hub import Hub
from providers.kubernetes import RECOVERY, Ref

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(600)]

HIS = Ref("apps/v1", "Deployment", "his", "hospital-his")
NO_CHANGES = ("--expect-no-changes",)


def deployment(world: Any, site: str) -> Any:
    found = world.servers[site].cluster().get(HIS)
    assert found is not None
    return found


def test_a_cluster_that_dies_in_the_middle_of_up_is_named(world: Any) -> None:
    dying = world.servers["cloud"]

    def burn() -> None:
        cluster = dying.cluster()
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if cluster.get(Ref("v1", "Namespace", "hospital-identity")):
                break
            time.sleep(0.02)
        dying.kill()

    fire = threading.Thread(target=burn)
    fire.start()
    said = world.pulumi("up", "--yes", fails=True)
    fire.join()
    assert dying.endpoint in said
    assert "no answer" in said


def test_a_second_up_completes_it(world: Any) -> None:
    world.servers["cloud"].start()
    world.pulumi("up", "--yes")
    for site in world.servers:
        assert deployment(world, site)["spec"]["template"]["spec"]["containers"]


def test_home_runs_declared_replicas_and_a_standby_none(world: Any) -> None:
    assert deployment(world, "campus-x86")["spec"]["replicas"] == 2
    assert deployment(world, "cloud")["spec"]["replicas"] == 0


def test_a_third_up_changes_nothing(world: Any) -> None:
    world.pulumi("up", "--yes", *NO_CHANGES)


def test_nothing_secret_is_in_the_state(world: Any) -> None:
    assert "TOPSECRET" not in world.state()
    assert "DATABASE_URL" in world.state()  # the name of the variable, so the search can find


def test_everything_declared_is_there(world: Any) -> None:
    hub = world.servers["campus-x86"].cluster()
    plan = hub.get(Ref("xinglin.dev/v1alpha1", "RecoveryPlan", "clinical"))
    assert plan["spec"]["mode"] == "automatic"
    assert plan["status"]["activeSite"] == "campus-x86"
    assert world.names().answer("his.hospital.test", server=world.dns) == "10.1.0.21"
    assert world.cloud().bucket("xinglin-lab-cloud") == {
        "encrypted": True,
        "versioned": True,
        "publicAccessBlocked": True,
    }
    assert world.cloud().network("lab-cloud")["openPorts"] == [443]
    baseline = Baseline(world.cloud(), "xinglin-lab-cloud-records", network="lab-cloud")
    assert baseline.seen() == {"passwords": True, "trail": True, "flows": True}
    assert world.cloud().record("hospital.test", "cloud.hospital.test") == "10.3.0.21"


def declare_moves(world: Any, *moves: dict[str, str]) -> None:
    path = world.directory / "estate.yaml"
    estate = yaml.safe_load(path.read_text(encoding="utf-8"))
    estate["spec"]["moves"] = list(moves)
    path.write_text(yaml.safe_dump(estate, allow_unicode=True), encoding="utf-8")


def test_a_declared_move_is_begun_once_and_kept_while_it_goes_on(world: Any) -> None:
    move = {"name": "his-to-cloud", "workload": "his", "to": "cloud",
            "reason": "an old roof", "requestedBy": "li.wei"}  # fmt: skip
    declare_moves(world, move)
    world.pulumi("up", "--yes")
    hub = Hub(world.servers["campus-x86"].cluster())
    (begun,) = hub.migrations()
    assert (begun.name, begun.source, begun.target) == ("his-to-cloud", "campus-x86", "cloud")
    assert (begun.method, begun.requested_by) == (Method.PHYSICAL, "li.wei")
    world.pulumi("up", "--yes", *NO_CHANGES)
    declare_moves(world, move | {"reason": "another one"})
    assert "never changes" in world.pulumi("up", "--yes", fails=True)
    declare_moves(world)
    assert "it goes on" in world.pulumi("up", "--yes", fails=True)
    hub.record_migration(replace(begun, phase=Phase.REFUSED, message="by the test"))
    world.pulumi("up", "--yes")
    assert [each.name for each in hub.migrations()] == ["his-to-cloud"]
    declare_moves(world, move)
    world.pulumi("up", "--yes")
    assert [each.phase for each in hub.migrations()] == [Phase.REFUSED]
    declare_moves(world)
    world.pulumi("up", "--yes")


def test_a_hospital_that_moved_is_no_change_and_up_moves_nothing(world: Any) -> None:
    for site, replicas in (("campus-x86", 0), ("cloud", 3)):
        world.servers[site].cluster().scale(HIS, replicas=replicas)
    world.names().point("his.hospital.test", address="10.3.0.21", servers=[world.dns])
    hub = world.servers["campus-x86"].cluster()
    moved = Ref("xinglin.dev/v1alpha1", "Workload", "his")
    patch = {"status": {"activeSite": "cloud"}}
    hub.merge(moved, patch, field_manager=RECOVERY, subresource="status")
    world.pulumi("preview", *NO_CHANGES)
    world.pulumi("up", "--yes", *NO_CHANGES)
    assert deployment(world, "campus-x86")["spec"]["replicas"] == 0
    assert deployment(world, "cloud")["spec"]["replicas"] == 3
    assert world.names().answer("his.hospital.test", server=world.dns) == "10.3.0.21"
    assert hub.get(moved)["status"]["activeSite"] == "cloud"


def test_drift_is_shown_field_by_field_and_taken_back(world: Any) -> None:
    cluster = world.servers["cloud"].cluster()
    patch = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 99}}}}
    cluster.merge(HIS, patch, field_manager="somebody")
    cluster.delete(Ref("policy/v1", "PodDisruptionBudget", "his", "hospital-his"))
    said = world.pulumi("preview", "--json")
    steps = [one for one in json.loads(said[said.index("{") :])["steps"] if one["op"] != "same"]
    assert [one["urn"].rsplit("::", 1)[-1] for one in steps] == ["his-cloud"]
    paths = " ".join(steps[0]["detailedDiff"])
    assert "terminationGracePeriodSeconds" in paths
    world.pulumi("up", "--yes")
    assert (
        deployment(world, "cloud")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
        == 20
    )
    assert deployment(world, "cloud")["spec"]["replicas"] == 3
    world.pulumi("preview", *NO_CHANGES)


def test_refresh_sees_drift_and_nothing_else(world: Any) -> None:
    world.pulumi("refresh", "--yes", *NO_CHANGES)
    cluster = world.servers["cloud"].cluster()
    patch = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 77}}}}
    cluster.merge(HIS, patch, field_manager="somebody")
    said = world.pulumi("refresh", "--yes", "--diff")
    assert "terminationGracePeriodSeconds: 20 => 77" in said
    world.pulumi("up", "--yes")
    world.pulumi("preview", *NO_CHANGES)


def test_what_another_stack_made_can_be_imported_exactly(world: Any) -> None:
    declared = resource(json.loads(world.pulumi("stack", "export")), "his-cloud")
    world.pulumi("stack", "init", "other")
    where = f"{world.servers['cloud'].endpoint}/his"
    world.pulumi(
        "import", "hospital:index:Workload", "his-cloud", where, "--generate-code=false",
        "--protect=false", "--yes", "--stack", "other",
    )  # fmt: skip
    imported = resource(
        json.loads(world.pulumi("stack", "export", "--stack", "other")), "his-cloud"
    )
    assert imported["inputs"] == declared["inputs"]
    world.pulumi("stack", "select", "loop")


def resource(state: Any, name: str) -> Any:
    found = state["deployment"]["resources"]
    return next(one for one in found if one["urn"].endswith(f"::{name}"))


def test_a_lost_site_does_not_spoil_the_preview(world: Any) -> None:
    world.servers["cloud"].kill()
    said = world.pulumi("preview", *NO_CHANGES)
    assert f"compared with the last known state: {world.servers['cloud'].endpoint}" in said
    world.servers["cloud"].start()


def test_destroy_leaves_nothing(world: Any) -> None:
    world.pulumi("destroy", "--yes")
    for server in world.servers.values():
        spaces = server.cluster().items("v1", "Namespace")
        assert not [one for one in spaces if one["metadata"]["name"].startswith("hospital-")]
    assert world.names().answer("his.hospital.test", server=world.dns) == ""
    assert world.cloud().bucket("xinglin-lab-cloud") is None
    assert world.cloud().network("lab-cloud") is None


def test_hosts_come_before_databases_and_databases_before_workloads(world: Any) -> None:
    said = world.pulumi("preview", "--json", "--config", "xinglin:hosts=true")
    steps = json.loads(said[said.index("{") :])["steps"]
    waits = {
        one["urn"].rsplit("::", 1)[-1]: set(one["newState"].get("dependencies", ()))
        for one in steps
    }

    def waits_for(name: str) -> set[str]:
        direct = {urn.rsplit("::", 1)[-1] for urn in waits[name]}
        return direct | {far for near in direct for far in waits_for(near)}

    assert "lab-hosts-hardened" in waits_for("lab-hosts-edges")
    assert "lab-hosts-hardened" in waits_for("lab-hosts-applications")
    assert {"lab-hosts-hardened", "lab-hosts-edges"} <= waits_for("hospital-db-members")
    assert "hospital-db-members" in waits_for("his-cloud")
    assert {"his-cloud", "his-campus-x86", "his"} <= waits_for("clinical")
