"""``xinglin policy``: the rules, the clauses they cover, and what tells a cluster to ask them.

Reads this program only: no declaration, no hub, no network. The numbers of coverage are those of
``docs/policy-coverage.md``; both come from ``policies/coverage.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from console.fix import fix
from console.outcome import told
from policies.cel import admission_policies
from policies.coverage import Covered, Status, catalogue, coverage, documents, numbers
from policies.profiles import Profile, Selection, profiles, select, summary
from policies.report import plain_rule
from policies.rules import FoundRule, all_rules
from policies.webhook import configuration

app = typer.Typer(no_args_is_help=True, help="规则与条款 / the rules, and the clauses they cover.")

NARROWEST = len("GB/T 22239-2019")  # of the first column: a document's number stays in one line

AsJson = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]


app.command("fix")(fix)


@app.callback()
def about() -> None:
    """Rules and the clauses they cover."""


@app.command("rules")
def rules_command(*, as_json: AsJson = False) -> None:
    """List every rule: its family, clauses, level and gates.

    \b
    xinglin policy rules
    xinglin policy rules --json

    Exit codes: 0 listed, 2 a file among the rules is no rule.
    """
    with told():
        rules = all_rules()
    if as_json:
        _print({"schemaVersion": 1, "kind": "PolicyRules", "rules": [*map(_rule, rules)]})
        return
    head = ("规则 / rule", "条款 / clauses", "级别 / level", "关口 / gates")
    _show(head, map(_rule_row, rules))


@app.command("coverage")
def coverage_command(
    *,
    clauses: Annotated[
        bool, typer.Option("--clauses", help="Also every clause, with its rules and the reason.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Count the clauses that rules decide, look at in part, leave to records, or do not look at.

    \b
    xinglin policy coverage
    xinglin policy coverage --clauses
    xinglin policy coverage --json        the numbers and every clause

    Exit codes: 0 counted, whatever the numbers are, 2 a file among the rules is no rule.
    """
    with told():
        covered = coverage()
    if as_json:
        _print(_plain(covered))
        return
    counts = [(name, len(group), *numbers(group).values()) for name, group in _groups(covered)]
    _show(("文件 / document", "条款 / clauses", *Status), counts)
    if clauses:
        head = ("条款 / clause", "状态 / status", "规则 / rules", "理由 / reason")
        _show(head, map(_clause_row, covered))


@app.command("profiles")
def profiles_command(*, as_json: AsJson = False) -> None:
    """List the profiles for `xinglin audit --profile`, with their rules and clauses in numbers.

    \b
    xinglin policy profiles
    xinglin policy profiles --json        also the rules of each

    Exit codes: 0 listed, 2 a file among the rules is no rule.
    """
    with told():
        rules = all_rules()
    chosen = [(profile, select(profile, rules, entries=catalogue())) for profile in profiles()]
    if as_json:
        told_of = [_profile(*each) for each in chosen]
        _print({"schemaVersion": 1, "kind": "PolicyProfiles", "profiles": told_of})
        return
    head = ("方案 / profile", "规则 / rules", "条款 / clauses", "覆盖 / coverage")
    _show(head, [_profile_row(*each) for each in chosen])


@app.command("webhook")
def webhook_command(
    *,
    url: Annotated[
        str,
        typer.Option(help="Where `python -m policies.admission` listens: https://address:port."),
    ],
    ca: Annotated[
        Path,
        typer.Option(help="The authority of its certificate, PEM.", exists=True, dir_okay=False),
    ],
) -> None:
    """Print what tells a cluster to ask the third gate, as YAML.

    \b
    xinglin policy webhook --url https://10.1.0.1:9443 --ca ca.crt | kubectl apply -f -

    Exit codes: 0 printed, 2 usage.
    """
    if not url.startswith("https://"):
        raise typer.BadParameter("--url: an API server asks by https:// only")
    pem = ca.read_text(encoding="ascii", errors="replace")
    if "-----BEGIN CERTIFICATE-----" not in pem:
        raise typer.BadParameter("--ca: the file holds no PEM certificate")
    _print_yaml([configuration(url, pem)])


@app.command("admission-policies")
def admission_policies_command() -> None:
    """Print the rules that an API server can judge by itself, without the webhook, as YAML.

    \b
    xinglin policy admission-policies | kubectl apply -f -

    Exit codes: 0 printed.
    """
    _print_yaml(admission_policies())


def _groups(covered: Sequence[Covered]) -> list[tuple[str, list[Covered]]]:
    """The clauses of each document, and last all of them under the name ``all``."""
    names = [document.name for document in documents()]
    groups = [(name, [it for it in covered if it.entry.clause.document == name]) for name in names]
    return [*groups, ("all", list(covered))]


def _plain(covered: Sequence[Covered]) -> dict[str, Any]:
    *each, (_, everything) = _groups(covered)
    return {
        "schemaVersion": 1,
        "kind": "PolicyCoverage",
        "total": _numbers(everything),
        "documents": [{"document": name, **_numbers(group)} for name, group in each],
        "clauses": [*map(_clause, covered)],
    }


def _numbers(group: Sequence[Covered]) -> dict[str, Any]:
    return {"clauses": len(group), "counts": dict(numbers(group))}


def _rule(found: FoundRule) -> dict[str, Any]:
    return plain_rule(found.rule, family=found.family) | {"gates": list(found.rule.gates)}


def _clause(item: Covered) -> dict[str, Any]:
    entry = item.entry
    return {
        "document": entry.clause.document,
        "place": entry.clause.place,
        "title": entry.title.plain(),
        "levels": list(entry.levels),
        "decidable": entry.decidable,
        "status": item.status,
        "reason": item.reason.plain(),
        "rules": [rule.id for rule in item.rules],
        "gates": list(item.gates),
    }


def _rule_row(found: FoundRule) -> tuple[str, ...]:
    rule = found.rule
    name = f"{found.family}/{rule.id}\n{rule.title.zh}"
    return (name, "\n".join(map(str, rule.clauses)), rule.level, "\n".join(rule.gates))


def _profile(profile: Profile, selection: Selection) -> dict[str, Any]:
    ids = [found.rule.id for found in selection.rules]
    return {**summary(profile, selection), "ruleIds": ids}


def _profile_row(profile: Profile, selection: Selection) -> tuple[object, ...]:
    name = f"{profile.id}\n{profile.title.zh}\n{profile.title.en}"
    counts = [f"{count} {status}" for status, count in numbers(selection.covered).items()]
    return (name, len(selection.rules), len(selection.covered), "\n".join(counts))


def _clause_row(item: Covered) -> tuple[str, ...]:
    entry, reason = item.entry, item.reason
    name = f"{entry.clause}\n{entry.title.zh} / {entry.title.en}"
    rules = "\n".join(rule.id for rule in item.rules)
    return (name, item.status, rules, f"{reason.zh} / {reason.en}")


def _show(head: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    table = Table(box=SIMPLE_HEAD)
    for name in head:
        table.add_column(name, overflow="fold", min_width=NARROWEST if name == head[0] else None)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    Console().print(table)


def _print(report: dict[str, Any]) -> None:
    typer.echo(json.dumps(report, ensure_ascii=False, indent=2))


def _print_yaml(documents: Iterable[dict[str, Any]]) -> None:
    copies = json.loads(json.dumps(list(documents)))  # what is said twice is written twice
    typer.echo(yaml.safe_dump_all(copies, allow_unicode=True, sort_keys=False), nl=False)
