"""One AdmissionReview: what an API server asks about an object, and what we answer. Pure.

Judged by the functions of preview and audit, as far as one object alone decides. A deletion is
never judged, nor is what leads to its end: finalizers must come off. What must never happen:
"allowed" because something could not be read. What is no review gets no answer, and the API server
does what the configuration says of a webhook that fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, TypeVar

from hospital.codec import decode, encode
from hospital.errors import DeclarationError
from hospital.estate import Waiver
from hospital.manifest import name_of
from hospital.rule import Facts, Gate, Plain, Text
from policies.intake import from_object
from policies.judgement import Finding, findings_in
from policies.rules import FoundRule, all_rules
from policies.wording import paragraph, title

API_VERSION = "admission.k8s.io/v1"
JUDGED = ("CREATE", "UPDATE")
FREE = ("DELETE", "CONNECT")
FORBIDDEN = 403
MOST_WARNINGS, LONGEST_WARNING = 20, 120  # of an answer; characters, as Kubernetes advises

WAIVERS = "xinglin.dev/waivers"  # annotation: JSON list with the fields of hospital.estate.Waiver
SIGNER = "pulumi"  # whose waivers count: the declaration was reviewed, others sign for themselves

_Part = TypeVar("_Part")


class MalformedError(ValueError):
    """This is no review that can be answered; the message says why, and quotes nothing of it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked; ``name`` is ``namespace/name``, for a log."""

    uid: str
    operation: str
    kind: str
    name: str
    user: str
    item: Plain | None  # the object; None where nothing is to be judged
    waivers: tuple[Plain, ...] = ()  # fields of ``hospital.estate.Waiver``


def admission_rules() -> tuple[FoundRule, ...]:
    """The rules that are asked at this gate."""
    return tuple(found for found in all_rules() if Gate.ADMISSION in found.rule.gates)


def read(document: Any) -> Request:
    """The request in an AdmissionReview as JSON gives it; MalformedError if it is none."""
    if not isinstance(document, dict) or document.get("kind") != "AdmissionReview":
        raise MalformedError("this is no AdmissionReview")
    if document.get("apiVersion") != API_VERSION:
        raise MalformedError(f"apiVersion is not {API_VERSION}")
    asked = _part(document, "request", dict)
    operation = _part(asked, "operation", str)
    if operation not in JUDGED + FREE:
        raise MalformedError(f"request.operation is none of {', '.join(JUDGED + FREE)}")
    user = _part(_part(asked, "userInfo", dict), "username", str)
    item = _object(asked) if operation in JUDGED else {}
    return Request(
        uid=_part(asked, "uid", str),
        operation=operation,
        kind=_part(_part(asked, "kind", dict), "kind", str),
        name="/".join(
            filter(None, (_word(asked, "namespace"), _word(asked, "name") or name_of(item)))
        ),
        user=user,
        item=item if operation in JUDGED and not _leaving(asked) else None,
        waivers=_waivers(item) if user == SIGNER else (),
    )


def findings(request: Request, rules: Iterable[FoundRule], *, today: date) -> tuple[Finding, ...]:
    """What the rules find in the object that is asked about, rule by rule.

    MalformedError if it is nested too deep to be looked at.
    """
    if request.item is None:
        return ()
    try:
        resource = from_object(request.item, waivers=request.waivers)
    except RecursionError as error:
        raise MalformedError("the object is nested too deep to be judged") from error
    return tuple(findings_in(rules, Facts(today, (resource,))))


def answer(request: Request, found: Sequence[Finding]) -> dict[str, Any]:
    """The AdmissionReview that goes back: refused with every reason, or allowed with warnings."""
    refusing = [finding for finding in found if finding.refuses]
    response: dict[str, Any] = {"uid": request.uid, "allowed": not refusing}
    if refusing:
        message = message_of(refusing)
        response["status"] = {"code": FORBIDDEN, "reason": "Forbidden", "message": message}
    warnings = warnings_of(finding for finding in found if not finding.refuses)
    if warnings:
        response["warnings"] = warnings
    return {"apiVersion": API_VERSION, "kind": "AdmissionReview", "response": response}


def message_of(found: Iterable[Finding]) -> str:
    """One paragraph per rule: its id, title and clauses, then reasons and remedy, zh and en."""
    by_rule = groupby(found, key=lambda finding: finding.rule)
    return "\n\n".join(f"{rule.id}: {title(rule)}\n{paragraph(*group)}" for rule, group in by_rule)


def warnings_of(found: Iterable[Finding]) -> list[str]:
    """Two lines per finding, zh and en, each short enough; the last says how many were left out."""
    lines = [
        _shortened(f"{finding.rule.id}: {line}")
        for finding in found
        for line in (_noted(finding).zh, _noted(finding).en)
    ]
    if len(lines) <= MOST_WARNINGS:
        return lines
    shown, left = lines[: MOST_WARNINGS - 2], (len(lines) - MOST_WARNINGS) // 2 + 1
    return [*shown, f"另有 {left} 项提示，见 xinglin audit", f"{left} more, see xinglin audit"]


def _noted(finding: Finding) -> Text:
    reason, waiver = finding.reason, finding.waiver
    if waiver is None:
        return reason
    until = waiver["until"]
    return Text(f"已豁免至 {until}：{reason.zh}", f"waived until {until}: {reason.en}")


def _shortened(text: str) -> str:
    line = " ".join(text.split())  # Kubernetes drops a warning that holds a control character
    return line if len(line) <= LONGEST_WARNING else f"{line[: LONGEST_WARNING - 1]}…"


def _part(holder: Plain, name: str, kind: type[_Part]) -> _Part:
    value = holder.get(name)
    if not isinstance(value, kind) or not value:
        raise MalformedError(f"{name} is absent or no {kind.__name__}")
    return value


def _optional(holder: Plain, name: str, kind: type[_Part]) -> _Part:
    """Like ``_part``; what is absent or null is empty."""
    return kind() if holder.get(name) is None else _checked(holder[name], name, kind)


def _word(holder: Plain, name: str) -> str:
    return _optional(holder, name, str)


def _checked(value: Any, name: str, kind: type[_Part]) -> _Part:
    if not isinstance(value, kind):
        raise MalformedError(f"{name} is no {kind.__name__}")
    return value


def _object(asked: Plain) -> Plain:
    item = _part(asked, "object", dict)
    _part(item, "kind", str)
    _part(item, "metadata", dict)
    return item


def _leaving(asked: Plain) -> bool:
    """Whether this is but a step of a deletion: content that changes holds until it is gone."""
    # The stored object decides: nobody but the API server can write its deletionTimestamp.
    old: Plain = _optional(asked, "oldObject", dict)
    metadata: Plain = _optional(old, "metadata", dict)
    deleted = asked["operation"] == "UPDATE" and "deletionTimestamp" in metadata
    return deleted and _content(old) == _content(asked["object"])


def _content(item: Plain) -> Plain:
    return {key: value for key, value in item.items() if key not in ("metadata", "status")}


def _waivers(item: Plain) -> tuple[Plain, ...]:
    """The waivers that the object carries; one that cannot be read waives nothing."""
    annotations: Plain = _optional(item.get("metadata", {}), "annotations", dict)
    text = annotations.get(WAIVERS, "[]")
    try:
        signed = decode(tuple[Waiver, ...], json.loads(text), where=WAIVERS)
    except (ValueError, TypeError, RecursionError, DeclarationError):
        return ()
    return tuple(encode(waiver) for waiver in signed)
