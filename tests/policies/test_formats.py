"""The report in other people's formats: nothing lost, nothing executed, always the same bytes."""

from __future__ import annotations

import csv
import html
import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from time import process_time
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
import typer
from jsonschema.validators import validator_for
from typer.testing import CliRunner

from console.audit import audit
from console.inspection import declared
from hospital.rule import (
    Clause,
    Facts,
    Kind,
    Level,
    Resource,
    Rule,
    Severity,
    Text,
)
from policies.coverage import catalogue, coverage
from policies.earlier import read
from policies.formats import junit, oscal, page, sarif, table
from policies.formats.files import FORMATS
from policies.formats.reading import findings, legible, rules_of
from policies.judgement import judge
from policies.profiles import named, select, summary
from policies.records import Attestation, Attested, Standing, attested, not_shown
from policies.report import Source, document
from policies.rules import FoundRule, all_rules
from policies.trend import compared

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(__file__).parent / "schemas"
TODAY = date(2026, 11, 23)
WAIVER = {
    "rule": "second_site",
    "reason": "迁移中",
    "owner": "王主任",
    "until": "2026-12-31",
    "control": "每日备份",
}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1+1",
    "\t=1",
    "\r=1",
    "]]>",
    "{0} {braces}",
    "null\x00 bell\x07 escape\x1b[2J",
    "lone surrogate \ud800",
    "not a character \uffff",
    "new\nline",
    "[click](http://x)",
    "&amp; 杏林",
    "abc\u202egnp.exe",
    "isolate\u2067d",
    "ئۇيغۇر\u200fchinese",
    'a,b;"c"',
)


def lacking(resource: Resource, facts: Facts) -> Iterator[Text]:
    for reason in resource.inputs["reasons"]:
        yield Text(f"缺少{reason}", f"lacks {reason}")


def broken(resource: Resource, facts: Facts) -> Iterator[Text]:
    raise TypeError("nobody {foresaw} this")


MANDATORY = FoundRule(
    "kubernetes",
    Rule(
        id="second_site",
        clauses=(
            Clause("GB/T 22239-2019", "8.1.10.2"),
            Clause("GB/T 22239-2019", "8.1.4.2 a"),
            Clause("国卫规划发〔2022〕29号", "第18–22条"),
        ),
        level=Level.MANDATORY,
        severity=Severity.CRITICAL,
        kinds=(Kind.WORKLOAD,),
        title=Text("有备用站点", "A second site"),
        remedy=Text("声明备用站点", "declare a standby"),
        waived_by=Text("院长", "the president"),
    ),
    lacking,
)


def variant(rule_id: str, **changed: Any) -> FoundRule:
    check = changed.pop("check", lacking)
    return FoundRule("mlps", replace(MANDATORY.rule, id=rule_id, **changed), check)


RULES = (
    MANDATORY,
    variant("advised", level=Level.ADVISORY, severity=Severity.LOW),
    variant("absent", kinds=(Kind.BUCKET,), clauses=(Clause("GB/T 39786-2021", "8.4 e"),)),
    variant("broken", kinds=(Kind.PLAN,), check=broken),
)


def workload(
    name: str, *reasons: str, waivers: tuple[dict[str, str], ...] = (), place: str = ""
) -> Resource:
    inputs = {"workload": {"waivers": waivers}, "reasons": reasons}
    return Resource(Kind.WORKLOAD, name, inputs, place=place)


def told(*resources: Resource, rules: tuple[FoundRule, ...] = RULES, **seen: Any) -> dict[str, Any]:
    source = Source("manifests", "deploy/", **seen)
    return document(judge(rules, resources, today=TODAY), resources, source=source)


@cache
def estate(path: str) -> dict[str, Any]:
    inspected = declared(ROOT / path)
    judgement = judge(all_rules(), inspected.resources, today=TODAY)
    return document(
        judgement,
        inspected.resources,
        source=inspected.source,
        records=not_shown(catalogue()),
        covered=coverage(),
    )


