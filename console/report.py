"""The report, for people and for programs: a table, a JSON file and one HTML page.

``hospital/report.py`` says what is in it; here it is only shown. The page is self-contained (no
script, no font, no picture from elsewhere), prints on A4, and says everywhere when what it shows
was a simulation.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table

from console import page
from console.timeline import draw

VERDICTS = {
    "met": ("达标", "met"),
    "missed": ("未达标", "missed"),
    "unmeasured": ("未测量", "unmeasured"),
}
MARKS = {
    "loss": ("站点失去", "site lost"),
    "request": ("下达切换", "asked for"),
    "decision": ("自动决定", "decided"),
    "primary": ("数据库可写", "writable"),
    "names": ("域名切换完", "names moved"),
}
NODES = {
    "real": ("真实节点", "real node"),
    "emulated": ("真实节点（指令集仿真）", "real node, emulated CPU"),
    "simulated": ("KWOK 模拟节点", "simulated by KWOK"),
}
_COLOURS = {"met": "green", "missed": "red", "unmeasured": "yellow"}


def write(report: dict[str, Any], directory: Path) -> tuple[Path, Path]:
    """Write ``report.json`` and ``report.html`` into ``directory``; returns their paths."""
    return page.write(report, html(report), directory=directory, name="report")


def html(report: dict[str, Any]) -> str:
    """The page."""
    return page.template("report.html.j2", seconds=seconds, span=span).render(
        report=report,
        made=page.moment(report["madeAt"]) if report["kind"] == "lab" else "",
        timelines=[draw(story) for story in report["stories"]],
        verdicts=VERDICTS,
        marks=MARKS,
        nodes=NODES,
    )


def seconds(value: float | None) -> str:
    """A measured time for people."""
    if value is None:
        return "—"
    return f"{value:.2f} s" if value < 100 else f"{value:.0f} s"


def span(value: float) -> str:
    """A declared time for people: hours, minutes or seconds, whichever is whole."""
    for size, unit in ((3600, "h"), (60, "min")):
        if value >= size and value % size == 0:
            return f"{value / size:g} {unit}"
    return f"{value:g} s"


def table(report: dict[str, Any]) -> Group:
    """The report for the terminal."""
    return Group(*_parts(report))


def _parts(report: dict[str, Any]) -> Iterator[Any]:
    for story in report["stories"]:
        yield ""
        yield f"[bold]{escape(story['titleZh'])} / {escape(story['titleEn'])}[/]"
        yield "  " + " · ".join(_mark(mark) for mark in story["marks"])
        yield _workloads(story)
    writes, proof = report["writes"], report["evidence"]
    colour = "red" if writes["lost"] else "green"
    yield (
        f"客户端确认的写入 / acknowledged writes {writes['acknowledged']} · "
        f"[{colour}]丢失 / lost {writes['lost']}[/]"
    )
    if proof["problems"]:
        yield f"[red]证据链 / evidence: {escape('; '.join(proof['problems']))}[/]"
    else:
        copies = "".join(f" · {one['records']} @ {one['site']}" for one in proof["copies"])
        yield f"证据 / evidence: {proof['records']} 条 / records{copies}"
    if report["comparison"]:
        yield _compared(report["comparison"])
    for item in report["simulated"]:
        yield f"[yellow]非真实 / not real:[/] {escape(item['zh'])} / {escape(item['en'])}"
    zh, en = VERDICTS[report["verdict"]]
    word = "推演结论 / simulated verdict" if report["kind"] == "simulation" else "结论 / verdict"
    yield f"[bold {_COLOURS[report['verdict']]}]{word}: {zh} / {en}[/]"


def _compared(found: dict[str, Any]) -> str:
    colour = "red" if found["different"] else "green"
    return (
        f"归队后逐行比对 / compared row by row after the return: {found['rowsSame']} 行相同 / same"
        f" · {found['rowsMoving']} 行比对中有写入 / written meanwhile · "
        f"[{colour}]{len(found['different'])} 行不同 / differ[/]"
    )


def _mark(mark: dict[str, Any]) -> str:
    zh, en = MARKS[mark["kind"]]
    return f"{zh} {en} {mark['at']:.2f} s"


def _workloads(story: dict[str, Any]) -> Table:
    found = Table(
        "业务 / workload", "级", "从 / from", "到 / to", "中断 / outage", "RTO ≤",
        "丢失 / lost", "RPO ≤", "结论 / verdict",
    )  # fmt: skip
    for workload in story["workloads"]:
        zh, en = VERDICTS[workload["verdict"]]
        found.add_row(
            f"{workload['titleZh']} / {workload['titleEn']}",
            workload["tier"],
            workload["from"],
            workload["to"],
            seconds(workload["measuredRtoSeconds"]),
            span(workload["declaredRtoSeconds"]),
            str(workload["lost"]),
            span(workload["declaredRpoSeconds"]),
            f"[{_COLOURS[workload['verdict']]}]{zh} / {en}[/]",
        )
    return found
