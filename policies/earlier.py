"""An earlier report, as far as a later one is compared with it.

Pure. It comes from a file that anybody may have changed, so every part is read as what it must be
or not at all. What must never happen: an earlier report half understood, whose findings then look
as if they had been mended.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hospital.rule import Plain
from policies.formats.attestations import FAMILY as RECORDS
from policies.formats.reading import Change, Document, Result, findings, rules_of
from policies.report import SCHEMA_VERSION

OLDEST = 2  # the first version of the schema that lists what each rule judged as we do
COUNTED = ("mandatory", "advisory", "waived")

Judged = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Past:
    """A finding of the earlier report."""

    rule: str
    title: Plain
    resource: str
    reason: Plain
    place: str
    result: Result
    since: str
    subject: str  # what must have been judged again for the finding to be mended

    @property
    def key(self) -> tuple[str, str]:
        """Findings that may be the same one share it."""
        return self.rule, self.resource


@dataclass(frozen=True, slots=True)
class Earlier:
    """What of an earlier report a later one is compared with."""

    date: date
    verdict: str
    estate: str
    profile: str
    counts: Mapping[str, int]
    judged: Judged
    findings: tuple[Past, ...]


def read(document: Any) -> Earlier:
    """The earlier report from its JSON; ValueError if it is none, or of a version unknown here."""
    try:
        if (kind := document["kind"]) != "PolicyReport":
            raise ValueError(f"its kind is {json.dumps(kind)[:80]}, not PolicyReport")
        if not OLDEST <= (version := document["schemaVersion"]) <= SCHEMA_VERSION:
            raise ValueError(f"its schemaVersion {json.dumps(version)[:80]} is not known here")
        return _earlier(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__} {error} in what should be a report") from error


def judged(document: Document) -> Judged:
    """Which rule judged what."""
    return frozenset(
        (rule["id"], subject(rule, resource))
        for rule in rules_of(document)
        for resource in rule["judged"]
    )


def subject(rule: Plain, resource: str) -> str:
    """A clause of records is judged as a whole: a renewed record mends the one that lapsed."""
    return "" if rule["family"] == RECORDS else resource


def profile_of(document: Plain) -> str:
    """The id of its profile, "" if all rules were asked."""
    return str(document["profile"]["id"]) if document["profile"] else ""


def _earlier(document: Plain) -> Earlier:
    day = date.fromisoformat(document["date"])
    return Earlier(
        date=day,
        verdict=_text(document["verdict"]),
        estate=_text(document["source"]["estate"]),
        profile=profile_of(document),
        counts={name: int(document["counts"][name]) for name in COUNTED},
        judged=judged(document),
        findings=(*_found(document, day), *_hidden(document)),
    )


def _found(document: Plain, day: date) -> Iterator[Past]:
    for rule, finding, result in findings(document):
        yield Past(
            rule=_text(rule["id"]),
            title=_both(rule["title"]),
            resource=_text(finding["resource"]),
            reason=_both(finding["reason"]),
            place=_text(finding["place"]),
            result=result,
            since=_day(finding.get("since") or day.isoformat()),  # absent before there was a trend
            subject=subject(rule, finding["resource"]),
        )


def _hidden(document: Plain) -> Iterator[Past]:
    """Older findings that it could not look at: they are kept while anything is unseen."""
    trend = document.get("trend")
    if not trend or not document["source"]["unseen"]:
        return
    for gone in trend["gone"]:
        if gone["change"] == Change.UNJUDGED:
            yield Past(
                rule=_text(gone["rule"]),
                title=_both(gone["title"]),
                resource=_text(gone["resource"]),
                reason=_both(gone["reason"]),
                place=_text(gone["place"]),
                result=Result(gone["result"]),
                since=_day(gone["since"]),
                subject=_text(gone["subject"]),
            )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{json.dumps(value)[:80]} is no text")
    return value


def _both(value: Any) -> Plain:
    return {language: _text(value[language]) for language in ("zh", "en")}


def _day(value: Any) -> str:
    return date.fromisoformat(_text(value)).isoformat()