@cache
def everything() -> dict[str, Any]:
    """One of each: refused, waived, advised, passed, absent, failed, unseen, skipped, void."""
    return told(
        *(workload(f"w{number}-{name}", name) for number, name in enumerate(HOSTILE)),
        *(workload(name, "owner") for name in HOSTILE),
        workload("waived", "owner", waivers=(WAIVER,)),
        workload("twice", "owner", "owner", place="deploy/a b.yaml:12"),
        workload("good"),
        workload("void", waivers=(WAIVER | {"rule": "no_such_rule"},)),
        Resource(Kind.PLAN, "clinical", {"plan": {}}),
        unseen=("site <one>", "=cmd()"),
        skipped=("values.yaml:1: no kind",),
    )


def many() -> dict[str, Any]:
    return told(*(workload(f"w-{number}", "owner") for number in range(1000)))


def attestation(clause: str, evidence: str, **changed: Any) -> Attestation:
    """A record that is valid on the day of these tests."""
    day = timedelta(days=1)
    made = Attestation(clause, "测评报告", "李工", TODAY - day, TODAY + day, evidence)
    return replace(made, place="a b.yaml:7", **changed)


def reported(records: tuple[Attested, ...]) -> dict[str, Any]:
    """Nothing wrong but what records say, by a profile."""
    chosen = named("等保二级")
    profile = summary(chosen, select(chosen, all_rules(), entries=catalogue()))
    source = Source("declaration", "x.yaml", "lab")
    resources = (workload("good"),)
    judgement = judge(RULES, resources, today=TODAY)
    return document(judgement, resources, source=source, records=records, profile=profile)


@cache
def recorded() -> dict[str, Any]:
    """Records of every standing."""
    past, coming = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
    found = (
        attestation("GB/T 22239-2019 8.1.9.9", "valid.pdf"),
        attestation("GB/T 39786-2021 8.5 a", "valid.pdf"),
        attestation("GB/T 39786-2021 8.5 a", "lapsed.pdf", until=past),
        attestation("GB/T 39786-2021 8.5 b", "changed.pdf", sha256="1" * 64, found="2" * 64),
        attestation("GB/T 39786-2021 8.5 c", "coming.pdf", since=coming),
        attestation("GB/T 22239-2019 8.1.4.9 c", "void.pdf"),
        *(
            attestation("GB/T 39786-2021 8.6 c", name, title=name, owner=name, until=past)
            for name in HOSTILE
        ),
    )
    return reported(attested(found, catalogue(), today=TODAY))


def unrecorded() -> dict[str, Any]:
    return reported(not_shown(catalogue()))


@cache
def trended() -> dict[str, Any]:
    """Everything, some days after a report that lacked a part of it and had other findings."""
    before = told(
        workload("w0-mended", "owner"),
        workload("good", "owner"),
        workload("twice", "owner", "level"),
        *(workload(name, "lost") for name in HOSTILE),
        unseen=("site",),
    )
    before["date"] = "2026-11-20"
    return compared(everything(), read(compared(before, None)))


Make = Callable[[], dict[str, Any]]

DOCUMENTS: dict[str, Make] = {
    "abroad": lambda: estate("tests/policies/estates/abroad.yaml"),
    "lab": lambda: estate("stacks/estates/lab.yaml"),
    "everything": everything,
    "nothing": told,
    "trended": trended,
    "many": many,
    "recorded": recorded,
    "unrecorded": unrecorded,
}

each_document = pytest.mark.parametrize(
    "make", [pytest.param(make, id=name) for name, make in DOCUMENTS.items()]
)
each_format = pytest.mark.parametrize("name", FORMATS)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")))


def results(report: Mapping[str, Any]) -> Counter[str]:
    return Counter(found.result.value for found in findings(report))


