"""Every check can pass, can fail, and says "unknown" where a fact is absent.

``prechecks/good_facts.yaml`` is a move with nothing in its way; ``prechecks/<id>.yaml`` names small
changes of it and how the check must answer: each of ``pass``, ``fail``, ``warning``, ``unknown``
and ``not-applicable`` is a list of changes, path → value.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import hospital.prechecks
from hospital.errors import DeclarationError
from hospital.estate import (
    Architecture,
    Database,
    Endpoints,
    Estate,
    Host,
    HostRole,
    Link,
    Mode,
    RecoveryPlan,
    Replication,
    Site,
    SiteKind,
)
from hospital.move import Method
from hospital.precheck import Outcome, Result, Severity, answer, blocking, run
from hospital.prechecks import WORDS, all_checks
from hospital.prechecks.check import End
from hospital.prechecks.facts import Facts
from hospital.workloads import CATALOGUE

HERE = Path(__file__).parent / "prechecks"
GOOD = "good_facts"
CHECKS = {check.id: check for check in all_checks()}
SITES = {"campus-x86": Architecture.AMD64, "campus-arm": Architecture.ARM64}
PRODUCTS = {"campus-x86": ("cpu-hygon",), "campus-arm": ("cpu-kp950", "os-kylin-s")}


def site(name: str, number: int) -> Site:
    address = f"10.{number}.0"
    return Site(
        name=name,
        kind=SiteKind.ON_PREM if name in SITES else SiteKind.PUBLIC_CLOUD,
        failure_domain=f"domain-{number}",
        country="CN",
        region="hubei",
        architectures=(SITES[name],) if name in SITES else tuple(SITES.values()),
        products=PRODUCTS.get(name, ()),
        endpoints=Endpoints(*([f"https://{address}.1"] * 3), f"{address}.1:53", f"{address}.21"),
    )


def estate() -> Estate:
    names = ("campus-x86", "campus-arm", "cloud")
    placed = {"home": "campus-x86", "standbys": ("cloud",), "database": "hospital-db"}
    workloads = ("his", "identity", "integration", "emr")
    pairs = ((names[0], names[1]), (names[0], names[2]), (names[1], names[2]))
    made = ("hospital-db", "hospital-db-arm")
    return Estate(
        name="test",
        title_zh="实验医院",
        title_en="Laboratory hospital",
        domain="hospital.test",
        sites=tuple(site(name, number) for number, name in enumerate(names, 1)),
        links=tuple(Link(pair, timedelta(milliseconds=2), 10_000, True, True) for pair in pairs),
        databases=tuple(
            Database(name, "db-postgresql", "15", Replication.SYNCHRONOUS, ()) for name in made
        ),
        workloads=tuple(replace(CATALOGUE[name], **placed) for name in workloads),
        plans=(
            RecoveryPlan(
                name="clinical",
                home="campus-x86",
                standbys=("cloud", "campus-arm"),
                mode=Mode.AUTOMATIC,
                replication=Replication.SYNCHRONOUS,
                workloads=workloads,
            ),
        ),
    )


def built(kind: Any, data: Any) -> Any:
    """A value of type ``kind`` from YAML."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is types.UnionType:
        return None if data is None else built(args[0], data)
    if origin in {tuple, frozenset}:
        return origin(built(args[0], item) for item in data)
    if origin is Mapping:
        return {key: built(args[1], item) for key, item in data.items()}
    return noun(kind, data) if is_dataclass(kind) else plain(kind, data)


def noun(kind: Any, data: Any) -> Any:
    hints = get_type_hints(kind)
    if is_dataclass(data):
        return data
    return kind(**{key: built(hints[key], item) for key, item in data.items()})


def plain(kind: Any, data: Any) -> Any:
    if issubclass(kind, StrEnum):
        return kind(data)
    if kind is timedelta and isinstance(data, float):
        return timedelta(seconds=data)
    assert isinstance(data, kind), f"{data!r} is no {kind.__name__}"
    return data


@cache
def good() -> Facts:
    data = yaml.safe_load((HERE / f"{GOOD}.yaml").read_text(encoding="utf-8"))
    made = estate()
    return built(Facts, {**data, "estate": made, "workload": made.workload("his")})  # type: ignore[no-any-return]


