"""What a recovery was worth: outage and lost writes as clients measured them, against the promise.

Pure computation from what clients wrote down (their journals), what operators recorded (steps)
and what was found in the databases afterwards. The systems' own opinion of their downtime is
shown next to it, never instead of it. What nobody measured is *unmeasured*, not met.

Times that come in are seconds since the epoch; times that go out are seconds after the story's
beginning. ``docs/report.md`` documents the shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any

from hospital.comparison import Comparison
from hospital.estate import Estate, Workload
from hospital.story import Action, StepKind, StepState
from hospital.testimony import rto_seconds

SCHEMA_VERSION = 1

Plain = dict[str, Any]


class Verdict(StrEnum):
    """How a measured figure stands to the declared one."""

    MET = "met"  # measured, and within what was declared
    MISSED = "missed"  # measured beyond it, or never served again
    UNMEASURED = "unmeasured"  # no client asked


@dataclass(frozen=True, slots=True)
class Call:
    """One write that a client asked for and how it ended."""

    workload: str
    key: str
    began: float
    ended: float
    acknowledged: bool
    site: str = ""  # who acknowledged
    operation: str = ""  # what was written: "patient", "order", "record"


@dataclass(frozen=True, slots=True)
class Client:
    """What one client wrote down."""

    name: str
    inside: str  # the site it sits in; "" at the desk outside all sites
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One thing that happened to the estate, from its beginning to ``until``."""

    id: str
    title_zh: str
    title_en: str
    began: float  # the site was lost, or the move was asked for
    until: float
    actions: tuple[Action, ...]
    lost_site: str = ""  # "" for a planned move


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything that a report is made from."""

    kind: str  # "lab" or "simulation"
    estate: Estate
    made_at: float
    stories: tuple[Story, ...]
    clients: tuple[Client, ...]
    absent: Mapping[str, frozenset[str]]  # workload → acknowledged keys that are not in its data
    evidence_records: int = 0
    evidence_problems: tuple[str, ...] = ()
    evidence_copies: Mapping[str, int] = field(default_factory=dict)  # cloud site → records
    comparison: Comparison | None = None  # of the members, after the lost one rejoined
    nodes: tuple[Mapping[str, str], ...] = ()  # site, name, architecture, kind
    simulated: tuple[tuple[str, str], ...] = ()  # what was not real, zh and en
    timings: tuple[tuple[str, float], ...] = ()  # where the time went: what, seconds


@dataclass(frozen=True, slots=True)
class Outage:
    """The longest time without an acknowledged write around failed ones; None: it never ended."""

    last: float
    first: float | None

    @property
    def seconds(self) -> float | None:
        """How long, or None if it never ended."""
        return None if self.first is None else self.first - self.last


@dataclass(slots=True)
class _Tally:
    acknowledged: int = 0
    failed: int = 0
    sites: set[str] = field(default_factory=set)


def calls_of(lines: Iterable[Mapping[str, Any]]) -> tuple[Call, ...]:
    """The writes of a journal (``lab/journal.py``), in the order in which they ended."""
    calls = []
    for line in lines:
        if line["event"] not in ("acknowledged", "failed"):
            continue
        ended = float(line["at"])
        calls.append(
            Call(
                workload=line["workload"],
                key=line["key"],
                began=ended - float(line["seconds"]),
                ended=ended,
                acknowledged=line["event"] == "acknowledged",
                site=line.get("site", ""),
                operation=line.get("operation", ""),
            )
        )
    return tuple(calls)


def outage(calls: Sequence[Call], *, began: float, until: float) -> Outage | None:
    """The longest outage of one workload in a story; None if no write failed in it.

    From the end of the last acknowledged write to the end of the first one after: what a
    person at the counter waits.
    """
    failures = [call for call in calls if not call.acknowledged and began <= call.ended <= until]
    if not failures:
        return None
    served = sorted(call.ended for call in calls if call.acknowledged and call.ended <= until)
    before = [moment for moment in served if moment < failures[0].ended] or [began]
    after = [moment for moment in served if moment >= failures[0].ended]
    if not after or after[-1] < failures[-1].ended:
        return Outage(after[-1] if after else before[-1], None)
    gaps = [
        Outage(one, other)
        for one, other in pairwise([before[-1], *after])
        if any(one <= failure.ended <= other for failure in failures)
    ]
    return max(gaps, key=lambda gap: gap.seconds or 0.0)


def build(observed: Observed) -> Plain:
    """The report: JSON-compatible, of the shape ``SCHEMA_VERSION``."""
    stories = [_story(observed, story) for story in observed.stories]
    keys = {
        (call.workload, call.key)
        for client in observed.clients
        for call in client.calls
        if call.acknowledged
    }
    lost = sum(len(keys) for keys in observed.absent.values())
    good = all(story["verdict"] == Verdict.MET for story in stories)
    good = good and not observed.evidence_problems and not _differs(observed.comparison)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "kind": observed.kind,
        "estate": {
            "name": observed.estate.name,
            "titleZh": observed.estate.title_zh,
            "titleEn": observed.estate.title_en,
        },
        "madeAt": observed.made_at,
        "verdict": Verdict.MET if good else Verdict.MISSED,
        "writes": {"acknowledged": len(keys), "lost": lost},
        "stories": stories,
        "clients": [_client(client) for client in observed.clients],
        "evidence": {
            "records": observed.evidence_records,
            "problems": list(observed.evidence_problems),
            "copies": [
                {"site": site, "records": count}
                for site, count in sorted(observed.evidence_copies.items())
            ],
        },
        "comparison": _comparison(observed.comparison),
        "nodes": [dict(node) for node in observed.nodes],
        "simulated": [{"zh": zh, "en": en} for zh, en in observed.simulated],
        "timings": [{"what": what, "seconds": round(s, 1)} for what, s in observed.timings],
    }


def _differs(comparison: Comparison | None) -> bool:
    return comparison is not None and bool(comparison.different)


def _comparison(found: Comparison | None) -> Plain | None:
    if found is None:
        return None
    return {
        "members": [found.first, found.second],
        "tables": found.tables,
        "rowsSame": found.rows,
        "rowsMoving": found.moving,
        "different": list(found.different),
    }


def _story(observed: Observed, story: Story) -> Plain:
    workloads = [_workload(observed, story, each) for each in observed.estate.workloads]
    verdicts = {each["verdict"] for each in workloads}
    if Verdict.MISSED in verdicts:
        verdict = Verdict.MISSED
    else:
        verdict = Verdict.MET if Verdict.MET in verdicts else Verdict.UNMEASURED
    return {
        "id": story.id,
        "titleZh": story.title_zh,
        "titleEn": story.title_en,
        "beganAt": story.began,
        "seconds": round(story.until - story.began, 3),
        "lostSite": story.lost_site,
        "verdict": verdict,
        "actions": [_action(story, action) for action in story.actions],
        "steps": [step for action in story.actions for step in _steps(story, action)],
        "marks": _marks(story),
        "workloads": workloads,
    }


def _workload(observed: Observed, story: Story, workload: Workload) -> Plain:
    calls = [
        call
        for client in observed.clients
        if not client.inside
        for call in client.calls
        if call.workload == workload.name
    ]
    asked = [call for call in calls if story.began <= call.ended <= story.until]
    found = outage(calls, began=story.began, until=story.until)
    lost = _lost_before(observed, story, workload.name)
    declared_rto, declared_rpo = workload.rto.total_seconds(), workload.rpo.total_seconds()
    rto = found.seconds if found else 0.0
    loss_seconds = _loss_seconds(lost, began=story.began)
    if not asked:
        verdict = Verdict.UNMEASURED
    elif rto is None or rto > declared_rto or (lost and loss_seconds >= declared_rpo):
        verdict = Verdict.MISSED
    else:
        verdict = Verdict.MET
    sites = [call.site for call in asked if call.acknowledged]
    return {
        "name": workload.name,
        "titleZh": workload.title_zh,
        "titleEn": workload.title_en,
        "tier": workload.tier.value,
        "from": next(
            (c.site for c in reversed(calls) if c.acknowledged and c.ended < story.began), ""
        ),
        "to": sites[-1] if sites else "",
        "declaredRtoSeconds": declared_rto,
        "measuredRtoSeconds": _rounded(rto) if asked else None,
        "declaredRpoSeconds": declared_rpo,
        "measuredRpoSeconds": _rounded(loss_seconds) if asked else None,
        "outage": _span(story, found),
        "acknowledged": sum(call.acknowledged for call in asked),
        "failed": sum(not call.acknowledged for call in asked),
        "lost": len(lost),
        "verdict": verdict,
    }


def _loss_seconds(lost: Sequence[Call], *, began: float) -> float:
    """The time span of which work is gone: to the loss, or to what was promised even later."""
    if not lost:
        return 0.0
    return max(began, *(call.ended for call in lost)) - min(call.ended for call in lost)


def _lost_before(observed: Observed, story: Story, workload: str) -> list[Call]:
    """Acknowledged writes that are gone, acknowledged up to the end of this story."""
    absent = observed.absent.get(workload, frozenset())
    first = story is observed.stories[0]
    return [
        call
        for client in observed.clients
        for call in client.calls
        if call.workload == workload and call.acknowledged and call.key in absent
        if call.ended <= story.until and (first or call.ended >= story.began)
    ]


def _span(story: Story, found: Outage | None) -> Plain | None:
    if found is None:
        return None
    end = None if found.first is None else found.first - story.began
    return {"from": _rounded(found.last - story.began), "to": _rounded(end)}


def _action(story: Story, action: Action) -> Plain:
    return {
        "name": action.name,
        "plan": action.plan,
        "kind": action.kind.value,
        "target": action.target,
        "reason": action.reason,
        "requestedBy": action.requested_by,
        "requested": _rounded(action.requested_at - story.began),
        "phase": action.phase.value,
        "message": action.message,
        "operatorsRtoSeconds": rto_seconds(action),
    }


def _steps(story: Story, action: Action) -> list[Plain]:
    found = []
    for record in action.records:
        kind, _, subject = record.id.partition("/")
        found.append(
            {
                "action": action.name,
                "kind": kind,
                "subject": subject,
                "site": record.site,
                "state": record.state.value,
                "started": _after(story, record.started),
                "ended": _after(story, record.ended),
                "by": record.by,
                "detail": record.detail,
            }
        )
    return found


def _marks(story: Story) -> list[Plain]:
    """The moments that a reader looks for: the loss, the decision, the primary, the last name."""
    marks = [("loss" if story.lost_site else "request", 0.0)]
    if story.lost_site and story.actions:
        marks.append(("decision", min(a.requested_at for a in story.actions) - story.began))
    for name, kind in (("primary", StepKind.PRIMARY), ("names", StepKind.NAME)):
        ends = [
            record.ended - story.began
            for action in story.actions
            for record in action.records
            if record.id.startswith(f"{kind}/")
            and record.state is StepState.DONE
            and record.ended is not None
        ]
        if ends:
            marks.append((name, max(ends)))
    return [{"kind": kind, "at": _rounded(at)} for kind, at in marks]


def _client(client: Client) -> Plain:
    tally = _Tally()
    for call in client.calls:
        if call.acknowledged:
            tally.acknowledged += 1
            tally.sites.add(call.site)
        else:
            tally.failed += 1
    return {
        "name": client.name,
        "inside": client.inside,
        "acknowledged": tally.acknowledged,
        "failed": tally.failed,
        "sites": sorted(tally.sites),
    }


def _after(story: Story, moment: float | None) -> float | None:
    return None if moment is None else _rounded(moment - story.began)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