class Reader(HTMLParser):
    """The tags of a page, and its text as a person reads it."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.classes: Counter[str] = Counter()
        self.loads: list[str] = []
        self.words: list[str] = []
        self.feed(content.decode())
        self.text = " ".join(self.words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags[tag] += 1
        self.classes[found.get("class") or ""] += 1
        self.loads += [found[key] or "" for key in ("src", "href") if key in found]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_formats_are_sorted_by_file_name() -> None:
    assert list(FORMATS) == sorted(FORMATS)


def test_an_audit_writes_every_file_names_it_and_keeps_its_json_clean(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(audit)
    path = ROOT / "tests" / "policies" / "estates" / "abroad.yaml"
    place = tmp_path / "audit"
    arguments = ["--estate", str(path), "--output", str(place), "--json", "--on", str(TODAY)]
    answer = CliRunner().invoke(app, arguments)
    assert answer.exit_code == 1
    written = {"audit.json", "evidence.json", *FORMATS}
    assert {each.name for each in place.iterdir()} == written
    report = json.loads(answer.stdout)
    assert json.loads((place / "audit.json").read_text(encoding="utf-8")) == report
    for name, render in FORMATS.items():
        assert (place / name).read_bytes() == render(report)
        assert str(place / name) in answer.stderr


@each_format
@each_document
def test_the_same_document_gives_the_same_bytes(make: Make, name: str) -> None:
    again = json.loads(json.dumps(make()))
    assert FORMATS[name](make()) == FORMATS[name](again)


def test_all_formats_of_a_thousand_findings_take_a_second_or_two() -> None:
    report = many()
    began = process_time()
    for render in FORMATS.values():
        render(report)
    assert process_time() - began < 2


@each_format
def test_a_format_leaves_the_document_as_it_was(name: str) -> None:
    before = json.dumps(everything())
    FORMATS[name](everything())
    assert json.dumps(everything()) == before


@each_document
def test_every_format_counts_the_same_findings(make: Make) -> None:
    found = make()
    counts = found["counts"]
    expected = {"refused": counts["mandatory"], "waived": counts["waived"]}
    expected |= {"advised": counts["advisory"]}
    expected = {result: number for result, number in expected.items() if number}
    assert results(found) == expected
    assert counted_in_sarif(found) == expected
    assert counted_in_oscal(found) == expected
    assert counted_in_table(found) == expected
    assert counted_on_page(found) == expected
    root = ElementTree.fromstring(junit.render(found))
    assert len(root.findall(".//failure")) == counts["mandatory"]
    unshown = [each for each in found["records"] if each["status"] == Standing.NOT_SHOWN]
    skipped = counts["rulesNotApplicable"] + len(found["source"]["skipped"]) + len(unshown)
    assert len(root.findall(".//testcase/skipped")) == skipped


def counted_in_sarif(report: dict[str, Any]) -> Counter[str]:
    def result(item: dict[str, Any]) -> str:
        if item["suppressions"]:
            return "waived"
        return {"error": "refused", "warning": "advised"}[item["level"]]

    return Counter(result(item) for item in run(report)["results"] if item.get("kind") is None)


def counted_in_oscal(report: dict[str, Any]) -> Counter[str]:
    (result,) = json.loads(oscal.render(report))["assessment-results"]["results"]
    observed = [
        item["props"][0]["value"] for item in result.get("observations", ()) if "subjects" in item
    ]
    assert len(result.get("risks", ())) == len(observed)
    return Counter(observed)


def counted_in_table(report: dict[str, Any]) -> Counter[str]:
    names = {"不符合": "refused", "已豁免": "waived", "提示": "advised"}
    first = {f"{rule['id']} {rule['title']['zh']}": rule["clauses"][0] for rule in rules_of(report)}
    return Counter(
        names[row["结果"]]
        for row in rows(table.render(report))
        if row["结果"] in names and row["条款"] == first[row["规则"]]
    )


def counted_on_page(report: dict[str, Any]) -> Counter[str]:
    classes = Reader(page.render(report)).classes
    tags = {result: classes[f"tag {result} w1"] for result in ("refused", "waived", "advised")}
    return Counter({result: number for result, number in tags.items() if number})


def schema(name: str) -> Any:
    """Python's expressions know no ``\\p``: letters and numbers are said in its own way."""
    text = (SCHEMAS / name).read_text(encoding="utf-8")
    text = text.replace(r"\\p{L}", r"[^\\W\\d_]").replace(r"\\p{N}", r"\\d")
    found = json.loads(text)
    return validator_for(found)(found)


