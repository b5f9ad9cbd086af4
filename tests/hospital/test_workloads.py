"""The catalogue of workloads: files on disk, found values and their figures agree."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import hospital.workloads
from hospital.estate import Architecture, Tier
from hospital.workloads import CATALOGUE


def test_every_file_on_disk_is_found_under_its_own_name() -> None:
    folder = Path(hospital.workloads.__file__).parent
    on_disk = {path.stem.replace("_", "-") for path in folder.glob("*.py")} - {"--init--"}
    assert set(CATALOGUE) == on_disk
    assert len(CATALOGUE) >= 8


def test_node_ports_are_distinct_and_in_the_range_of_kubernetes() -> None:
    ports = Counter(workload.node_port for workload in CATALOGUE.values())
    assert max(ports.values()) == 1
    assert all(30000 <= port <= 32767 for port in ports)


def test_dependencies_name_workloads_of_the_catalogue_and_identity_has_none() -> None:
    assert CATALOGUE["identity"].depends_on == ()
    for workload in CATALOGUE.values():
        assert set(workload.depends_on) <= set(CATALOGUE) - {workload.name}


def test_a_dependency_is_promised_at_least_as_soon_as_its_dependents() -> None:
    for workload in CATALOGUE.values():
        for needed in workload.depends_on:
            assert CATALOGUE[needed].rto <= workload.rto


def test_the_core_of_the_hospital_is_tier_a_without_loss_on_both_architectures() -> None:
    for name in ("identity", "integration", "his", "emr"):
        workload = CATALOGUE[name]
        assert workload.tier is Tier.A
        assert workload.rpo == timedelta(0)
        assert workload.architectures == (Architecture.AMD64, Architecture.ARM64)
