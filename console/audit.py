"""``xinglin audit``: the rules on a declaration, a state, plain manifests or the live estate.

Exit codes: 0 nothing refused, 1 mandatory findings, 2 usage or declaration error, 3 the world, or
a part of it, did not answer. Findings that only advise, or are waived by name, are always shown and
never change the code.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Annotated, Any

import typer

from console.earlier import earlier_report, with_trend
from console.files import Inspected, files
from console.outcome import Exit, told
from hospital.rule import Plain
from policies import day
from policies.coverage import Entry, catalogue
from policies.judgement import judge
from policies.profiles import named, select, summary
from policies.records import Attested, not_shown
from policies.report import document
from policies.rules import all_rules

REPORT_NAME = "audit.json"
ENDS = {"passed": Exit.OK, "refused": Exit.FAILED, "incomplete": Exit.SILENT}


@contextmanager
def _uncollected() -> Iterator[None]:
    """Spare the command the collector of cycles.

    What is read and judged holds none, and the collector would look at all of it again and again:
    a tenth of an audit of a thousand objects.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def audit(
    *,
    estate: Annotated[
        Path | None,
        typer.Option(help="Declaration to judge; with --live, where the hubs answer."),
    ] = None,
    state: Annotated[Path | None, typer.Option(help="State from `pulumi stack export`.")] = None,
    manifests: Annotated[
        Path | None,
        typer.Option(help="Kubernetes YAML or JSON: a file, a directory, or - for standard input."),
    ] = None,
    look_live: Annotated[bool, typer.Option("--live", help="Judge what is really there.")] = False,
    survey: Annotated[
        Path | None,
        typer.Option(help="What `xinglin survey` saw."),
    ] = None,
    parameters: Annotated[
        Path | None,
        typer.Option(
            help="YAML with `parameters` and `waivers`, as in a declaration's `spec.policy`; "
            "for what has no declaration."
        ),
    ] = None,
    records: Annotated[
        Path | None,
        typer.Option(help="YAML of records: who shows, until when, what no rule can see."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="Judge by one profile: an id or name of `xinglin policy profiles`."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            help=f"Directory for {REPORT_NAME} and its HTML, SARIF, OSCAL, CSV and JUnit."
        ),
    ] = None,
    sign_with: Annotated[
        Path | None,
        typer.Option(help="Access directory whose evidence.key and sm2.key sign the output."),
    ] = None,
    as_pdf: Annotated[
        bool, typer.Option("--pdf", help="With --output: also audit.pdf, in some seconds.")
    ] = False,
    since: Annotated[
        Path | None,
        typer.Option(
            help=f"Earlier {REPORT_NAME} to compare with; default the one that --output replaces."
        ),
    ] = None,
    on: Annotated[str, typer.Option(help="Day of the judgement, YYYY-MM-DD; default today.")] = "",
) -> None:
    """Judge an estate by the rules: 信创, 等保, 密评, continuity, data.

    What is given together is judged as one.

    \b
    xinglin audit --estate stacks/estates/lab.yaml
    xinglin audit --live --output build/audit
    xinglin audit --state state.json --json
    xinglin audit --manifests deploy/
    helm template his ./chart | xinglin audit --manifests -
    xinglin audit --live --survey build/survey.json
    xinglin audit --profile mlps2 --records records.yaml
    xinglin audit --live --output build/audit --pdf --since last-month/audit.json

    Exit codes: 0 passed, 1 refused, 2 usage or declaration error, 3 the world did not answer.
    """
    if look_live and state is not None:
        raise typer.BadParameter("--live and --state are two views of one estate: ask one by one")
    if parameters is not None and (look_live or estate is not None):
        raise typer.BadParameter("--parameters: the declaration's own spec.policy is in force")
    if as_pdf and output is None:
        raise typer.BadParameter("--pdf goes with --output")
    today = _day(on)
    with told():
        formats = {} if output is None else _formats(as_pdf=as_pdf)
        replaced = None if output is None else output / REPORT_NAME
        earlier = earlier_report(since, replaced=replaced)
        chosen = None if profile is None else named(profile)
        selection = select(chosen, all_rules(), entries=catalogue())
        shown = _shown(records, selection.entries, today=today)
        inspected = _inspect(
            estate, state=state, manifests=manifests, look_live=look_live, survey=survey
        )
        said = inspected.policy if parameters is None else _policy(parameters)
        judgement = judge(selection.rules, inspected.resources, today=today, policy=said)
    report = document(
        judgement,
        inspected.resources,
        source=inspected.source,
        records=shown,
        profile=None if chosen is None else summary(chosen, selection),
        covered=selection.covered,
        policy=said,
    )
    with told():
        report = with_trend(report, earlier, named=since)
    if output is not None:
        # Not above: an audit that writes nothing need not wait for what seals.
        from console.sealing import digests, sealed  # noqa: PLC0415

        compared = since or (replaced if report["trend"] else None)
        inputs = digests((*inspected.read, parameters, records, compared))
        _write(report, output, formats=formats)
        with told():
            sealed(output, report, inputs=inputs, sign_with=sign_with)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        from console.verdict import show  # noqa: PLC0415  # draws, for people only

        show(report, judgement, records=shown)
    raise typer.Exit(ENDS[report["verdict"]])