def test_the_schemas_are_the_published_ones() -> None:
    page = (SCHEMAS / "README.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([\w.-]+)` .* `([0-9a-f]{64})` \|$", page, re.MULTILINE))
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in SCHEMAS.glob("*.json")}
    assert told == found


@each_document
def test_the_published_sarif_schema_accepts_what_we_write(make: Make) -> None:
    errors = schema("sarif-schema-2.1.0.json").iter_errors(json.loads(sarif.render(make())))
    assert [(error.json_path, error.message) for error in errors] == []


@each_document
def test_the_published_oscal_schema_accepts_what_we_write(make: Make) -> None:
    validator = schema("oscal_complete_schema.json")
    errors = validator.iter_errors(json.loads(oscal.render(make())))
    assert [(error.json_path, error.message[:300]) for error in errors] == []


def test_the_schemas_refuse_what_is_wrong() -> None:
    log = json.loads(sarif.render(everything()))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not schema("sarif-schema-2.1.0.json").is_valid(log)
    told_wrongly = json.loads(oscal.render(everything()))
    told_wrongly["assessment-results"]["results"][0]["findings"][0]["target"]["target-id"] = "a b"
    assert not schema("oscal_complete_schema.json").is_valid(told_wrongly)


def run(report: dict[str, Any]) -> dict[str, Any]:
    (only,) = json.loads(sarif.render(report))["runs"]
    return dict(only)


def test_sarif_says_everything_of_a_rule() -> None:
    rule = run(everything())["tool"]["driver"]["rules"][0]
    assert rule["shortDescription"]["text"] == "有备用站点 / A second site"
    assert "GB/T 22239-2019 8.1.4.2 a" in rule["fullDescription"]["text"]
    assert rule["help"]["text"] == "整改：声明备用站点\nRemedy: declare a standby"
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rule["properties"]["tags"][:2] == ["kubernetes", "GB/T 22239-2019 8.1.10.2"]


def test_sarif_results_point_at_their_rule_and_at_file_and_line() -> None:
    told_run = run(everything())
    rules = told_run["tool"]["driver"]["rules"]
    assert all(rules[item["ruleIndex"]]["id"] == item["ruleId"] for item in told_run["results"])
    places = [item["locations"][0] for item in told_run["results"]]
    place = next(place for place in places if "physicalLocation" in place)
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "deploy/a%20b.yaml"},
        "region": {"startLine": 12},
    }
    assert all(place["logicalLocations"][0]["fullyQualifiedName"] for place in places)


