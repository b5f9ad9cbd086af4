"""What the audit benchmark audits: the same thousand objects each time, none twice."""

from __future__ import annotations

from pathlib import Path

from bench.manifests import OBJECTS, Audited, write
from console.files import files


def test_the_objects_are_as_many_as_is_said_and_each_is_another_one(tmp_path: Path) -> None:
    write(tmp_path / "a")
    names = [item.name for item in files(tmp_path / "a").resources]
    assert (len(names), len(set(names))) == (OBJECTS, OBJECTS)
    kinds = {name.partition("/")[0] for name in names}
    assert {"Deployment", "Namespace", "NetworkPolicy", "ClusterRole"} <= kinds


def test_every_run_audits_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name)
    first, second = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("a", "b")
    )
    assert first == second


def test_what_a_judgement_costs_is_told_by_the_thousand() -> None:
    assert Audited(cpu=2.0, judgements=4000).per_thousand == 0.5
