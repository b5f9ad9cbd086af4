"""Copies of evidence in a bucket: what is missing comes, what was touched is found.

A real hub and an AWS-compatible API (moto, simulated).
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hospital.errors import RefusedError
from lab.pki import evidence_key
from providers import archive
from providers.access import Access
from providers.archive import Bucket, EvidenceCopies, buckets, differences
from providers.aws import Cloud
from providers.evidence import Entry, HubEvidence, verify
from providers.kubernetes import Cluster
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"


def entry(number: int, body: bytes = b"{}") -> Entry:
    return Entry(f"evidence-{number:06d}", body, "operator-cloud", "00", "11")


def test_an_entry_survives_being_kept() -> None:
    one = entry(1, "演练".encode())
    assert Entry.of(one.name, json.loads(json.dumps(one.plain()))) == one


def test_a_changed_a_missing_and_an_invented_copy_are_named() -> None:
    originals = [entry(1), entry(2), entry(3)]
    copies = [entry(1), replace(entry(3), signature="22"), entry(4)]
    assert differences(originals, copies) == (
        "evidence-000002: has no copy",
        "evidence-000003: the copy is not the record",
        "evidence-000004: only the copy is there",
    )
    assert differences(originals, originals) == ()


def test_only_clouds_have_buckets(tmp_path: Path) -> None:
    assert [bucket.site for bucket in buckets(read_estate(LAB), Access(tmp_path))] == ["cloud"]


@pytest.fixture(scope="module")
def cloud(simulated_cloud: Cloud) -> Cloud:
    simulated_cloud.ensure_bucket("copies")
    return simulated_cloud


@pytest.mark.lab
def test_every_record_is_copied_once_and_verifies_without_the_hub(
    api_server: Any, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "AT_ONCE", 2)
    directory = api_server.authority.issue("operator-copies", organization="system:masters")
    (directory / "evidence.key").write_bytes(evidence_key())
    hub = HubEvidence(Cluster(api_server.endpoint, Access(directory), read=10), Access(directory))
    before = len(hub.entries())
    for number in range(3):
        hub.append({"action": f"copied-{number}", "reason": "火灾演练"})
    while EvidenceCopies(hub, [bucket := Bucket(cloud, site="cloud", name="copies")]).copy():
        pass  # each time as an operator that has just taken the lead
    copies = bucket.entries()
    assert len(copies) == before + 3
    assert differences(hub.entries(), copies) == ()
    assert verify(copies, keys={one.signer: one.key for one in copies}) == ()


@pytest.mark.lab
def test_what_lies_in_the_bucket_is_never_written_again(cloud: Cloud) -> None:
    cloud.ensure_bucket("touched")
    assert Bucket(cloud, site="cloud", name="touched").keep([entry(1)]) == (entry(1).name,)
    cloud.put("touched", "evidence/evidence-000001.json", b'{"record": "another"}')
    bucket = Bucket(cloud, site="cloud", name="touched")
    assert bucket.keep([entry(1)]) == ()
    assert differences([entry(1)], bucket.entries()) == (
        "evidence-000001: the copy is not the record",
    )
    cloud.put("touched", "evidence/evidence-000001.json", b"no JSON")
    with pytest.raises(RefusedError, match=r"evidence-000001\.json: is no copy"):
        bucket.entries()


@pytest.mark.lab
def test_a_bucket_that_is_not_there_is_named_and_keeps_no_other_from_its_copies(
    api_server: Any, cloud: Cloud
) -> None:
    cloud.ensure_bucket("other")
    access = Access(api_server.authority.issue("reader", organization="system:masters"))
    hub = HubEvidence(Cluster(api_server.endpoint, access, read=10), access)
    other = Bucket(cloud, site="here", name="other")
    with pytest.raises(RefusedError, match="NoSuchBucket"):
        EvidenceCopies(hub, [Bucket(cloud, site="gone", name="nowhere"), other]).copy()
    assert differences(hub.entries(), other.entries()) == ()