def test_sarif_suppresses_what_is_waived_and_says_by_whom() -> None:
    suppressed = [item for item in run(everything())["results"] if item["suppressions"]]
    (suppression,) = suppressed[0]["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    for part in ("迁移中", "王主任", "2026-12-31"):
        assert part in suppression["justification"]


def test_sarif_fingerprints_hold_over_days_and_moved_lines_and_differ_between_findings() -> None:
    def prints(day: date, place: str) -> list[str]:
        resources = (workload("his", "owner", "level", place=place),)
        report = document(
            judge([MANDATORY], resources, today=day), resources, source=Source("manifests", "x")
        )
        return [item["partialFingerprints"]["xinglinFinding/v1"] for item in run(report)["results"]]

    assert prints(TODAY, "a.yaml:1") == prints(date(2027, 1, 1), "a.yaml:99")
    assert len(set(prints(TODAY, ""))) == 2


def test_sarif_makes_no_placeholder_and_no_link_of_a_name() -> None:
    texts = [item["message"]["text"] for item in run(everything())["results"]]
    assert any("{{0}} {{braces}}" in text for text in texts)
    assert not any(re.search(r"(?<!\{)\{(?!\{)", text) for text in texts)
    assert any("[click] (http://x)" in text for text in texts)


def test_sarif_calls_the_run_unsuccessful_when_something_was_unseen_or_a_rule_failed() -> None:
    (invocation,) = run(everything())["invocations"]
    assert invocation["executionSuccessful"] is False
    levels = Counter(item["level"] for item in invocation["toolExecutionNotifications"])
    assert levels == {"error": 3, "note": 1}  # two unseen and one rule that raised; one skipped
    (failed,) = [
        item for item in invocation["toolExecutionNotifications"] if "associatedRule" in item
    ]
    assert failed["associatedRule"] == {"id": "broken"}
    (void,) = invocation["toolConfigurationNotifications"]
    assert "no_such_rule" in void["message"]["text"]
    assert run(told(workload("good")))["invocations"][0]["executionSuccessful"] is True


def assessed(report: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(oscal.render(report))["assessment-results"])


def test_oscal_dates_come_from_the_document() -> None:
    found = assessed(everything())
    assert found["metadata"]["last-modified"] == "2026-11-23T00:00:00+08:00"
    assert found["results"][0]["start"] == "2026-11-23T00:00:00+08:00"
    assert found["import-ap"] == {"href": "#"}


def test_oscal_identifiers_are_of_version_5_unique_and_change_with_the_content() -> None:
    text = oscal.render(everything()).decode()
    owned = re.findall(r'"uuid": "([^"]+)"', text)
    assert {UUID(each).version for each in owned} == {5}
    assert len(owned) == len(set(owned))
    assert set(re.findall(r'"\w+-uuid": "([^"]+)"', text)) <= set(owned)
    other = oscal.render(told(workload("good"))).decode()
    assert not set(owned) & set(re.findall(r'"uuid": "([^"]+)"', other))


def test_oscal_reviews_every_clause_as_a_token_of_its_own() -> None:
    rules = estate("stacks/estates/lab.yaml")["rules"]
    clauses = {clause for rule in rules for clause in rule["clauses"]}
    assert len({oscal.control_id(clause) for clause in clauses}) == len(clauses)
    (selection,) = assessed(estate("stacks/estates/lab.yaml"))["results"][0]["reviewed-controls"][
        "control-selections"
    ]
    told_controls = {item["control-id"] for item in selection["include-controls"]}
    assert told_controls == {oscal.control_id(clause) for clause in clauses}


def test_oscal_is_satisfied_only_with_nothing_found_and_silent_of_what_was_not_judged() -> None:
    targets = {
        item["target"]["target-id"]: item["target"]["status"]
        for item in assessed(everything())["results"][0]["findings"]
    }
    assert {name: status["state"] for name, status in targets.items()} == {
        "second_site": "not-satisfied",
        "advised": "not-satisfied",
        "broken": "not-satisfied",
    }
    assert targets["advised"]["reason"] == "other"
    quiet = assessed(told(workload("good")))["results"][0]["findings"]
    assert {item["target"]["status"]["state"] for item in quiet} == {"satisfied"}


def test_oscal_risks_of_waived_findings_are_approved_deviations() -> None:
    risks = assessed(everything())["results"][0]["risks"]
    statuses = Counter(risk["status"] for risk in risks)
    assert statuses["deviation-approved"] == everything()["counts"]["waived"] == 1
    assert statuses["open"] == len(risks) - 1


def test_oscal_prose_is_markdown_that_makes_no_link_and_no_tag_of_a_name() -> None:
    observations = assessed(everything())["results"][0]["observations"]
    titles = [item["subjects"][0]["title"] for item in observations if "subjects" in item]
    assert r"Workload/\[click\](http://x)" in titles
    assert r"Workload/\<script\>alert(1)\</script\>" in titles
    assert "Workload/new line" in titles


def test_the_table_starts_with_the_mark_that_excel_asks_for_and_its_columns() -> None:
    content = table.render(everything())
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").split("\r\n")[0] == ",".join(table.COLUMNS)


def test_the_table_has_a_row_per_clause_rule_and_finding_or_says_that_it_complies() -> None:
    found = rows(table.render(everything()))
    outcomes = Counter((row["规则"].split(" ")[0], row["结果"]) for row in found)
    assert outcomes["second_site", "已豁免"] == 3
    assert outcomes["absent", "不适用"] == 1
    assert outcomes["", "未检查"] == 2
    assert outcomes["", "豁免无效"] == 1
    quiet = rows(table.render(told(workload("good"))))
    assert Counter(row["结果"] for row in quiet) == {"符合": 6, "不适用": 4}
    assert quiet[0]["判定对象"] == "共 1 个 / 1 judged"


def test_no_cell_of_the_table_begins_like_a_formula() -> None:
    cells = [cell for row in rows(table.render(everything())) for cell in row.values()]
    assert not [cell for cell in cells if re.match(r"[=+\-@＝＋－＠\t\r\n]", cell)]
    assert [table.guarded(cell) for cell in ("=1", "-", "a=1", "")] == ["'=1", "'-", "a=1", ""]


def test_hostile_places_are_guarded_in_the_table_too() -> None:
    report = told(workload("his", "owner", place="=cmd|' /C calc'!A0"))
    assert {row["位置"] for row in rows(table.render(report)) if row["结果"] == "不符合"} == {
        "'=cmd|' /C calc'!A0"
    }


def test_junit_fails_refused_rules_skips_absent_ones_and_errs_on_silence() -> None:
    root = ElementTree.fromstring(junit.render(everything()))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert cases["second_site"].find("failure") is not None
    assert cases["absent"].find("skipped") is not None
    assert cases["site <one>"].find("error") is not None
    assert cases["advised"].find("failure") is None
    assert "提示" in (cases["advised"].findtext("system-out") or "")
    assert "王主任" in (cases["second_site"].findtext("system-out") or "")


def test_junit_counts_test_cases_per_family_and_in_all() -> None:
    root = ElementTree.fromstring(junit.render(everything()))
    names = ("tests", "failures", "errors", "skipped")
    suites = {suite.get("name"): [suite.get(name) for name in names] for suite in root}
    assert suites["kubernetes"] == ["1", "1", "0", "0"]
    assert suites["mlps"] == ["3", "1", "0", "1"]
    assert suites["unseen"] == ["2", "0", "2", "0"]
    assert [root.get(name) for name in names] == ["8", "2", "2", "2"]
    assert {suite.get("timestamp") for suite in root} == {"2026-11-23T00:00:00"}


@each_document
def test_the_page_shows_every_finding(make: Make) -> None:
    text = Reader(page.render(make())).text
    for found in findings(legible(make())):
        assert found.finding["resource"] in text
        assert found.finding["reason"]["zh"] in text
        assert found.finding["reason"]["en"] in text


@each_document
def test_the_page_shows_every_rule_with_its_clauses(make: Make) -> None:
    text = Reader(page.render(make())).text
    for rule in make()["rules"]:
        assert rule["title"]["zh"] in text
        assert all(clause in text for clause in rule["clauses"])


def test_the_page_shows_who_answers_for_a_waiver_what_was_silent_and_what_is_void() -> None:
    text = Reader(page.render(everything())).text
    for part in (*WAIVER.values(), "site <one>", "values.yaml:1: no kind", "no_such_rule"):
        if part != WAIVER["rule"]:
            assert part in text


@each_document
def test_the_page_runs_nothing_and_loads_nothing(make: Make) -> None:
    content = page.render(make()).decode()
    found = Reader(content.encode())
    assert not found.tags.keys() & {"img", "link", "iframe", "object", "svg", "form", "base"}
    assert found.tags["script"] == found.tags["style"] == 1
    assert not re.search(r"<[^>]*\son\w+=", content)
    assert all(target.startswith("#") for target in found.loads)
    assert "@import" not in content
    assert "url(" not in content


def test_the_policy_of_the_page_admits_its_own_script_and_style_and_nothing_else() -> None:
    content = page.render(everything()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', content)
    rules = dict(part.split(" ", 1) for part in html.unescape(policy).split("; "))
    assert rules.pop("default-src") == rules.pop("base-uri") == rules.pop("form-action") == "'none'"
    for name, tag in (("script-src", "script"), ("style-src", "style")):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", content, re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert rules.pop(name) == f"'sha256-{digest}'"
    assert not rules
    assert 'style="' not in content


def test_the_page_of_nothing_found_says_so() -> None:
    text = Reader(page.render(told(workload("good")))).text
    assert "没有发现问题" in text
    assert "没有生效的豁免" in text


def test_the_page_links_only_to_sections_that_it_has() -> None:
    content = page.render(everything()).decode()
    ids = set(re.findall(r'id="([\w-]+)"', content))
    assert set(re.findall(r'href="#([\w-]+)"', content)) <= ids


def test_colours_of_the_page_can_be_read() -> None:
    style = page.render(everything()).decode().split("</style>")[0]
    pairs = re.findall(r"background:(#[0-9a-f]{6}); color:(#[0-9a-f]{6})", style)
    assert len(pairs) >= 19
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio of two colours."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@each_format
def test_hostile_names_are_readable_in_every_format(name: str) -> None:
    text = FORMATS[name](everything()).decode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\uffff]", text)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]|\\\\u20[26]", text)
    assert "ئۇيغۇر\u200fchinese" in text


