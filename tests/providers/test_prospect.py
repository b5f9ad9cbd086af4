"""Facts of a migration, gathered on the loopback interface: what is silent stays unknown."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate, Site
from hospital.move import Method, Migration, Phase
from hospital.precheck import Outcome
from hospital.prechecks.facts import DatabaseFacts
from providers import line_facts
from providers.access import Access
from providers.kubernetes import PULUMI, Cluster, Ref
from providers.memory import MemoryHub, World
from providers.prospect import Prospect
from stacks.estate import read_estate

pytestmark = pytest.mark.lab

LAB = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")
NOWHERE = "127.0.0.9"  # an address of this machine at which nobody listens
MOVE = Migration(
    name="his-1",
    workload="his",
    source="campus-x86",
    target="cloud",
    method=Method.PHYSICAL,
    database="hospital-db",
    reason="a test",
    requested_by="somebody",
    requested_at=1.0,
)


def moved(site: Site, endpoint: str) -> Site:
    """The site with every address on the loopback interface."""
    ends = replace(
        site.endpoints, kubernetes=endpoint, dns=f"{NOWHERE}:{silent_port()}", ingress=NOWHERE
    )
    hosts = tuple(replace(host, address=NOWHERE) for host in site.hosts)
    return replace(site, endpoints=ends, hosts=hosts)


def estate(endpoint: str) -> Estate:
    return replace(LAB, sites=tuple(moved(site, endpoint) for site in LAB.sites))


def silent_port() -> int:
    with socket.socket() as probe:
        probe.bind((NOWHERE, 0))
        return int(probe.getsockname()[1])


@contextmanager
def listening() -> Iterator[int]:
    """A port that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    kept.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for one in kept:
            one.close()


def prospect(made: Estate, identity: Path, *, site: str = "campus-x86", **given: Any) -> Prospect:
    return Prospect(site, Access(identity), MemoryHub(World(made), site), **given)


def refuse(_estate: Estate, _migration: Migration) -> Any:
    raise RefusedError("hospital-db", "no way in")


def test_a_world_that_is_silent_leaves_everything_unknown(identity: Path) -> None:
    made = estate(f"https://{NOWHERE}:{silent_port()}")
    looked = prospect(made, identity, databases=refuse)
    facts = looked.facts(made, MOVE)
    assert facts.active is not None
    assert facts.active["his"] == "campus-x86"
    assert (facts.nodes, facts.images, facts.room, facts.configured) == (None, None, None, None)
    assert (facts.source, facts.target, facts.certificates) == (None, None, None)
    assert facts.path is not None
    assert (facts.path.latency_seconds, facts.path.bandwidth_bytes_per_second) == (None, None)
    assert facts.name is not None
    assert facts.name.answers is None
    told = {result.id: result for result in looked(made, MOVE)}
    assert told["image_architecture"].outcome is Outcome.UNKNOWN
    assert told["image_architecture"].blocks
    assert told["runs_here"].outcome is Outcome.PASS
    assert told["ports_back"].outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("site", "sees"), [("campus-x86", "back"), ("cloud", "forward"), ("campus-arm", "")]
)
def test_a_site_speaks_for_its_own_end_of_the_line(site: str, sees: str, identity: Path) -> None:
    made = estate(f"https://{NOWHERE}:{silent_port()}")
    path = prospect(made, identity, site=site).facts(made, MOVE).path
    if not sees:
        assert path is None
        return
    assert path is not None
    seen = {"forward": path.forward, "back": path.back}
    other = ({"forward", "back"} - {sees}).pop()
    assert seen[other] is None
    assert [each.answers for each in seen[sees] or ()] == [False, False]


def test_other_migrations_of_the_workload_are_seen_and_ended_ones_are_not(identity: Path) -> None:
    made = estate(f"https://{NOWHERE}:{silent_port()}")
    looked = prospect(made, identity)
    ended = replace(MOVE, name="his-0", phase=Phase.COMPLETED)
    for each in (MOVE, ended, replace(MOVE, name="his-2"), replace(MOVE, name="x", workload="lis")):
        looked.hub.create_migration(each)
    assert looked.facts(made, MOVE).migrations == ("his-2",)


def test_a_hub_without_quorum_leaves_what_goes_on_unknown(identity: Path) -> None:
    made = estate(f"https://{NOWHERE}:{silent_port()}")
    world = World(made)
    looked = Prospect("campus-x86", Access(identity), MemoryHub(world, "campus-x86"))
    world.cut("campus-x86")
    told = {result.id: result for result in looked(made, MOVE)}
    for name in ("runs_here", "recovery_idle", "migration_idle"):
        assert told[name].outcome is Outcome.UNKNOWN
        assert told[name].blocks


def test_clocks_are_those_that_the_databases_told(identity: Path) -> None:
    made = estate(f"https://{NOWHERE}:{silent_port()}")
    ends = (DatabaseFacts(clock_seconds=0.5), DatabaseFacts(clock_seconds=-2.0))
    looked = prospect(made, identity, databases=lambda *_: ends)
    assert looked.facts(made, MOVE).clock_offsets == {"source": 0.5, "target": -2.0}


def test_a_real_api_server_tells_nodes_containers_and_quotas(api_server: Any) -> None:
    cluster: Cluster = api_server.cluster()
    labels = {"xinglin.dev/workload": "his"}
    pod = {
        "initContainers": [{"name": "wait", "image": "xinglin.dev/wait:1"}],
        "containers": [{"name": "service", "image": "xinglin.dev/service:1"}],
    }
    place = {"name": "his", "namespace": "hospital-his", "labels": labels}
    spec = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "hospital-his"}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": place, "spec": spec}
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}}
    cluster.apply([namespace, deployment, node], field_manager=PULUMI)
    made = estate(cluster.endpoint)
    facts = prospect(made, api_server.admin.directory).facts(made, MOVE)
    for each in (deployment, node):  # the server is shared by all tests
        cluster.delete(Ref.of(each))
    assert facts.configured is True
    assert [each.name for each in facts.components or ()] == [
        "Deployment/his/wait",
        "Deployment/his/service",
    ]
    assert facts.nodes == ()  # a node that says nothing of its CPUs is not counted
    assert facts.room is None
    assert facts.quotas == ()
    assert facts.path is not None
    assert facts.path.latency_seconds is not None
    assert facts.path.bandwidth_bytes_per_second is not None


def test_latency_needs_every_sample() -> None:
    with listening() as port:
        assert line_facts.latency("127.0.0.1", port) is not None
    assert line_facts.latency(NOWHERE, silent_port()) is None


def test_a_fetch_that_is_too_small_or_fails_tells_no_rate() -> None:
    def fail() -> str:
        raise UnavailableError("there", "no answer")

    assert line_facts.bandwidth(lambda: "x") is None
    assert line_facts.bandwidth(fail) is None
    assert line_facts.bandwidth(lambda: "x" * 2**20) is not None