def changed(value: Any, path: list[str], to: Any, kind: Any = None) -> Any:
    """``value`` with what lies at ``path`` put in place; a number is the index in a tuple."""
    if not path:
        return built(kind, to)
    step, *rest = path
    if isinstance(value, tuple):
        index = int(step)
        inner = get_args(kind)[0]
        return (
            *value[:index],
            changed(value[index], rest, to, inner),
            *value[index + 1 :],
        )
    if isinstance(value, Mapping):
        return {**value, step: built(get_args(kind)[1], to)}
    hint = get_type_hints(type(value))[step]
    if get_origin(hint) is types.UnionType and (rest or to is not None):
        hint = get_args(hint)[0]
    return replace(value, **{step: changed(getattr(value, step), rest, to, hint)})


def with_changes(changes: Mapping[str, Any]) -> Facts:
    facts = good()
    for path, to in changes.items():
        facts = changed(facts, path.split("."), to)
        if path.startswith("estate.workloads.0"):
            facts = replace(facts, workload=facts.estate.workloads[0])
    return facts


def cases() -> Iterator[Any]:
    for name in CHECKS:
        path = HERE / f"{name}.yaml"
        said = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        for outcome, each in said.items():
            for number, changes in enumerate(each):
                yield pytest.param(name, outcome, changes, id=f"{name}-{outcome}-{number}")


def said(results: tuple[Result, ...]) -> dict[str, Outcome]:
    return {result.id: result.outcome for result in results}


def test_every_file_is_found_and_nothing_else() -> None:
    files = {path.stem for path in Path(hospital.prechecks.__path__[0]).glob("*.py")}
    assert set(CHECKS) == files - WORDS - {"__init__"}
    assert len(CHECKS) >= 40


def test_every_check_has_its_fixture_and_every_fixture_its_check() -> None:
    assert {path.stem for path in HERE.glob("*.yaml")} == {*CHECKS, GOOD}


@pytest.mark.parametrize(("name", "outcome", "changes"), list(cases()))
def test_a_check_answers_as_its_fixture_says(
    name: str, outcome: str, changes: dict[str, Any]
) -> None:
    result = answer(CHECKS[name], with_changes(changes))
    assert result.outcome.value == outcome, result.seen.en


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_check_can_fail_and_can_pass(name: str) -> None:
    told = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
    bad = "fail" if CHECKS[name].severity is Severity.BLOCKING else "warning"
    assert told["pass"]
    assert told[bad]


ON_HOSTS = {
    End.TARGET: (1, {"nodes_real", "capacity", "capacity_spare", "quotas", "cpu_features",
                     "image_architecture", "image_libc", "image_locale",
                     "page_size", "node_kernel"}),
    End.SOURCE: (0, {"page_size", "node_kernel"}),
}  # fmt: skip


@pytest.mark.parametrize("end", ON_HOSTS)
def test_what_asks_about_pods_is_out_of_place_where_there_are_none(end: End) -> None:
    index, silent = ON_HOSTS[end]
    facts = with_changes({"configured": True})
    here = facts.estate.sites[index]
    host = Host("app-1", here.name, "10.9.0.31", here.architectures[0], (HostRole.APPLICATION,))
    sites = [replace(each, hosts=(host,)) if each == here else each for each in facts.estate.sites]
    facts = replace(
        facts,
        estate=replace(facts.estate, sites=tuple(sites)),
        workload=replace(facts.workload, hosts=(host.id,)),
        nodes=(),  # nobody is asked for any
        images=None,
        room=None,
    )
    results = {result.id: result for result in run(facts)}
    outside = {name for name, each in results.items() if host.id in each.seen.en}
    assert {name for name in silent if not results[name].blocks} == silent
    assert silent <= {name for name in outside if results[name].outcome is Outcome.NOT_APPLICABLE}
    assert outside - silent == ({"configured"} if end is End.TARGET else set())


@pytest.mark.parametrize(
    ("prepared", "outcome"),
    [(True, Outcome.PASS), (False, Outcome.FAIL), (None, Outcome.UNKNOWN)],
)
def test_hosts_are_judged_by_whether_they_were_prepared(
    prepared: bool | None, outcome: Outcome
) -> None:
    facts = with_changes({"configured": prepared})
    arm = facts.there
    host = Host("app-1", arm.name, "10.9.0.31", Architecture.ARM64, (HostRole.APPLICATION,))
    sites = [replace(each, hosts=(host,)) if each == arm else each for each in facts.estate.sites]
    estate = replace(facts.estate, sites=tuple(sites))
    workload = replace(facts.workload, hosts=(host.id,), architectures=(Architecture.ARM64,))
    facts = replace(facts, estate=estate, workload=workload)
    assert answer(CHECKS["configured"], facts).outcome is outcome
    assert answer(CHECKS["declared_architecture"], facts).outcome is Outcome.PASS
    built = replace(facts, workload=replace(workload, architectures=(Architecture.AMD64,)))
    assert answer(CHECKS["declared_architecture"], built).outcome is Outcome.FAIL


