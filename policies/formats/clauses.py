"""The report by clauses: which family has which results, and what of every clause was looked at.

A clause that nobody looked at must stand out from one that was found to be met, so every clause of
the report has a place here: with the worst that its rules said, or why they said nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from hospital.rule import Plain, Text
from policies.coverage import Status
from policies.formats.reading import WORDS, Document, Result, findings_of, passed, rules_of
from policies.records import Standing

NOT_SHOWN = Standing.NOT_SHOWN
UNCOVERED = Status.NOT_COVERED
STANDINGS: Mapping[str, Text] = {
    **{result: WORDS[result] for result in Result},
    NOT_SHOWN: WORDS[NOT_SHOWN],
    UNCOVERED: Text("未覆盖", "not covered"),
}
"""What can be said of a clause after a run, the worst first and what nobody looked at last."""
COVERAGE = {
    Status.AUTOMATIC: Text("自动", "automatic"),
    Status.PARTIAL: Text("部分", "partial"),
    Status.ATTESTED: Text("凭记录", "attested"),
    Status.NOT_COVERED: Text("未覆盖", "not covered"),
}
IN_PART = Text("所见符合", "passed in part")
_WORST = (Result.REFUSED, Result.ADVISED, Result.WAIVED, Result.PASSED, Result.NOT_APPLICABLE)

FAMILIES: Mapping[str, Text] = {
    "GB/T 22239-2019": Text("等保：其他要求", "classified protection: other"),
    "GB/T 22239-2019 8.1.2": Text("等保：安全通信网络", "classified protection: networks"),
    "GB/T 22239-2019 8.1.3": Text("等保：安全区域边界", "classified protection: borders"),
    "GB/T 22239-2019 8.1.4": Text("等保：安全计算环境", "classified protection: computing"),
    "GB/T 22239-2019 8.1.5": Text("等保：安全管理中心", "classified protection: management centre"),
    "GB/T 22239-2019 8.1.9": Text("等保：安全建设管理", "classified protection: construction"),
    "GB/T 22239-2019 8.1.10": Text("等保：安全运维管理", "classified protection: operations"),
    "GB/T 22239-2019 8.2.1": Text("等保云扩展：物理环境", "cloud extension: rooms"),
    "GB/T 22239-2019 8.2.2": Text("等保云扩展：通信网络", "cloud extension: networks"),
    "GB/T 22239-2019 8.2.3": Text("等保云扩展：区域边界", "cloud extension: borders"),
    "GB/T 22239-2019 8.2.4": Text("等保云扩展：计算环境", "cloud extension: computing"),
    "GB/T 22239-2019 8.2.5": Text("等保云扩展：管理中心", "cloud extension: management centre"),
    "GB/T 22239-2019 8.2.6": Text("等保云扩展：建设管理", "cloud extension: construction"),
    "GB/T 22239-2019 8.2.7": Text("等保云扩展：运维管理", "cloud extension: operations"),
    "GB/T 39786-2021": Text("密评：通用要求", "cryptography: in general"),
    "GB/T 39786-2021 8.1": Text("密评：物理和环境", "cryptography: rooms"),
    "GB/T 39786-2021 8.2": Text("密评：网络和通信", "cryptography: networks"),
    "GB/T 39786-2021 8.3": Text("密评：设备和计算", "cryptography: devices"),
    "GB/T 39786-2021 8.4": Text("密评：应用和数据", "cryptography: applications and data"),
    "GB/T 39786-2021 8.5": Text("密评：管理制度", "cryptography: rules of management"),
    "GB/T 39786-2021 8.6": Text("密评：人员管理", "cryptography: people"),
    "GB/T 39786-2021 8.7": Text("密评：建设运行", "cryptography: construction"),
    "GB/T 39786-2021 8.8": Text("密评：应急处置", "cryptography: emergencies"),
    "GB/T 20988-2025": Text("灾难恢复", "disaster recovery"),
    "GB/T 39725-2020": Text("健康医疗数据安全", "health data"),
    "国卫规划发〔2022〕29号": Text("医疗卫生机构网络安全", "cybersecurity of medical institutions"),
    "安全可靠测评工作指南（试行）": Text("信创", "domestic products"),
    "互联网医院管理办法（试行）": Text("互联网医院", "Internet hospitals"),
    "RFC 1918": Text("私有地址", "private addresses"),
    "行业实践": Text("行业实践（非标准）", "practice, in no standard"),
}
"""Our short words for families of clauses, documents in the order of a report."""

_NUMBERED = re.compile(r"^(?P<document>.+) (?P<place>\d+(?:\.\d+){0,2})(?:\.\d+)*(?: [a-z])?$")


class Heat(NamedTuple):
    """One row of the heat map: a family of clauses and how often each result was given."""

    family: str
    title: Text
    counts: Mapping[Result, int]


class Covered(NamedTuple):
    """A clause of the report: how far rules cover it, and what this run says of it."""

    clause: str
    title: Plain
    status: Status
    reason: Plain
    rules: tuple[str, ...]
    standing: str  # of STANDINGS

    @property
    def place(self) -> str:
        """The clause within its family: ``2 a`` of ``8.1.4.2 a``."""
        return self.clause.removeprefix(clause_family(self.clause)).lstrip(". ") or self.clause

    @property
    def word(self) -> Text:
        """What this run says of it: a clause that is seen in part never simply passed."""
        in_part = (self.status, self.standing) == (Status.PARTIAL, Result.PASSED)
        return IN_PART if in_part else STANDINGS[self.standing]


class Group(NamedTuple):
    """A family of clauses with its clauses."""

    family: str
    title: Text
    clauses: list[Covered]


def clause_family(clause: str) -> str:
    """``GB/T 22239-2019 8.1.4`` of ``… 8.1.4.2 a``: the document and at most three numbers.

    A clause whose numbers have no words of ours belongs to its document, an unknown one to itself.
    """
    found = _NUMBERED.match(clause)
    family = f"{found['document']} {found['place']}" if found else clause
    if family in FAMILIES:
        return family
    return next((known for known in FAMILIES if clause.startswith(f"{known} ")), family)


def heat_map(rules: Iterable[Plain]) -> Iterator[Heat]:
    """A row per family of clauses, sorted. A rule counts once in each family that it names."""
    counts: dict[str, Counter[Result]] = {}
    for rule in rules:
        for family in {clause_family(clause) for clause in rule["clauses"]}:
            counts.setdefault(family, Counter()).update(_tally(rule))
    for family in sorted(counts, key=_by_place):
        yield Heat(family, _title(family), {result: counts[family][result] for result in Result})


def groups(document: Document) -> list[Group]:
    """The report's clauses by family, in its order."""
    said = _said(document)
    covered = [
        Covered(
            item["clause"],
            item["title"],
            Status(item["status"]),
            item["reason"],
            tuple(item["rules"]),
            _standing(item, said),
        )
        for item in document.get("coverage", ())
    ]
    ordered = sorted(covered, key=lambda item: _by_place(clause_family(item.clause)))
    by_family = groupby(ordered, key=lambda item: clause_family(item.clause))
    return [Group(family, _title(family), list(clauses)) for family, clauses in by_family]