def _inspect(
    estate: Path | None,
    *,
    state: Path | None,
    manifests: Path | None,
    look_live: bool,
    survey: Path | None,
) -> Inspected:
    """All that was asked for, judged as one."""
    if manifests is not None and not (estate or state or look_live or survey):
        return files(manifests)
    # Not above: they import the SDK of a cluster, four times as long as judging files takes.
    from console.desk import DECLARATION, sit_down  # noqa: PLC0415
    from console.inspection import declared, exported, joined, live, surveyed  # noqa: PLC0415

    found: list[Inspected] = []
    if look_live:
        found.append(live(sit_down("auditor", declaration=estate or DECLARATION)))
    elif estate is not None or not any((state, manifests, survey)):
        found.append(declared(estate or DECLARATION))
    if state is not None:
        found.append(exported(state))
    if manifests is not None:
        found.append(files(manifests))
    if survey is not None:
        found.append(surveyed(survey))
    return reduce(joined, found)


def _shown(records: Path | None, entries: Sequence[Entry], *, today: date) -> tuple[Attested, ...]:
    """What the records are worth for the clauses; without any, what lacks them."""
    if records is None:
        return not_shown(entries)
    from console.records import brought  # noqa: PLC0415

    return brought(records, entries, today=today)


def _policy(parameters: Path) -> Plain:
    """What a file of its own says of the rules."""
    from hospital.codec import encode  # noqa: PLC0415
    from stacks.estate import read_policy  # noqa: PLC0415

    said: Plain = encode(read_policy(parameters))
    return said


def _formats(*, as_pdf: bool) -> dict[str, Callable[[Plain], bytes]]:
    """What to write beside the report; DeclarationError if what prints a PDF is not installed."""
    from policies.formats import pdf  # noqa: PLC0415
    from policies.formats.files import FORMATS  # noqa: PLC0415

    if as_pdf:
        pdf.library()  # said before an estate is looked at for nothing
    return {**FORMATS} | ({pdf.NAME: pdf.render} if as_pdf else {})


def _day(text: str) -> date:
    if not text:
        return day.today()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"--on: {error}") from error


def _write(
    report: dict[str, Any], directory: Path, *, formats: Mapping[str, Callable[[Plain], bytes]]
) -> None:
    """Write the report in every format; its paths go to stderr, for stdout may be the JSON.

    The report itself comes last and each file at once: whatever ends this, the next audit finds a
    whole report to compare with.
    """
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    files = {name: render(report) for name, render in formats.items()}
    files |= {REPORT_NAME: text.encode(errors="backslashreplace")}  # JSON has that escape too
    for name, content in files.items():
        path, part = directory / name, directory / f".{name}.part"
        part.write_bytes(content)
        part.replace(path)
        typer.echo(f"写入 / wrote {path}", err=True)
