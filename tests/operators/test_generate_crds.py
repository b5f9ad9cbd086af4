"""The custom resource definitions on disk are what the nouns generate, and fit what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from hospital.codec import hub_objects
from hospital.move import Method, Migration, Order, Phase, Verb
from hospital.story import ActionKind, ActionPhase
from operators.generate_crds import DIRECTORY, generate, kinds
from providers.hub_migrations import spec_of, status_of
from stacks.estate import read_estate

LAB = Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml"


def _schema(plural: str) -> dict[str, Any]:
    document = yaml.safe_load((DIRECTORY / f"{plural}.yaml").read_text(encoding="utf-8"))
    schema: dict[str, Any] = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def test_files_on_disk_equal_the_generated() -> None:
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in DIRECTORY.glob("*")}
    assert on_disk == generate(), "run: python -m operators.generate_crds"


def test_every_declared_object_of_the_lab_fits_its_schema() -> None:
    plurals = {kind.name: kind.plural for kind in kinds()}
    objects = hub_objects(read_estate(LAB))
    assert {item.kind for item in objects} == {"Site", "Workload", "RecoveryPlan"}
    for item in objects:
        jsonschema.validate({"spec": item.spec}, _schema(plurals[item.kind]))


def test_a_schema_refuses_an_unknown_tier() -> None:
    spec = next(o.spec for o in hub_objects(read_estate(LAB)) if o.kind == "Workload")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"spec": spec | {"tier": "Z"}}, _schema("workloads"))


def test_actions_know_every_kind_and_every_phase() -> None:
    schema = _schema("recoveryactions")["properties"]
    assert schema["spec"]["properties"]["kind"]["enum"] == list(ActionKind)
    assert schema["status"]["properties"]["phase"]["enum"] == list(ActionPhase)


def test_what_is_written_of_a_migration_fits_its_schema() -> None:
    migration = Migration(
        name="his-to-arm",
        workload="his",
        source="campus-x86",
        target="campus-arm",
        method=Method.LOGICAL,
        database="hospital-db-arm",
        reason="move",
        requested_by="li.wei",
        requested_at=1.0,
        order=Order(Verb.ROLLBACK, "li.wei", "not today", 2.0, accept_loss=True),
    )
    status = {key: value for key, value in status_of(migration).items() if value is not None}
    schema = _schema("migrations")
    jsonschema.validate({"spec": spec_of(migration), "status": status}, schema)
    assert schema["properties"]["status"]["properties"]["phase"]["enum"] == list(Phase)
    written = set(spec_of(migration)) | {"order"}
    assert written == set(schema["properties"]["spec"]["properties"])
    assert set(status_of(migration)) <= set(schema["properties"]["status"]["properties"])
