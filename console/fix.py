"""``xinglin policy fix``: what fixes make of Kubernetes manifests, in a directory of its own.

The manifests that were read stay as they are. Values are kept, comments and layout are not: each
object is written anew, and a diff says what changed. What no fix can put right is told.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from console.files import files
from console.outcome import Exit, told
from hospital.errors import DeclarationError, Problem
from hospital.rule import Resource
from policies import day
from policies.judgement import judge
from policies.remedy import repaired
from policies.rules import all_rules

OBJECTS, DIFF = "objects.yaml", "changes.diff"


@dataclass(frozen=True, slots=True)
class Repair:
    """One object before and after, and the rules whose fix was kept."""

    before: Resource
    after: Resource
    rules: tuple[str, ...]


def fix(
    path: Annotated[Path, typer.Argument(help="Manifests: a file, a directory, or -.")],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="New directory for the result.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Put right in manifests what can be put right without asking; the rest is told.

    Writes objects.yaml and changes.diff into a directory that is new or empty; PATH is not changed.

    \b
    xinglin policy fix deploy/ --output build/fixed
    helm template his ./chart | xinglin policy fix - --output build/fixed

    Exit codes: 0 nothing mandatory is left, 1 something is, 2 usage error or unreadable manifests.
    """
    today = day.today()
    with told():
        _must_be_empty(output)
        repairs = [
            Repair(each, *repaired(each, all_rules(), today=today))
            for each in files(path).resources
        ]
        left = judge(all_rules(), [each.after for each in repairs], today=today)
    _write(repairs, output)
    report = {
        "fixed": [
            {"object": each.before.id, "place": each.before.place, "rules": list(each.rules)}
            for each in repairs
            if each.rules
        ],
        "left": [
            {"object": one.resource.id, "rule": one.rule.id, "reason": one.reason.plain()}
            for one in left.findings
            if one.refuses
        ],
    }
    _show(report, as_json=as_json)
    raise typer.Exit(Exit.FAILED if report["left"] else Exit.OK)


def _must_be_empty(directory: Path) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        remedy = "name a directory that is new or empty"
        raise DeclarationError((Problem(str(directory), "--output", "is not empty", remedy),))


def _write(repairs: list[Repair], directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in (
        (OBJECTS, "---\n".join(_text(each.after) for each in repairs)),
        (DIFF, "".join(line for each in repairs for line in _diff(each))),
    ):
        (directory / name).write_text(text, encoding="utf-8")
        typer.echo(f"写入 / wrote {directory / name}", err=True)


def _text(resource: Resource) -> str:
    plain = json.loads(json.dumps(resource.inputs["object"]))  # of whatever kind of mapping it is
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)


def _diff(repair: Repair) -> Iterator[str]:
    before, after = (
        _text(each).splitlines(keepends=True) for each in (repair.before, repair.after)
    )
    where = f"{repair.before.id} ({repair.before.place})"
    return difflib.unified_diff(before, after, where, where)


def _show(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for each in report["fixed"]:
        typer.echo(f"✓ {each['object']}: {', '.join(each['rules'])}")
    for each in report["left"]:
        typer.echo(f"✗ {each['object']}: {each['rule']}: {each['reason']['en']}")
    typer.echo(f"修复 / fixed {len(report['fixed'])} · 剩余 / left {len(report['left'])}")