def test_nothing_is_in_the_way_of_the_good_move() -> None:
    wrong = {
        result.id: result.seen.en
        for result in run(good())
        if result.outcome not in {Outcome.PASS, Outcome.NOT_APPLICABLE}
    }
    assert wrong == {}
    assert blocking(run(good())) == ()


@pytest.mark.parametrize("method", list(Method))
def test_no_check_passes_on_what_nobody_read(method: Method) -> None:
    """With the declaration alone, what passes is what asks the declaration alone."""
    facts = good()
    bare = Facts(facts.estate, facts.workload, "campus-x86", "campus-arm", method, facts.now)
    told = said(run(bare))
    for name, check in CHECKS.items():
        if told[name] is not Outcome.NOT_APPLICABLE:
            assert (told[name] is Outcome.UNKNOWN) is (not check.declared), name


def absent_facts() -> Iterator[str]:
    """Every fact that may be absent, as the path to it."""
    for part in (None, "source", "target", "path", "name"):
        owner = getattr(good(), part) if part else good()
        hints = get_type_hints(type(owner))
        for each in fields(owner):
            if type(None) in get_args(hints[each.name]):
                yield f"{part}.{each.name}" if part else each.name


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("path", list(absent_facts()))
def test_an_absent_fact_never_turns_a_failure_into_a_pass(path: str, method: Method) -> None:
    for base in (replace(good(), method=method), replace(bad_move(), method=method)):
        before, after = said(run(base)), said(run(changed(base, path.split("."), None)))
        for name, outcome in after.items():
            allowed = {before[name], Outcome.UNKNOWN, Outcome.NOT_APPLICABLE}
            assert outcome in allowed, f"{name} says {outcome}, before {before[name]}"


@cache
def bad_move() -> Facts:
    """A move with as much in its way as can be at once."""
    facts = good()
    for name in CHECKS:
        told = yaml.safe_load((HERE / f"{name}.yaml").read_text(encoding="utf-8"))
        for changes in (told.get("fail") or told.get("warning") or [])[:1]:
            for path, to in changes.items():
                if not path.startswith(("method", "estate", "target_", "source_site")):
                    facts = changed(facts, path.split("."), to)
    return facts


def test_everything_that_can_be_wrong_at_once_is_told_at_once() -> None:
    assert len(blocking(run(bad_move()))) > 20


def test_ignorance_blocks_where_it_is_as_bad_as_failing() -> None:
    facts = replace(good(), source=None, room=None)
    told = {result.id: result for result in run(facts)}
    assert told["database_version"].outcome is Outcome.UNKNOWN
    assert told["database_version"].blocks
    assert told["capacity"].outcome is Outcome.UNKNOWN
    assert not told["capacity"].blocks


def test_a_workload_without_a_database_is_asked_nothing_about_one() -> None:
    facts = replace(good(), workload=replace(good().workload, database=""))
    told = said(run(facts))
    asked = {name for name, check in CHECKS.items() if check.database}
    assert {told[name] for name in asked} == {Outcome.NOT_APPLICABLE}
    assert Outcome.PASS in told.values()


def test_what_is_said_is_said_in_both_languages_and_english_is_ascii() -> None:
    for facts in (good(), bad_move(), replace(bad_move(), method=Method.PHYSICAL)):
        for result in run(facts):
            for text in (result.title, result.seen, result.remedy):
                assert text.zh
                assert text.en.isascii(), text.en
            assert result.plain()["id"] == result.id


@given(
    st.floats(0, 1e12, allow_nan=False),
    st.floats(0, 1e12, allow_nan=False),
)
def test_a_stream_that_is_slower_than_the_writes_always_blocks(write: float, band: float) -> None:
    facts = changed(good(), ["source", "write_bytes_per_second"], write)
    facts = changed(facts, ["path", "bandwidth_bytes_per_second"], band)
    result = answer(CHECKS["sync_converges"], facts)
    if write > band:
        assert result.blocks
        assert "needed" in result.seen.en


def test_a_file_that_is_no_check_stops_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hospital.prechecks, "WORDS", WORDS - {"facts"})
    all_checks.cache_clear()
    try:
        with pytest.raises(DeclarationError, match="facts"):
            all_checks()
    finally:
        all_checks.cache_clear()
