"""The native provider: values in and out, what is an identity, what is told to the engine."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pulumi.provider.experimental.provider as engine
import pytest
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN

from hospital import errors
from hospital.codec import encode
from hospital.errors import RefusedError, UnavailableError
from providers.access import VARIABLE, Access
from providers.provider import (
    HospitalProvider,
    _code,
    plain_map,
    property_map,
    property_path,
)
from providers.resources import kinds
from providers.resources.hosts import digest
from stacks.estate import read_estate

ROOT = Path(__file__).resolve().parents[2]
ESTATE = read_estate(ROOT / "stacks" / "estates" / "lab.yaml")


def urn(kind: str, name: str = "one") -> str:
    return f"urn:pulumi:lab::xinglin::xinglin:index:Hospital$hospital:index:{kind}::{name}"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def provider(tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch) -> HospitalProvider:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return HospitalProvider(lambda urn, message: told.append(message))


def check(provider: HospitalProvider, kind: str, inputs: dict[str, Any]) -> engine.CheckResponse:
    request = engine.CheckRequest(urn(kind), {}, property_map(inputs), b"")
    return asyncio.run(provider.check(request))


def diff(
    provider: HospitalProvider, kind: str, old: dict[str, Any], new: dict[str, Any]
) -> engine.DiffResponse:
    request = engine.DiffRequest(urn(kind), "id", property_map(old), property_map(new), [])
    return asyncio.run(provider.diff(request))


def reasons(response: engine.CheckResponse) -> list[str]:
    return [failure.reason for failure in response.failures or []]


def his(site: str) -> dict[str, Any]:
    return {"workload": encode(ESTATE.workload("his")), "site": encode(ESTATE.site(site))}


BUCKET = {"name": "b", "region": "r", "endpoint": "", "encrypted": True, "versioned": True,
          "publicAccessBlocked": True}  # fmt: skip


def test_all_kinds_are_found() -> None:
    assert sorted(kinds()) == [
        "Bucket", "CloudBaseline", "CloudDnsRecord", "CloudNetwork", "DnsRecord", "Hosts",
        "HubWorkload", "Migration", "RecoveryPlan", "Site", "Workload",
    ]  # fmt: skip


def test_plain_values_survive_the_journey_through_the_engine() -> None:
    value = {"a": [1, 2.5, True, None, "x"], "b": {"c/d": {}}, "e": []}
    assert plain_map(property_map(value)) == value


def test_paths_are_written_as_the_engine_reads_them() -> None:
    path = ("objects", "3", "metadata", "labels", "xinglin.dev/tier")
    assert property_path(path) == 'objects[3].metadata.labels["xinglin.dev/tier"]'


@pytest.mark.parametrize("later", [PropertyValue.computed(), PropertyValue(UNKNOWN)])
def test_nothing_is_ever_made_of_an_input_that_is_known_only_later(later: PropertyValue) -> None:
    with pytest.raises(RefusedError):
        plain_map({"x": later})
    with pytest.raises(RefusedError):
        plain_map({"x": PropertyValue([PropertyValue({"y": later})])})


LATER = property_map({"name": "n", "subnets": {"internal": UNKNOWN}, "openPorts": [443, UNKNOWN]})


def test_a_preview_hands_on_what_is_known_only_later_and_finds_no_fault(
    provider: HospitalProvider,
) -> None:
    target = urn("CloudNetwork")
    checked = asyncio.run(provider.check(engine.CheckRequest(target, {}, LATER, b"")))
    assert (checked.inputs, reasons(checked)) == (LATER, [])
    request = engine.CreateRequest(target, LATER, timeout=0, preview=True)
    assert asyncio.run(provider.create(request)).properties == LATER
    update = engine.UpdateRequest(
        target, "id", LATER, LATER, timeout=0, ignore_changes=[], preview=True
    )
    assert asyncio.run(provider.update(update)).properties == LATER


def test_what_is_known_only_later_may_change(provider: HospitalProvider) -> None:
    request = engine.DiffRequest(urn("CloudNetwork"), "id", property_map({"name": "n"}), LATER, [])
    response = asyncio.run(provider.diff(request))
    assert (response.changes, response.diffs) == (True, ["openPorts", "subnets"])


def test_up_makes_nothing_of_what_is_still_not_known(provider: HospitalProvider) -> None:
    request = engine.CreateRequest(urn("CloudNetwork"), LATER, timeout=0, preview=False)
    with pytest.raises(RefusedError):
        asyncio.run(provider.create(request))


def test_every_error_of_ours_has_a_code() -> None:
    made = [
        errors.DeclarationError(()),
        errors.UnavailableError("e", "m"),
        errors.RefusedError("e", "m"),
        errors.UnsafeError("m", remedy="r"),
    ]
    assert {type(one) for one in made} == set(errors.HospitalError.__subclasses__())
    for one in made:
        assert _code(one).name != "UNAVAILABLE"  # the engine would believe the provider gone


def test_a_workload_is_completed_with_its_objects(provider: HospitalProvider) -> None:
    response = check(provider, "Workload", his("cloud"))
    assert not reasons(response)
    found = plain_map(response.inputs or {})["objects"]
    assert {"Deployment", "NetworkPolicy", "Namespace"} <= {item["kind"] for item in found}


def test_where_a_workload_runs_on_hosts_nothing_is_asked_of_the_cluster(
    provider: HospitalProvider,
) -> None:
    lis, home = ESTATE.workload("lis"), ESTATE.site("campus-x86")
    checked = check(provider, "Workload", {"workload": encode(lis), "site": encode(home)})
    assert not reasons(checked)
    inputs = plain_map(checked.inputs or {})
    assert inputs["objects"] == []
    kind = kinds()["Workload"](Access.from_environment())
    assert kind.drift(inputs) == ()
    kind.create(inputs)  # without a certificate, or a secret, or a call: there are none here
    assert kind.read(kind.id(inputs), inputs) == inputs


def test_a_workload_at_a_site_where_it_was_not_declared_is_refused(
    provider: HospitalProvider,
) -> None:
    inputs = his("campus-arm") | {"workload": encode(ESTATE.workload("emr"))}
    assert reasons(check(provider, "Workload", inputs)) == [
        "Workload: site: emr is not declared at campus-arm"
    ]


def test_every_missing_input_is_named(provider: HospitalProvider) -> None:
    assert reasons(check(provider, "DnsRecord", {"zone": "z", "servers": "no"})) == [
        "DnsRecord: name: must be given, as text",
        "DnsRecord: address: must be given, as text",
        "DnsRecord: servers: must be given, as a list",
    ]


def test_an_open_bucket_is_refused_before_any_call(provider: HospitalProvider) -> None:
    inputs = {"name": "b", "region": "r", "publicAccessBlocked": False}
    assert reasons(check(provider, "Bucket", inputs)) == [
        "Bucket: publicAccessBlocked: must be true"
    ]


def test_a_changed_address_of_a_bucket_is_another_bucket(provider: HospitalProvider) -> None:
    response = diff(provider, "Bucket", BUCKET, BUCKET | {"region": "elsewhere"})
    assert response.replaces == ["region"]
    assert response.detailed_diff["region"].kind is engine.PropertyDiffKind.UPDATE_REPLACE


def test_what_is_equal_is_no_change(provider: HospitalProvider) -> None:
    assert diff(provider, "Bucket", BUCKET, BUCKET).changes is False


def test_a_changed_playbook_shows(provider: HospitalProvider, tmp_path: Path) -> None:
    inputs = {"playbook": "host_harden.yml", "hosts": ["a"], "inventory": {}}
    checked = plain_map(check(provider, "Hosts", inputs).inputs or {})
    old = checked | {"digest": "of yesterday"}
    assert list(diff(provider, "Hosts", old, checked).detailed_diff) == ["digest"]
    play = tmp_path / "one.yml"
    play.write_text("- hosts: all\n")
    before = digest(tmp_path)
    play.write_text("- hosts: none\n")
    assert digest(tmp_path) != before


def test_a_world_that_does_not_answer_is_compared_with_the_last_state_and_said(
    provider: HospitalProvider, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(self: object, new: object) -> None:
        raise UnavailableError("https://10.1.0.1:6443", "no answer")

    monkeypatch.setattr(kinds()["Workload"], "drift", lost)
    inputs = plain_map(check(provider, "Workload", his("cloud")).inputs or {})
    assert diff(provider, "Workload", inputs, inputs).changes is False
    assert told == [
        "not seen, compared with the last known state: https://10.1.0.1:6443: no answer"
    ]


def test_the_schema_names_every_type(provider: HospitalProvider) -> None:
    response = asyncio.run(provider.get_schema(engine.GetSchemaRequest(0)))
    named = json.loads(response.schema or "")["resources"]
    assert sorted(named) == [f"hospital:index:{token}" for token in sorted(kinds())]


def test_an_unknown_type_is_refused_with_those_that_exist(provider: HospitalProvider) -> None:
    with pytest.raises(RefusedError, match="CloudNetwork"):
        check(provider, "Spaceship", {})


def test_without_an_access_directory_the_user_is_told_what_to_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    said = reasons(check(HospitalProvider(lambda *_: None), "Bucket", BUCKET))
    assert len(said) == 1
    assert "set it to an identity's access directory" in said[0]
