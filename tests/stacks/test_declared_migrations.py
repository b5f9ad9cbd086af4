"""Declared migrations: what they prepare, and what is refused with file, line and field."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hospital.errors import DeclarationError, Problem
from hospital.estate import DatabaseWay, DeclaredMigration, Estate
from hospital.freeze import Freeze
from stacks.estate import read_estate

FILE = Path(__file__).parents[2] / "stacks/estates/lab.yaml"
DECLARED = "    - {workload: his, to: campus-arm, database: hospital-db-arm}"


@pytest.fixture(scope="module")
def lab() -> Estate:
    return read_estate(FILE)


def refused(folder: Path, old: str, new: str) -> tuple[tuple[Problem, ...], str]:
    """The problems of the laboratory with one thing changed, and its text."""
    text = FILE.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"the laboratory says {old!r} {text.count(old)} times"
    path = folder / "estate.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DeclarationError) as raised:
        read_estate(path)
    return raised.value.problems, path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("line", "field", "message"),
    [
        ("{workload: hiss, to: campus-arm, database: hospital-db-arm}",
         "workload", "unknown workload 'hiss'"),
        ("{workload: his, to: campus-amr, database: hospital-db-arm}",
         "to", "unknown site 'campus-amr'"),
        ("{workload: his, to: campus-arm, database: hospital-db-amr}",
         "database", "unknown database 'hospital-db-amr'"),
        ("{workload: his, to: campus-x86, database: hospital-db-arm}",
         "to", "'campus-x86' is home of 'his' already"),
        ("{workload: lis, to: campus-arm, database: hospital-db-arm}",
         "to", "'campus-arm' is a standby of 'lis' already"),
        ("{workload: his, to: cloud, database: hospital-db-arm}",
         "database", "'hospital-db-arm' has no member at 'cloud'"),
        ("{workload: his, to: campus-arm, database: hospital-db}",
         "database", "'hospital-db' is the database of 'his' already"),
    ],
)  # fmt: skip
def test_what_cannot_be_moved_so_is_refused_at_its_line(
    tmp_path: Path, line: str, field: str, message: str
) -> None:
    found, text = refused(tmp_path, DECLARED, f"    - {line}")
    number = 1 + text.splitlines().index(f"    - {line}")
    (problem,) = [each for each in found if each.message == message]
    assert problem.field == f"spec.migrations[0].{field}"
    assert f"estate.yaml:{number}:" in problem.where


def test_the_same_move_twice_is_refused(tmp_path: Path) -> None:
    ((problem,), _) = refused(tmp_path, DECLARED, f"{DECLARED}\n{DECLARED}")
    assert problem.message == "a move of 'his' to 'campus-arm' is declared already"
    assert problem.field == "spec.migrations[1]"


def test_a_host_is_a_member_of_one_database(tmp_path: Path) -> None:
    members = "members: [campus-arm-db-1]"
    found, _ = refused(tmp_path, members, "members: [campus-arm-db-1, cloud-db-1]")
    messages = [each.message for each in found]
    assert "'cloud-db-1' is a member of 'hospital-db' already" in messages


def test_two_databases_at_one_port_of_the_edges_are_refused(tmp_path: Path) -> None:
    product = "      product: db-postgresql\n"
    text = FILE.read_text(encoding="utf-8")
    path = tmp_path / "estate.yaml"
    path.write_text(text.replace(product, f"{product}      edgePort: 5500\n"), encoding="utf-8")
    with pytest.raises(DeclarationError) as raised:
        read_estate(path)
    (problem,) = raised.value.problems
    assert problem.field == "spec.databases[1].edgePort"
    assert problem.message == "'5500' is taken already"


def test_a_port_that_is_said_is_given_to_no_other_database(tmp_path: Path) -> None:
    name = "    - name: hospital-db-arm\n"
    path = tmp_path / "estate.yaml"
    text = FILE.read_text(encoding="utf-8")
    path.write_text(text.replace(name, f"{name}      edgePort: 5432\n"), encoding="utf-8")
    ports = {each.name: each.edge_port for each in read_estate(path).databases}
    assert ports == {"hospital-db": 5433, "hospital-db-arm": 5432}


def test_a_database_that_serves_nobody_yet_is_declared_for_a_move(lab: Estate) -> None:
    assert not [each for each in lab.workloads if each.database == "hospital-db-arm"]
    assert lab.migrations == (DeclaredMigration("his", "campus-arm", "hospital-db-arm"),)


def test_only_at_the_target_pods_reach_the_target_database(lab: Estate) -> None:
    ways = {site.name: lab.way(each, site.name) for each, site in lab.deployments
            if each.name == "his"}  # fmt: skip
    own = DatabaseWay("hospital-db", lab.database_port("hospital-db"))
    assert ways == {
        "campus-x86": own,
        "cloud": own,
        "campus-arm": DatabaseWay("hospital-db-arm", 5433),
    }


def test_a_rehearsal_is_alone_with_data_of_its_own(lab: Estate) -> None:
    (rehearsal,) = lab.rehearsals
    assert (rehearsal.name, rehearsal.rehearses) == ("his-rehearsal", "his")
    assert (rehearsal.home, rehearsal.standbys) == ("campus-arm", ())
    assert (rehearsal.database, rehearsal.depends_on) == ("hospital-db-arm", ())
    assert rehearsal.node_port not in {each.node_port for each in lab.workloads}
    assert rehearsal.data_level == lab.workload("his").data_level, "the data are as sensitive"
    assert rehearsal.name not in {each.name for each in lab.workloads}


def test_a_rehearsals_port_is_free_even_where_its_first_choice_is_not(lab: Estate) -> None:
    (rehearsal,) = lab.rehearsals
    workloads = tuple(
        replace(each, node_port=rehearsal.node_port) if each.name == "lis" else each
        for each in lab.workloads
    )
    (other,) = replace(lab, workloads=workloads).rehearsals
    assert other.node_port == rehearsal.node_port + 1


def test_freeze_windows_are_declared_and_a_misspelt_day_is_refused(tmp_path: Path) -> None:
    window = '{name: clinic hours, from: "07:30", to: "18:00", weekdays: [mon, fri]}'
    path = tmp_path / "estate.yaml"
    path.write_text(f"{FILE.read_text(encoding='utf-8')}  freezes: [{window}]\n", encoding="utf-8")
    assert read_estate(path).freezes == (
        Freeze("clinic hours", 7 * 60 + 30, 18 * 60, frozenset({0, 4})),
    )
    wrong = f"{DECLARED}\n  freezes: [{window.replace('fri', 'fry')}]"
    ((problem,), _) = refused(tmp_path, DECLARED, wrong)
    assert problem.field == "spec.freezes[0].weekdays[1]"


@pytest.mark.parametrize(
    ("move", "field", "message"),
    [
        ("{name: m, workload: hiss, to: cloud, reason: r, requestedBy: li}",
         "workload", "unknown workload 'hiss'"),
        ("{name: m, workload: hrp, to: campus-x86, reason: r, requestedBy: li}",
         "to", "nothing declares that 'hrp' may move to 'campus-x86'"),
    ],
)  # fmt: skip
def test_a_move_to_where_no_way_leads_is_not_begun(
    tmp_path: Path, move: str, field: str, message: str
) -> None:
    ((problem,), _) = refused(tmp_path, DECLARED, f"{DECLARED}\n  moves:\n    - {move}")
    assert (problem.field, problem.message) == (f"spec.moves[0].{field}", message)
