"""Nouns as plain data: nothing gets lost, and nothing wrong gets in."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from hospital.codec import (
    HubObject,
    decode,
    duration_text,
    encode,
    estate_from,
    hub_objects,
    workload_spec,
)
from hospital.errors import DeclarationError
from hospital.estate import Estate, Workload
from hospital.freeze import Freeze
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"


@pytest.fixture(scope="module")
def lab() -> Estate:
    return read_estate(LAB)


CLINIC = Freeze("clinic hours", 450, 1080, frozenset(range(5)), first_day=date(2027, 1, 4))


@pytest.mark.parametrize("freezes", [(), (CLINIC, Freeze("nightly jobs", 1380, 120))])
def test_an_estate_survives_the_hub(lab: Estate, freezes: tuple[Freeze, ...]) -> None:
    lab = replace(lab, freezes=freezes)
    stored = json.loads(json.dumps([[o.kind, o.name, o.spec] for o in hub_objects(lab)]))
    returned = estate_from(HubObject(*item) for item in stored)
    by_name = replace(
        lab,
        sites=tuple(sorted(lab.sites, key=lambda site: site.name)),
        databases=tuple(sorted(lab.databases, key=lambda database: database.members[0])),
        workloads=tuple(sorted(lab.workloads, key=lambda item: item.name)),
        plans=tuple(sorted(lab.plans, key=lambda plan: plan.name)),
    )
    assert replace(returned, links=(), source="") == replace(by_name, links=(), source="")
    assert set(returned.links) == set(lab.links)
    assert len(returned.links) == 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(0), "0s"),
        (timedelta(minutes=5), "300s"),
        (timedelta(milliseconds=6), "6ms"),
        (timedelta(microseconds=1500), "1500us"),
    ],
)
def test_durations_are_exact(value: timedelta, text: str) -> None:
    assert duration_text(value) == text
    assert decode(timedelta, text) == value


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("rto", "5 minutes", "spec.rto: '5 minutes' is not a duration"),
        ("tier", "Z", "spec.tier: 'Z' is none of A, B, C, D"),
        ("replicas", True, "spec.replicas: True is not of type int"),
        ("dependsOn", "identity", "spec.dependsOn: 'identity' is not a list"),
        ("architectures", ["vax"], "spec.architectures[0]: 'vax' is none of"),
    ],
)
def test_a_misfit_names_object_and_field(
    lab: Estate, field: str, value: object, expected: str
) -> None:
    spec = workload_spec(lab, lab.workload("his")) | {field: value}
    with pytest.raises(DeclarationError) as caught:
        decode(Workload, spec, where="Workload/his")
    assert f"Workload/his: {expected}" in str(caught.value)


def test_a_missing_field_is_named(lab: Estate) -> None:
    spec = workload_spec(lab, lab.workload("his"))
    del spec["zone"]
    with pytest.raises(DeclarationError, match=r"spec\.zone: is missing"):
        decode(Workload, spec)


def test_absent_options_are_left_out_and_take_their_defaults(lab: Estate) -> None:
    host = replace(lab.sites[0].hosts[0], bmc=None)
    assert "bmc" not in encode(host)
    assert decode(type(host), encode(host)) == host


def test_no_site_at_all_is_told_as_nothing_declared() -> None:
    with pytest.raises(DeclarationError, match="no Site object"):
        estate_from([])


def test_an_estate_that_is_declared_in_part_names_what_is_missing(lab: Estate) -> None:
    assert lab.missing() == ()
    objects = hub_objects(lab)
    for left_out in objects:
        rest = [item for item in objects if item is not left_out]
        missing = estate_from(rest).missing()
        if left_out.kind == "RecoveryPlan":  # nothing names a plan
            assert missing == ()
        else:
            assert left_out.name in missing or set(missing) == {
                host.id for host in lab.site(left_out.name).hosts
            }, left_out