def test_records_of_every_standing_are_in_the_documents_that_these_tests_render() -> None:
    found = {each["status"] for make in (recorded, unrecorded) for each in make()["records"]}
    assert found == set(Standing)


def test_a_clause_of_records_is_a_rule_of_the_family_records_in_every_list_of_rules() -> None:
    ids = {rule["id"]: rule for rule in rules_of(recorded()) if rule["family"] == "records"}
    assert ids["attestation-GB-T-22239-2019-8.1.9.9"]["findings"] == []
    levels = {rule["level"] for rule in ids.values()}
    assert levels == {"mandatory", "advisory"}
    told_rules = run(recorded())["tool"]["driver"]["rules"]
    assert ids.keys() <= {rule["id"] for rule in told_rules}
    cases = ElementTree.fromstring(junit.render(recorded())).findall(
        "./testsuite[@name='records']/testcase"
    )
    assert {case.get("name") for case in cases} == ids.keys()


def test_only_refused_records_fail_a_build_and_those_without_record_are_told() -> None:
    root = ElementTree.fromstring(junit.render(recorded()))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    failed = {name for name, case in cases.items() if case.find("failure") is not None}
    assert failed == {f"attestation-GB-T-39786-2021-8.{place}" for place in ("5-a", "5-b", "6-c")}
    assert "缺少" not in (cases["attestation-GB-T-39786-2021-8.5-c"].findtext("failure") or "")
    assert "须凭记录" in (cases["attestation-GB-T-39786-2021-8.5-c"].findtext("system-out") or "")
    assert "李工" in (cases["attestation-GB-T-22239-2019-8.1.9.9"].findtext("system-out") or "")


