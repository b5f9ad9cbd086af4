"""How every format reads the report document: what a finding counts as, and in which words.

Decided once, so that five files cannot disagree. A clause that records were judged for is read as a
rule of the family ``records``. Names come from clusters and files that nobody vetted, so characters
that no XML, no page and no UTF-8 may hold, or that make others read in another order, are replaced
before any format sees them: a hostile name must never make a report unreadable, or read otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from hospital.rule import Level, Plain, Text
from policies.coverage import Status
from policies.formats.attestations import as_rules
from policies.records import JUDGED, Standing

Document = Mapping[str, Any]
"""The report of ``policies.report.document``."""

_ILLEGIBLE = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"  # XML 1.0 Char
    "|[\u202a-\u202e\u2066-\u2069]"  # reorder what follows; the marks of Uyghur or Arabic do not
)
_REPLACEMENT = "\ufffd"


class Result(StrEnum):
    """What a rule says of a resource, or of having none to judge."""

    REFUSED = "refused"
    WAIVED = "waived"
    ADVISED = "advised"
    PASSED = "passed"
    NOT_APPLICABLE = "not-applicable"


class Change(StrEnum):
    """What became of a finding since the report that this one is compared with."""

    NEW = "new"  # its rule judged the resource then, and found nothing
    FIRST = "not judged before"  # its rule did not judge the resource then
    CHANGED = "changed"  # it was there in other numbers, or with another result
    OPEN = "open"  # it was there, word for word
    MENDED = "mended"  # it was there; its rule judged the resource again and found nothing
    UNJUDGED = "not judged"  # it was there; its rule did not judge the resource again


GONE = (Change.MENDED, Change.UNJUDGED)


class Beside(StrEnum):
    """What a report tells that is no result of a rule."""

    PROFILE = "profile"
    TREND = "trend"
    MENDED = "finding-mended"
    UNJUDGED = "finding-not-judged"
    UNSEEN = "unseen"
    DEFERRED = "deferred"
    SKIPPED = "skipped"
    VOID_WAIVER = "void-waiver"
    VOID_RECORD = "void-record"
    NOT_SHOWN = "not-shown"


WORDS: Mapping[Result | Beside | Standing | Change, Text] = {
    Result.REFUSED: Text("不符合", "refused"),
    Result.WAIVED: Text("已豁免", "waived"),
    Result.ADVISED: Text("提示", "advised"),
    Result.PASSED: Text("符合", "passed"),
    Result.NOT_APPLICABLE: Text("不适用", "not applicable"),
    Beside.PROFILE: Text("方案", "profile"),
    Beside.TREND: Text("变化", "trend"),
    Beside.MENDED: Text("已整改", "mended"),
    Beside.UNJUDGED: Text("本次未判定", "not judged this time"),
    Beside.UNSEEN: Text("未检查", "unseen"),
    Beside.DEFERRED: Text("待判定", "deferred"),
    Beside.SKIPPED: Text("已略过", "skipped"),
    Beside.VOID_WAIVER: Text("豁免无效", "void waiver"),
    Beside.VOID_RECORD: Text("记录不作数", "record not counted"),
    Beside.NOT_SHOWN: Text("未出示", "not shown"),
    Standing.VALID: Text("有效", "valid"),
    Standing.LAPSED: Text("已到期", "lapsed"),
    Standing.CHANGED: Text("证据已变", "changed"),
    Standing.MISSING: Text("缺少", "missing"),
    Standing.NOT_YET: Text("尚未生效", "not yet"),
    Standing.VOID: Text("不作数", "void"),
    Standing.NOT_SHOWN: Text("未出示", "not shown"),
    Change.NEW: Text("新增", "new"),
    Change.FIRST: Text("首次判定", "judged for the first time"),
    Change.CHANGED: Text("有变化", "changed"),
    Change.OPEN: Text("仍存在", "still open"),
    Change.MENDED: Text("已整改", "mended"),
    Change.UNJUDGED: Text("本次未判定", "not judged this time"),
}
UNSEEN = {"zh": "未能查看，未作判定", "en": "could not be seen, not judged"}
SKIPPED = {"zh": "非 Kubernetes 对象，未判定", "en": "no Kubernetes object, not judged"}


class Found(NamedTuple):
    """A finding with the rule that made it and what it counts as."""

    rule: Plain
    finding: Plain
    result: Result


class Aside(NamedTuple):
    """Something told beside the rules: of what, and in both languages."""

    kind: Beside
    subject: str
    said: str


def legible(value: Any) -> Any:
    """``value`` with every character that a format could not hold replaced by U+FFFD."""
    if isinstance(value, str):
        return _ILLEGIBLE.sub(_REPLACEMENT, value)
    if isinstance(value, Mapping):
        return {legible(key): legible(item) for key, item in value.items()}
    if isinstance(value, list):
        return [legible(item) for item in value]
    return value


def rules_of(document: Document) -> list[Plain]:
    """The report's rules and, in the same shape, the clauses that records were judged for."""
    return [*document["rules"], *as_rules(document["records"])]


