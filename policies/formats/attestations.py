"""Clauses that records were judged for, in the shape of rules: every format then shows them alike.

The rule is that the clause be shown. Records that count for nothing today, and clauses for which
nobody brought records, are no result: they are told beside the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from hospital.rule import Level, Plain, Severity
from policies.records import JUDGED, Standing

FAMILY = "records"
_SEPARATORS = re.compile(r"[^\w.]+")  # in a clause, that an identifier of OSCAL cannot hold
REMEDY = {
    "zh": "登记在有效期内的记录，写明责任人与证据",
    "en": "record evidence that is in force, and who answers for it",
}


def token(clause: str) -> str:
    """A clause as part of an identifier: letters and digits of any script, ``.``, ``-``, ``_``."""
    return _SEPARATORS.sub("-", clause).strip("-")


def as_rules(records: Iterable[Plain]) -> Iterator[Plain]:
    """A rule for every clause that ``records`` of the report say something of, in their order."""
    judged = (record for record in records if record["status"] in JUDGED)
    for clause, of in groupby(judged, key=lambda record: str(record["clause"])):
        yield _rule(clause, list(of))


def _rule(clause: str, records: list[Plain]) -> Plain:
    valid = [record for record in records if record["status"] == Standing.VALID]
    lacking = any(record["status"] == Standing.MISSING for record in records)  # the only one then
    return {
        "id": f"attestation-{token(clause)}",
        "family": FAMILY,
        "title": records[0]["title"],
        "clauses": [clause],
        "level": (Level.ADVISORY if lacking else Level.MANDATORY).value,
        "severity": Severity.MEDIUM.value,
        "remedy": REMEDY,
        "waivedBy": None,
        "judged": [_subject(record) for record in records],
        "judgedCount": len(records),
        "notApplicable": None,
        "findings": [_finding(record) for record in records if record not in valid],
        "shown": [record["reason"] for record in valid],
    }


def _finding(record: Plain) -> Plain:
    return {
        "resource": _subject(record),
        "reason": record["reason"],
        "waiver": None,
        "place": record["place"],
    } | {key: record[key] for key in ("since", "change") if key in record}


def _subject(record: Plain) -> str:
    return f"Record/{record['evidence']}" if record["evidence"] else f"Clause/{record['clause']}"
