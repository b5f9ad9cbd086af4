"""What an audit gathers, and how two gatherings become one."""

from __future__ import annotations

from console.inspection import JUDGED_KINDS, Inspected, joined
from hospital.rule import Kind, Resource
from policies.report import Source
from providers.kubernetes import KINDS


def inspected(kind: str, *resources: Resource) -> Inspected:
    return Inspected(resources, Source(kind, kind, "lab", unseen=(f"{kind} missed it",)))


def test_every_kind_that_is_judged_can_be_read() -> None:
    assert KINDS.keys() >= set(JUDGED_KINDS)


def test_what_was_just_seen_counts_rather_than_what_a_survey_saw_of_the_same() -> None:
    now = Resource(Kind.CLUSTER, "site@cloud", {"facts": "now"})
    before = Resource(Kind.CLUSTER, "site@cloud", {"facts": "before"})
    host = Resource(Kind.HOST, "cloud-db-1", {})
    both = joined(inspected("live", now), inspected("survey", before, host))
    assert both.resources == (now, host)
    assert both.source.kind == "live+survey"
    assert both.source.unseen == ("live missed it", "survey missed it")