def test_refused_records_point_at_their_line_in_sarif() -> None:
    (changed,) = (
        item for item in run(recorded())["results"] if "changed.pdf" in item["message"]["text"]
    )
    assert changed["level"] == "error"
    assert changed["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}


def test_the_table_says_of_each_clause_who_shows_it_and_of_each_record_why_not() -> None:
    found = [row for row in rows(table.render(recorded())) if row["家族"] == "records"]
    by_clause = {row["条款"]: row for row in found}
    assert by_clause["GB/T 22239-2019 8.1.9.9"]["结果"] == "符合"
    assert "李工" in by_clause["GB/T 22239-2019 8.1.9.9"]["原因"]
    assert by_clause["GB/T 39786-2021 8.5 a"]["结果"] == "不符合"
    assert by_clause["GB/T 39786-2021 8.5 c"]["结果"] == "提示"
    beside = Counter(row["结果"] for row in rows(table.render(recorded())) if not row["条款"])
    assert beside == {"方案": 1, "记录不作数": 2}


def test_oscal_is_satisfied_by_valid_records_only() -> None:
    states = {
        item["target"]["target-id"]: item["target"]["status"]["state"]
        for item in assessed(recorded())["results"][0]["findings"]
        if item["target"]["target-id"].startswith("attestation-")
    }
    satisfied = {name for name, state in states.items() if state == "satisfied"}
    assert satisfied == {"attestation-GB-T-22239-2019-8.1.9.9"}
    assert len(states) > len(satisfied)


def test_the_page_shows_every_record_with_who_answers_and_until_when() -> None:
    text = Reader(page.render(recorded())).text
    for record in legible(recorded())["records"]:
        for part in (record["clause"], record["owner"], record["until"], record["evidence"]):
            assert part in text
        assert record["reason"]["zh"] in text


@each_format
def test_clauses_that_were_not_shown_are_in_every_format_and_pass_in_none(name: str) -> None:
    text = FORMATS[name](unrecorded()).decode()
    for record in unrecorded()["records"]:
        assert record["clause"] in text
    assert "attestation-" not in text


@each_format
def test_the_profile_is_named_in_every_format(name: str) -> None:
    assert "等保二级" in FORMATS[name](recorded()).decode()
    assert "等保二级" not in FORMATS[name](everything()).decode()


def test_runs_by_different_profiles_are_not_compared_by_code_scanning() -> None:
    assert run(recorded())["automationDetails"]["id"] == "xinglin/audit/lab/mlps2/2026-11-23"
    assert run(everything())["automationDetails"]["id"] == "xinglin/audit/manifests/2026-11-23"


@each_format
def test_what_came_stayed_and_went_is_in_every_format(name: str) -> None:
    text = FORMATS[name](trended()).decode()
    assert "2026-11-20" in text
    for word in ("lacks lost", "w0-mended"):
        assert word in text
    assert "2026-11-20" not in FORMATS[name](everything()).decode()


def test_the_table_says_of_a_finding_what_became_of_it_and_since_when() -> None:
    found = rows(table.render(trended()))
    stayed = [
        row for row in found if row["判定对象"] == "Workload/twice" and row["规则"][:1] == "s"
    ]
    assert {(row["变化"], row["首见"]) for row in stayed} == {
        ("仍存在", "2026-11-20"),
        ("新增", "2026-11-23"),
    }
    beside = Counter(row["结果"] for row in found if not row["条款"])
    changes = trended()["trend"]["counts"]
    assert beside["变化"] == 1
    assert beside["已整改"] == changes["mended"] > 0
    assert beside["本次未判定"] == changes["not judged"] > 0


def test_sarif_has_the_state_of_every_result_and_keeps_the_ones_that_are_gone() -> None:
    results = run(trended())["results"]
    counts = trended()["trend"]["counts"]
    states = Counter(item["baselineState"] for item in results)
    assert states == {
        "new": counts["new"] + counts["not judged before"],
        "unchanged": counts["open"],
        "absent": counts["mended"] + counts["not judged"],
    }
    gone = [item for item in results if item["baselineState"] == "absent"]
    kinds = Counter(item["kind"] for item in gone)
    assert kinds == {"pass": counts["mended"], "notApplicable": counts["not judged"]}
    assert {item["level"] for item in gone} == {"none"}
    assert {item["provenance"]["firstDetectionTimeUtc"] for item in gone} == {
        "2026-11-19T16:00:00Z"
    }
    assert not any("baselineState" in item for item in run(everything())["results"])


def test_the_page_lists_parameters_and_what_was_deferred_where_a_report_has_them() -> None:
    report = everything() | {
        "parameters": [{"name": "days", "value": 90, "default": 180, "rule": "log_kept"}],
        "deferred": [
            {
                "rule": "second_site",
                "resource": "Workload/<b>",
                "reason": {"zh": "无", "en": "none"},
            }
        ],
    }
    text = Reader(page.render(report)).text
    for part in ("days", "90", "180", "log_kept", "Workload/<b>"):
        assert part in text
    assert "parameters" not in Reader(page.render(everything())).text
