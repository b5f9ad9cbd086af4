"""The asynchronous declaration is a valid one, and the same hospital."""

from __future__ import annotations

from pathlib import Path

from bench.declaration import RPO, asynchronous
from hospital.estate import Replication
from stacks.estate import read_estate

LAB = Path(__file__).resolve().parents[2] / "stacks" / "estates" / "lab.yaml"


def test_the_declaration_is_accepted_and_only_promises_less(tmp_path: Path) -> None:
    before, after = read_estate(LAB), read_estate(asynchronous(LAB, tmp_path / "estate.yaml"))
    assert {one.replication for one in after.databases} == {Replication.ASYNCHRONOUS}
    assert after.plan("clinical").rpo == after.workload("his").rpo == RPO
    assert after.sites == before.sites
    assert [one.sites for one in after.workloads] == [one.sites for one in before.workloads]