def matrix(found: Iterable[Group]) -> dict[Status, Mapping[str, int]]:
    """How many clauses there are of each coverage, by what this run says of them."""
    clauses = [clause for group in found for clause in group.clauses]
    counts = Counter((clause.status, clause.standing) for clause in clauses)
    return {
        status: {standing: counts[status, standing] for standing in STANDINGS} for status in Status
    }


def _said(document: Document) -> dict[str, set[Result]]:
    """Every result that a rule, or the records, gave for each clause."""
    said: dict[str, set[Result]] = {}
    for rule in rules_of(document):
        results = {result for result, count in _tally(rule).items() if count}
        for clause in rule["clauses"]:
            said.setdefault(clause, set()).update(results)
    return said


def _standing(item: Plain, said: Mapping[str, set[Result]]) -> str:
    results = said.get(item["clause"], set())
    worst = next((result for result in _WORST if result in results), None)
    if worst is not None:
        return worst
    return NOT_SHOWN if item["status"] == Status.ATTESTED else UNCOVERED


def _tally(rule: Plain) -> Counter[Result]:
    """How often one rule gave each result: per finding, per resource that passed, or not at all."""
    tally = Counter(found.result for found in findings_of(rule))
    tally[Result.PASSED] = passed(rule)
    tally[Result.NOT_APPLICABLE] = int(rule["notApplicable"] is not None)
    return tally


def _title(family: str) -> Text:
    return FAMILIES.get(family, Text("", ""))


def _by_place(family: str) -> tuple[int, list[tuple[int, str]]]:
    """Documents in our order, then by number: 8.1.4 before 8.1.10."""
    known = [*FAMILIES]
    documents = [name for name in known if family == name or family.startswith(f"{name} ")]
    first = known.index(documents[0]) if documents else len(known)
    parts = re.split(r"(\d+)", family)
    return first, [(int(part), "") if part.isdecimal() else (0, part) for part in parts]