def findings(document: Document) -> Iterator[Found]:
    """Every finding of the report, in its order."""
    for rule in rules_of(document):
        yield from findings_of(rule)


def findings_of(rule: Plain) -> Iterator[Found]:
    """Every finding of one rule."""
    for finding in rule["findings"]:
        yield Found(rule, finding, _result(rule, finding))


def asides(document: Document) -> Iterator[Aside]:
    """The profile, the trend, what could not be seen, was skipped, or counts for nothing."""
    if document["profile"] is not None:
        yield _profile(document["profile"])
    if document.get("trend"):
        yield from _trend(document["trend"])
    for silent in document["source"]["unseen"]:
        yield Aside(Beside.UNSEEN, silent, both(UNSEEN))
    for waiting in document["deferred"]:
        subject = f"{waiting['rule']} {waiting['resource']}"
        yield Aside(Beside.DEFERRED, subject, both(waiting["reason"]))
    for skipped in document["source"]["skipped"]:
        yield Aside(Beside.SKIPPED, skipped, both(SKIPPED))
    for void in document["voidWaivers"]:
        yield Aside(Beside.VOID_WAIVER, void["resource"], both(void["reason"]))
    for record in document["records"]:
        if record["status"] not in JUDGED:
            absent = record["status"] == Standing.NOT_SHOWN
            kind = Beside.NOT_SHOWN if absent else Beside.VOID_RECORD
            subject = f"{record['clause']} {record['evidence']}".rstrip()
            yield Aside(kind, subject, both(record["reason"]))


def passed(rule: Plain) -> int:
    """How many resources the rule judged and found nothing wrong with."""
    failed = {finding["resource"] for finding in rule["findings"]}
    return sum(1 for resource in rule["judged"] if resource not in failed)


def both(text: Mapping[str, str]) -> str:
    """A text in Chinese, then English."""
    return f"{text['zh']} / {text['en']}"


def shown(rule: Plain) -> str:
    """What valid records show, where the rule is a clause that they were judged for; else ""."""
    return "；".join(both(reason) for reason in rule.get("shown", ()))


def waiver_words(waiver: Mapping[str, str]) -> str:
    """Who answers for it, why, until when and what is done instead."""
    return (
        "豁免：{reason}；{owner}，至 {until}；补偿措施：{control} / "
        "Waived: {reason}; {owner} until {until}; instead: {control}"
    ).format_map(waiver)


def since_words(finding: Plain) -> str:
    """What became of the finding since the earlier report, and when it was first seen; or ""."""
    if not finding.get("change"):
        return ""
    word = WORDS[Change(finding["change"])]
    return f"{word.zh}，首见 {finding['since']} / {word.en}, first seen {finding['since']}"


def trend_words(trend: Plain) -> str:
    """How many findings came, stayed and went since the report that is compared with."""
    counts = [(WORDS[change], trend["counts"][change]) for change in Change]
    zh = "，".join(f"{word.zh} {count}" for word, count in counts)
    en = ", ".join(f"{count} {word.en}" for word, count in counts)
    return f"与 {trend['date']} 的报告相比：{zh} / since the report of {trend['date']}: {en}"


def _trend(trend: Plain) -> Iterator[Aside]:
    yield Aside(Beside.TREND, trend["date"], trend_words(trend))
    for gone in trend["gone"]:
        kind = Beside.MENDED if gone["change"] == Change.MENDED else Beside.UNJUDGED
        told = f"{gone['rule']}, {gone['since']}"
        yield Aside(
            kind, gone["resource"], f"{both(WORDS[kind].plain())} ({told}): {both(gone['reason'])}"
        )


def _result(rule: Plain, finding: Plain) -> Result:
    if finding["waiver"] is not None:
        return Result.WAIVED
    return Result.REFUSED if rule["level"] == Level.MANDATORY else Result.ADVISED


def _profile(profile: Plain) -> Aside:
    counts = profile["counts"]
    zh = (
        f"仅判定此方案：{profile['rules']} 条规则，{profile['clauses']} 个条款"
        f"（自动 {counts[Status.AUTOMATIC]}，部分 {counts[Status.PARTIAL]}，"
        f"凭记录 {counts[Status.ATTESTED]}，未覆盖 {counts[Status.NOT_COVERED]}）"
    )
    covered = ", ".join(f"{count} {status}" for status, count in counts.items())
    en = f"only this profile: {profile['rules']} rules, {profile['clauses']} clauses ({covered})"
    return Aside(Beside.PROFILE, f"{profile['id']} {both(profile['title'])}", f"{zh} / {en}")
