"""The report believes clients: outage, loss and verdicts are what their journals add up to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from hospital.estate import Estate
from hospital.report import Call, Client, Observed, Story, Verdict, build, calls_of, outage
from hospital.workloads.his import WORKLOAD as HIS

SITES = {"home": "a", "standbys": ("b",)}
ESTATE = Estate("e", "院", "Hospital", "hospital.test", (), (), (), (), ())


def call(ended: float, *, ok: bool = True, key: str = "", site: str = "a") -> Call:
    return Call("his", key or str(ended), ended - 0.1, ended, ok, site if ok else "")


def burn(
    *calls: Call, absent: frozenset[str] = frozenset(), **wanted: timedelta
) -> dict[str, object]:
    workload = replace(HIS, **(SITES | wanted))  # type: ignore[arg-type]
    story = Story("loss", "失", "lost", began=10.0, until=20.0, actions=(), lost_site="a")
    observed = Observed(
        kind="lab",
        estate=replace(ESTATE, workloads=(workload,)),
        made_at=0.0,
        stories=(story,),
        clients=(Client("desk", "", calls),),
        absent={"his": absent},
    )
    found: dict[str, object] = build(observed)["stories"][0]["workloads"][0]
    return found


OUTAGE = (call(9.0), call(9.9), call(11.0, ok=False), call(13.0, ok=False), call(13.4, site="b"))


def test_an_outage_lasts_from_the_last_acknowledgement_to_the_next() -> None:
    found = burn(*OUTAGE)
    assert found["measuredRtoSeconds"] == pytest.approx(3.5)
    assert (found["from"], found["to"]) == ("a", "b")
    assert found["outage"] == {"from": -0.1, "to": 3.4}
    assert found["verdict"] == Verdict.MET


def test_the_longest_of_several_outages_counts() -> None:
    later = (call(14.0), call(15.0, ok=False), call(19.5))
    assert burn(*OUTAGE, *later)["measuredRtoSeconds"] == pytest.approx(5.5)


def test_a_gap_in_which_nothing_failed_is_no_outage() -> None:
    assert outage([call(9.0), call(15.0)], began=10.0, until=20.0) is None
    assert burn(call(9.0), call(15.0))["measuredRtoSeconds"] == 0.0


def test_what_never_came_back_is_missed_and_has_no_number() -> None:
    found = burn(call(9.0), call(11.0, ok=False), call(19.0, ok=False))
    assert found["measuredRtoSeconds"] is None
    assert found["verdict"] == Verdict.MISSED
    found = burn(call(9.0), call(11.0, ok=False), call(12.0), call(19.0, ok=False))
    assert found["measuredRtoSeconds"] is None


def test_what_nobody_asked_is_unmeasured_not_met() -> None:
    assert burn()["verdict"] == Verdict.UNMEASURED
    assert burn(call(9.0))["verdict"] == Verdict.UNMEASURED


def test_an_outage_beyond_the_declared_rto_is_missed() -> None:
    assert burn(*OUTAGE, rto=timedelta(seconds=3))["verdict"] == Verdict.MISSED
    assert burn(*OUTAGE, rto=timedelta(seconds=4))["verdict"] == Verdict.MET


def test_one_lost_write_misses_an_rpo_of_zero_and_meets_one_that_covers_it() -> None:
    lost = frozenset({"9.9"})
    found = burn(*OUTAGE, absent=lost, rpo=timedelta(0))
    assert (found["lost"], found["verdict"]) == (1, Verdict.MISSED)
    assert burn(*OUTAGE, absent=lost, rpo=timedelta(seconds=5))["verdict"] == Verdict.MET
    assert burn(*OUTAGE, absent=frozenset({"9.0"}), rpo=timedelta(0.5 / 86400))["lost"] == 1


def test_writes_that_a_client_inside_the_lost_site_was_promised_count_as_lost_too() -> None:
    story = Story("loss", "失", "lost", began=10.0, until=20.0, actions=(), lost_site="a")
    workload = replace(HIS, rpo=timedelta(0), home="a", standbys=("b",))
    inside = Client("inside", "a", (call(12.0, key="ghost"),))
    observed = Observed(
        kind="lab",
        estate=replace(ESTATE, workloads=(workload,)),
        made_at=0.0,
        stories=(story,),
        clients=(Client("desk", "", OUTAGE), inside),
        absent={"his": frozenset({"ghost"})},
    )
    report = build(observed)
    assert report["writes"]["lost"] == 1
    assert report["verdict"] == Verdict.MISSED


def test_a_broken_chain_of_evidence_is_never_met() -> None:
    story = Story("loss", "失", "lost", began=10.0, until=20.0, actions=(), lost_site="a")
    good = Observed(
        kind="lab",
        estate=replace(ESTATE, workloads=(replace(HIS, home="a", standbys=("b",)),)),
        made_at=0.0,
        stories=(story,),
        clients=(Client("desk", "", OUTAGE),),
        absent={},
    )
    assert build(good)["verdict"] == Verdict.MET
    assert build(replace(good, evidence_problems=("x",)))["verdict"] == Verdict.MISSED


def test_a_journal_line_becomes_a_call_with_its_beginning() -> None:
    line = {"at": 5.0, "event": "failed", "workload": "his", "key": "k", "seconds": 1.5}
    assert calls_of([line, {"at": 6.0, "event": "ready"}]) == (Call("his", "k", 3.5, 5.0, False),)
