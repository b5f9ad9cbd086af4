"""The lab is what it says: real nodes, closed doors, power buttons that kill."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
from typing import Any

import httpx
import pytest

from hospital.estate import Estate, Host
from lab import power, root
from lab.access import operator
from lab.health import EMULATED, REAL, Desk, status
from lab.lifecycle import wait_until
from lab.places import Places
from providers.access import Access

pytestmark = [pytest.mark.lab, pytest.mark.timeout(180)]


def test_every_part_of_every_site_is_there(lab: Places, estate: Estate) -> None:
    health = status(estate, places=lab)

    assert {site.name: site.missing() for site in health.sites} == {
        site.name: () for site in estate.sites
    }
    assert health.hub_quorum


def test_each_site_has_one_real_node_of_its_architecture(lab: Places, estate: Estate) -> None:
    nodes = {
        site.name: [
            (node.kind, node.architecture) for node in site.nodes if node.kind != "simulated"
        ]
        for site in status(estate, places=lab).sites
    }

    assert nodes == {
        "campus-x86": [(REAL, "amd64")],
        "campus-arm": [(EMULATED, "arm64")],
        "cloud": [(REAL, "amd64")],
    }


def test_nothing_answers_a_caller_without_a_certificate(
    lab: Places, desk: Desk, estate: Estate
) -> None:
    trusted = ssl.create_default_context(cafile=str(lab.access("counter") / "ca.crt"))

    def answers(url: str) -> bool:
        try:
            with httpx.Client(verify=trusted, trust_env=False, timeout=3) as nobody:
                return nobody.get(url).status_code != httpx.codes.UNAUTHORIZED
        except httpx.HTTPError:
            return False

    for site in estate.sites:
        for base in (site.endpoints.kubernetes, site.endpoints.hub, site.endpoints.etcd):
            for path in ("/version", "/readyz", "/health"):
                assert not desk.ask(lambda _, url=base + path: answers(url)), base + path  # type: ignore[misc]


@pytest.mark.parametrize(("identity", "accepted"), [("auditor", False), ("operator", True)])
def test_the_store_is_closed_to_those_who_have_no_business_there(
    lab: Places, desk: Desk, estate: Estate, identity: str, accepted: bool
) -> None:
    site = estate.sites[0]
    name = operator(site.name) if identity == "operator" else identity
    client = httpx.Client(verify=Access(lab.access(name)).tls(), trust_env=False, timeout=3)

    def asks(_: httpx.Client) -> bool:
        answer = client.post(f"{site.endpoints.etcd}/v3/kv/range", json={"key": "AA=="})
        return answer.status_code == httpx.codes.OK

    with client:
        assert desk.ask(asks) is accepted


def test_hosts_see_nobody_elses_secrets(lab: Places, estate: Estate) -> None:
    for host in (host for site in estate.sites for host in site.hosts):
        line = root.inside(host.id, ("ls", "-A", str(lab.state), str(lab.cache)), lab)
        told = subprocess.run(line, capture_output=True, text=True, check=True).stdout

        assert [one for one in told.splitlines() if one and not one.endswith(":")] == []


def test_the_lab_has_no_way_out(lab: Places) -> None:
    line = root.at_desk(("ip", "-json", "route"), lab)
    told = subprocess.run(line, capture_output=True, text=True, check=True)
    routes: list[dict[str, Any]] = json.loads(told.stdout)

    assert routes
    assert all(route["dst"].startswith("10.") for route in routes)


def ssh_answers(host: Host) -> bool:
    try:
        with socket.create_connection((host.address, 22), timeout=1) as link:
            return link.recv(4) == b"SSH-"
    except OSError:
        return False


def ipmi(host: Host, verb: str, lab: Places) -> str:
    assert host.bmc is not None
    account = Access(lab.access("pulumi")).document("bmc.json")
    line = root.at_desk(
        ("ipmitool", "-I", "lanplus", "-C", "3", "-H", host.bmc.address, "-p", str(host.bmc.port),
         "-U", account["user"], "-P", account["password"], "chassis", "power", verb),
        lab,
    )  # fmt: skip
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout


@pytest.mark.drill
def test_the_power_button_of_a_bmc_kills_the_host_and_starts_it(
    lab: Places, desk: Desk, estate: Estate
) -> None:
    host = estate.host("campus-arm-edge-1")
    assert desk.ask(lambda _: ssh_answers(host))

    ipmi(host, "off", lab)

    assert root.first_process(lab, host.id) is None
    assert "off" in ipmi(host, "status", lab)
    assert not desk.ask(lambda _: ssh_answers(host))
    ipmi(host, "on", lab)
    wait_until(lambda: desk.ask(lambda _: ssh_answers(host)), seconds=30, what=host.id)


@pytest.mark.drill
def test_a_burnt_site_leaves_the_hub_writable_and_returns_whole(
    lab: Places, desk: Desk, estate: Estate
) -> None:
    burnt, other = estate.site("campus-arm"), estate.site("cloud")
    power.off(burnt.name, places=lab)
    try:
        assert root.first_process(lab, "campus-arm-edge-1") is None
        leases = f"{other.endpoints.hub}/apis/coordination.k8s.io/v1/namespaces/xinglin/leases"
        lease = {"metadata": {"generateName": "drill-"}, "spec": {}}

        def writes(client: httpx.Client) -> bool:
            return client.post(leases, json=lease).status_code == httpx.codes.CREATED

        wait_until(lambda: desk.ask(writes), seconds=15, what="the hub")
    finally:
        power.on(burnt.name, places=lab)
    wait_until(lambda: not desk.site(burnt, operator=False).missing(), seconds=120, what=burnt.name)
