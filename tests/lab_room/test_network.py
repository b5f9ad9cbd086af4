"""Addresses come from the declaration and never leave the pattern of the architecture page."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from hospital.errors import DeclarationError
from lab.network import (
    host_commands,
    host_plug,
    networks,
    site_commands,
    site_network,
    site_plug,
)
from stacks.estate import read_estate

ESTATE = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")


def test_sites_are_numbered_by_the_address_of_their_api_server() -> None:
    found = networks(ESTATE)

    assert [one.router for one in found.values()] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    assert found["campus-arm"].pods == "10.2.128.0/20"
    assert found["campus-arm"].services == "10.2.96.0/20"
    assert found["campus-arm"].api_service == "10.2.96.1"


def test_no_two_ranges_of_the_lab_overlap() -> None:
    ranges = [
        IPv4Network(part)
        for one in networks(ESTATE).values()
        for part in (one.local, one.pods, one.services)
    ]

    assert not any(a.overlaps(b) for i, a in enumerate(ranges) for b in ranges[i + 1 :])


def test_every_declared_address_lies_in_its_sites_own_network() -> None:
    for site in ESTATE.sites:
        local = IPv4Network(site_network(site).local)
        addresses = [site.endpoints.ingress, *(host.address for host in site.hosts)]
        assert all(IPv4Address(address) in local for address in addresses)


@pytest.mark.parametrize("url", ["https://192.168.0.1:6443", "https://hub.example:6443", ""])
def test_an_api_server_outside_the_pattern_is_refused(url: str) -> None:
    site = ESTATE.sites[0]
    strange = replace(site, endpoints=replace(site.endpoints, kubernetes=url))

    with pytest.raises(DeclarationError, match=r"10\.i\.0\.1"):
        site_network(strange)


def test_names_of_network_devices_fit_the_kernel() -> None:
    for site in ESTATE.sites:
        network = site_network(site)
        plugs = [site_plug(network), *(host_plug(host, network) for host in site.hosts)]
        assert all(len(plug.peer) <= 15 for plug in plugs)


def test_a_site_routes_to_every_other_and_not_to_itself() -> None:
    everyone = networks(ESTATE)
    routes = {
        command[3] for command in site_commands(everyone["cloud"], everyone) if "via" in command
    }

    assert routes == {"10.1.0.0/16", "10.2.0.0/16"}


def test_a_host_has_one_way_out_its_site() -> None:
    assert host_commands(site_network(ESTATE.sites[0]))[0][-1] == "10.1.0.1"
