"""What only a record can show: who answers for a clause, by which evidence, from when until when.

No configuration says that a hospital was assessed this year. A record is the word of a person, so
it counts from its first to its last day, and only while its evidence is the file that was recorded.
Pure: plain values in, standings on one day out; the caller brings the digests of files. What must
never happen: a lapsed record, or a changed file, that counts as if it showed something.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hospital.rule import Text
from policies.coverage import Decidable, Entry


class Standing(StrEnum):
    """What a record is worth on one day, or that a clause lacks one."""

    VALID = "valid"
    LAPSED = "lapsed"  # its last day is over
    CHANGED = "changed"  # its evidence is no longer the file that was recorded
    MISSING = "missing"  # only a record can show the clause, and none does
    NOT_YET = "not yet"  # its first day is to come
    VOID = "void"  # configuration decides its clause
    NOT_SHOWN = "not shown"  # only a record can show the clause, and nobody brought any


JUDGED = frozenset({Standing.VALID, Standing.LAPSED, Standing.CHANGED, Standing.MISSING})
"""Standings that say something of a clause; the others say that nothing can be said by them."""
REFUSED = frozenset({Standing.LAPSED, Standing.CHANGED})


@dataclass(frozen=True, slots=True)
class Attestation:
    """A record as somebody wrote it."""

    clause: str  # "GB/T 22239-2019 8.1.9.9"
    title: str
    owner: str  # the person who answers for it
    since: date  # first day
    until: date  # last day
    evidence: str  # a file beside the records, or a document's number
    sha256: str = ""  # of the file, as recorded; "" if it was not
    found: str = ""  # of the file that is there; "" if there is none, or nothing to compare
    place: str = ""  # `file:line`


@dataclass(frozen=True, slots=True)
class Attested:
    """A clause, and what one record of it, or the want of one, amounts to."""

    entry: Entry
    standing: Standing
    reason: Text
    attestation: Attestation | None = None

    @property
    def refuses(self) -> bool:
        """Whether a gate stops at it."""
        return self.standing in REFUSED


def attested(
    attestations: Iterable[Attestation], entries: Iterable[Entry], *, today: date
) -> tuple[Attested, ...]:
    """What every record of ``entries`` is worth, and the clauses without; in their order."""
    by_clause: dict[str, list[Attestation]] = {}
    for attestation in attestations:
        by_clause.setdefault(attestation.clause, []).append(attestation)
    return tuple(
        found
        for entry in entries
        for found in _of(entry, by_clause.get(str(entry.clause), []), today)
    )


def not_shown(entries: Iterable[Entry]) -> tuple[Attested, ...]:
    """Every clause that only a record can show, where nobody brought records."""
    said = Text("须凭记录证明，未提供记录", "only a record can show it, and none was given")
    return tuple(
        Attested(entry, Standing.NOT_SHOWN, said)
        for entry in entries
        if entry.decidable is Decidable.ATTEST
    )


def numbers(found: Iterable[Attested]) -> tuple[int, int]:
    """How many clauses that only a record can show are shown, and how many are not.

    A clause is shown if a record of it is valid and none is refused.
    """
    items = [item for item in found if item.entry.decidable is Decidable.ATTEST]
    asked = {item.entry.clause for item in items}
    valid = {item.entry.clause for item in items if item.standing is Standing.VALID}
    shown = valid - {item.entry.clause for item in items if item.refuses}
    return len(shown), len(asked - shown)


def _of(entry: Entry, attestations: list[Attestation], today: date) -> Iterator[Attested]:
    found = [
        Attested(entry, *_worth(entry, attestation, today), attestation)
        for attestation in attestations
    ]
    yield from found
    if entry.decidable is Decidable.ATTEST and not any(item.standing in JUDGED for item in found):
        said = Text(
            "须凭记录证明，没有生效的记录", "only a record can show it, and none is in force"
        )
        yield Attested(entry, Standing.MISSING, said)


def _worth(entry: Entry, record: Attestation, today: date) -> tuple[Standing, Text]:
    title, owner, evidence = record.title, record.owner, record.evidence
    if entry.decidable is Decidable.AUTO:
        return Standing.VOID, Text(
            "该条款由配置判定，记录不作数",
            "configuration decides the clause: a record counts for nothing",
        )
    if record.found and record.found != record.sha256:
        return Standing.CHANGED, Text(
            f"“{title}”的证据 {evidence} 与登记的摘要不符（{owner}）",
            f"evidence {evidence} of '{title}' is not the file that was recorded ({owner})",
        )
    if record.until < today:
        return Standing.LAPSED, Text(
            f"“{title}”已于 {record.until} 到期（{owner}）",
            f"'{title}' lapsed on {record.until} ({owner})",
        )
    if today < record.since:
        return Standing.NOT_YET, Text(
            f"“{title}”自 {record.since} 起有效（{owner}）",
            f"'{title}' counts from {record.since} ({owner})",
        )
    return Standing.VALID, _valid(record)


def _valid(record: Attestation) -> Text:
    title, owner, until, evidence = record.title, record.owner, record.until, record.evidence
    unread = Text("", "")
    if record.sha256 and not record.found:
        unread = Text("（文件不在此处，未核对摘要）", " (not here: its digest was not checked)")
    return Text(
        f"“{title}”，{owner} 负责，至 {until}，证据 {evidence}{unread.zh}",
        f"'{title}', {owner} until {until}, evidence {evidence}{unread.en}",
    )
