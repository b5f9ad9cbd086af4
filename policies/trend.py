"""What changed since an earlier report: new, still there, mended, or not looked at this time.

Pure: two report documents in, one out. A finding is gone only if its rule judged the same resource
again and found nothing; what a silent site hides is "not judged", never "mended", and keeps the day
on which it was first seen. What must never happen: a report that reads as progress because less was
looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from hospital.rule import Text
from policies.earlier import Earlier, Judged, Past, judged, profile_of, subject
from policies.formats.reading import Change, Document, Found, findings
from policies.records import JUDGED, Standing

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def obstacle(document: Document, earlier: Earlier) -> Text | None:
    """Why the two must not be compared, or None: of what else, or by what else, one judged."""
    if earlier.date > date.fromisoformat(document["date"]):
        return Text(
            f"其日期 {earlier.date} 晚于 {document['date']}",
            f"it is of {earlier.date}, later than {document['date']}",
        )
    estate, profile = document["source"]["estate"], profile_of(document)
    if earlier.estate != estate:
        return Text(
            f"其判定范围是 {earlier.estate or '—'}，不是 {estate or '—'}",
            f"it judged estate '{earlier.estate}', not '{estate}'",
        )
    if earlier.profile != profile:
        return Text(
            f"其方案是 {earlier.profile or '全部规则'}，不是 {profile or '全部规则'}",
            f"it judged by {earlier.profile or 'all rules'}, not by {profile or 'all rules'}",
        )
    return None


def compared(document: Document, earlier: Earlier | None) -> dict[str, Any]:
    """``document`` with ``trend``, and with ``since`` and ``change`` at each of its findings."""
    told = _copied(document)
    found = list(findings(told))
    holders = [*_holders(told)]
    if earlier is None:
        for holder in holders:
            holder |= {"since": told["date"], "change": None}
        return told | {"trend": None}
    past, left = _paired(found, earlier.findings)
    changes = [_change(one, was, earlier) for one, was in zip(found, past, strict=True)]
    for holder, was, change in zip(holders, past, changes, strict=True):
        holder |= {"since": was.since if was else told["date"], "change": change.value}
    looked = judged(told)
    gone = [(one, _ending(one, looked)) for one in left]
    return told | {"trend": _trend(earlier, [*changes, *(change for _, change in gone)], gone)}


def _copied(document: Document) -> dict[str, Any]:
    """The report, with findings and records of its own."""
    return dict(document) | {
        "rules": [
            {**rule, "findings": [dict(finding) for finding in rule["findings"]]}
            for rule in document["rules"]
        ],
        "records": [dict(record) for record in document["records"]],
    }


def _trend(
    earlier: Earlier, changes: Iterable[Change], gone: list[tuple[Past, Change]]
) -> dict[str, Any]:
    counts = Counter(changes)
    return {
        "date": earlier.date.isoformat(),
        "verdict": earlier.verdict,
        "before": dict(earlier.counts),
        "counts": {change.value: counts[change] for change in Change},
        "gone": [
            {
                "rule": past.rule,
                "title": dict(past.title),
                "resource": past.resource,
                "reason": dict(past.reason),
                "place": past.place,
                "result": past.result.value,
                "since": past.since,
                "change": change.value,
                "subject": past.subject,
            }
            for past, change in gone
        ],
    }


def _paired(found: list[Found], past: Iterable[Past]) -> tuple[list[Past | None], list[Past]]:
    """For each finding the earlier one that it is, if any; and the earlier ones that are left.

    The same words first. Then, where a rule has one finding left on a resource and had one, the
    same words with other numbers: a lag that grew is the finding that it was.
    """
    left = list(past)
    pairs: list[Past | None] = [None] * len(found)
    for says, alone in ((str, False), (_without_numbers, True)):
        _pair(found, pairs, left, says=says, alone=alone)
    return pairs, left


def _pair(
    found: list[Found],
    pairs: list[Past | None],
    left: list[Past],
    *,
    says: Callable[[str], str],
    alone: bool,
) -> None:
    by_key: dict[tuple[str, str], list[Past]] = {}
    for past in left:
        by_key.setdefault(past.key, []).append(past)
    open_now = [number for number, pair in enumerate(pairs) if pair is None]
    keys = Counter(_key(found[number]) for number in open_now)
    taken: set[int] = set()
    for number in open_now:
        key = _key(found[number])
        candidates = by_key.get(key, [])
        if alone and (keys[key], len(candidates)) != (1, 1):
            continue
        words = says(found[number].finding["reason"]["en"])
        same = next((one for one in candidates if says(one.reason["en"]) == words), None)
        if same is not None:
            candidates.remove(same)
            taken.add(id(same))
            pairs[number] = same
    left[:] = [past for past in left if id(past) not in taken]


def _change(found: Found, was: Past | None, earlier: Earlier) -> Change:
    if was is None:
        looked = (found.rule["id"], subject(found.rule, found.finding["resource"]))
        return Change.NEW if looked in earlier.judged else Change.FIRST
    same = (was.result, was.reason["en"]) == (found.result, found.finding["reason"]["en"])
    return Change.OPEN if same else Change.CHANGED


def _ending(past: Past, looked: Judged) -> Change:
    return Change.MENDED if (past.rule, past.subject) in looked else Change.UNJUDGED


def _holders(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Where the report keeps each of its findings, in the order of ``reading.findings``."""
    for rule in document["rules"]:
        yield from rule["findings"]
    for record in document["records"]:
        if record["status"] in JUDGED and record["status"] != Standing.VALID:
            yield record


def _key(found: Found) -> tuple[str, str]:
    return found.rule["id"], found.finding["resource"]


def _without_numbers(reason: str) -> str:
    return _NUMBER.sub("#", reason)
