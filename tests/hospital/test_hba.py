"""What lines of pg_hba.conf let in: addresses as PostgreSQL shows them, the first match decides."""

from __future__ import annotations

from typing import Any

import pytest

from hospital.hba import admitting, from_afar, source, way_in


def line(**told: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"line": 1, "type": "hostssl", "databases": ["all"], "users": ["all"]}
    return {**plain, "address": "all", "netmask": "", "method": "scram-sha-256", **told}


def role(name: str, *groups: str) -> dict[str, Any]:
    return {"name": name, "memberOf": list(groups)}


@pytest.mark.parametrize(
    ("address", "netmask", "expected"),
    [
        ("10.1.0.11", "255.255.255.255", "10.1.0.11/32"),
        ("10.0.0.0", "255.0.0.0", "10.0.0.0/8"),
        ("0.0.0.0", "0.0.0.0", "0.0.0.0/0"),
        ("fc00::", "fe00::", "fc00::/7"),
        ("::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::1/128"),
        ("::", "::", "::/0"),
        ("all", "", "None"),
        ("samenet", "", "None"),
        ("his.hospital.test", "", "None"),
        ("", "", "None"),
    ],
)
def test_an_address_and_its_mask_are_a_network(address: str, netmask: str, expected: str) -> None:
    assert str(source(line(address=address, netmask=netmask))) == expected


@pytest.mark.parametrize(
    ("told", "afar"),
    [
        ({}, True),
        ({"type": "local", "address": ""}, False),
        ({"address": "127.0.0.0", "netmask": "255.0.0.0"}, False),
        ({"address": "samehost"}, False),
        ({"address": "samenet"}, True),
        ({"address": "his.hospital.test"}, True),
    ],
)
def test_what_never_leaves_the_host_does_not_come_from_afar(
    told: dict[str, str], afar: bool
) -> None:
    assert from_afar(line(**told)) is afar


def test_lines_that_reject_or_cannot_be_read_let_nobody_in() -> None:
    lines = [line(method="reject"), line(method="", type=""), line(line=3)]
    assert [each["line"] for each in admitting(lines)] == [3]


def test_the_first_line_that_names_a_role_decides() -> None:
    everybody = line(line=9)
    assert way_in([line(users=["postgres"], method="reject"), everybody], role("postgres")) is None
    assert way_in([line(users=["postgres"], method="reject"), everybody], role("his")) == everybody
    assert way_in([line(users=["+dba"])], role("li", "dba")) == line(users=["+dba"])
    assert way_in([line(users=["+dba"])], role("li")) is None


def shut(**told: Any) -> dict[str, Any]:
    return line(type="host", method="reject", **told)


@pytest.mark.parametrize(
    ("earlier", "later", "open_still"),
    [
        (shut(), {}, False),
        (shut(), {"databases": ["his", "sameuser"]}, False),
        (shut(), {"databases": ["replication"]}, True),
        (shut(databases=["replication"]), {"databases": ["replication"]}, False),
        (shut(databases=["postgres"]), {}, True),
        (shut() | {"type": "hostnossl"}, {}, True),
        (shut() | {"type": "hostssl"}, {}, False),
        (shut(address="10.0.0.0", netmask="255.0.0.0"), {}, True),
        (
            shut(address="0.0.0.0", netmask="0.0.0.0"),
            {"address": "10.0.0.0", "netmask": "255.0.0.0"},
            False,
        ),
        (
            shut(address="0.0.0.0", netmask="0.0.0.0"),
            {"address": "fc00::", "netmask": "fe00::"},
            True,
        ),
        (shut(address="samenet"), {"address": "samenet"}, False),
    ],
)
def test_a_rejection_shuts_what_it_covers_and_no_more(
    earlier: dict[str, Any], later: dict[str, Any], open_still: bool
) -> None:
    assert (way_in([earlier, line(**later)], role("postgres")) is not None) is open_still
