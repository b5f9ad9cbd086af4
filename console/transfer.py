"""``xinglin migrate files``: a directory to object storage, again and again, until the cutover.

The first run copies, every later one what changed; the last one while nobody writes. rclone
moves, ``hospital/transfer.py`` says what it came to. What must never happen: an object deleted
without a person who saw how many, or success said of a transfer that left something out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar

from console.outcome import Exit, stderr, told
from console.text import printable
from hospital.transfer import (
    Compared,
    How,
    Moved,
    Names,
    Plan,
    Progress,
    Rate,
    Verdict,
    bytes_from,
    estimate,
    pause,
    per_second,
    size,
    verdict,
)
from lab import toolchain
from lab.places import Places
from providers.mover import Mover, Say, Tuning
from providers.storage import Credentials, Target, wrong

SHOWN = 10  # names of each kind; all that are kept are in the JSON
EVERY = 10.0  # seconds between lines where there is no terminal

WORDS = {
    Verdict.COPIED: "已复制，未校验 / copied, not verified",
    Verdict.COMPLETE: "完整，已逐个校验 / complete, every file verified",
    Verdict.INCOMPLETE: "不完整：有未带走或未校验的 / incomplete: some left out or not compared",
    Verdict.DIFFERS: "两端不一致 / the ends differ",
}


@dataclass(frozen=True, slots=True)
class Report:
    """One run."""

    source: str
    target: str
    moved: Moved
    compared: Compared | None

    @property
    def verdict(self) -> Verdict:
        """What may be said of it."""
        return verdict(self.moved, self.compared)

    @property
    def gone(self) -> Names:
        """At the target still, at the source no more."""
        return self.compared.gone if self.compared else Names()


def files(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A directory.")],
    target: Annotated[str, typer.Argument(metavar="s3://BUCKET/PREFIX")],
    *,
    endpoint: Annotated[
        str, typer.Option(envvar="AWS_ENDPOINT_URL", help="Of the storage: https://host[:port].")
    ],
    region: Annotated[str, typer.Option(envvar="AWS_REGION")] = "us-east-1",
    authority: Annotated[
        Path | None, typer.Option("--ca", envvar="AWS_CA_BUNDLE", help="Trust this CA (PEM).")
    ] = None,
    delta: Annotated[
        bool, typer.Option("--delta", help="A later run: also say what is gone at the source.")
    ] = False,
    mirror: Annotated[
        bool, typer.Option("--mirror", help="With --delta: delete it at the target, asking first.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare every file by checksum afterwards.")
    ] = False,
    read_back: Annotated[
        bool, typer.Option("--read-back", help="Compare by reading the target back.")
    ] = False,
    bandwidth: Annotated[
        str, typer.Option(help="Bytes per second at most, such as 50M (of 1,024).")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before deleting.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Copy files to S3-compatible storage: resumable, verified, what changed at the cutover.

    Keys are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Run it again after any
    interruption: what is there already is compared, not copied.

    \b
    xinglin migrate files /srv/pacs s3://pacs/archive --endpoint https://oss.example.com
    xinglin migrate files /srv/pacs s3://pacs/archive --endpoint … --bandwidth 50M
    xinglin migrate files /srv/pacs s3://pacs/archive --endpoint … --delta --verify
    xinglin migrate files /srv/pacs s3://pacs/archive --endpoint … --delta --mirror

    Exit codes: 0 nothing was left out, 1 something was or the ends differ, 2 usage,
    3 the storage does not answer, 4 refused as unsafe.
    """
    with told():
        if mirror and not delta:
            raise wrong(
                "--mirror", "--mirror", "只能与 --delta 同用 / needs --delta", "add --delta"
            )
        limit = _rate(bandwidth)
        where = Target.of(target, endpoint, region=region, authority=authority)
        keys = Credentials.from_environment()
        program = toolchain.have(toolchain.RCLONE, Places.from_environment(), _say)
        mover = Mover(program, where, credentials=keys, tuning=Tuning(bandwidth=limit))
        if not delta:
            _plan(mover.measure(source), limit=limit)
        with _shown("复制 / copy") as say:
            moved = mover.copy(source, say=say)
        if mirror:
            moved = _mirrored(mover, source, moved, yes=yes)
        compared = _compared(mover, source, delta=delta, verify=verify, read_back=read_back)
    report = Report(str(source), target, moved, compared)
    _show(report, as_json=as_json)
    whole = report.verdict in (Verdict.COPIED, Verdict.COMPLETE)
    raise typer.Exit(Exit.OK if whole else Exit.FAILED)


def document(report: Report) -> dict[str, Any]:
    """The report as JSON; bytes and seconds."""
    progress, compared = report.moved.progress, report.compared
    return {
        "source": report.source,
        "target": report.target,
        "verdict": report.verdict,
        "copied": {"files": progress.files, "bytes": progress.size},
        "equalBefore": progress.compared,
        "seconds": round(progress.elapsed.total_seconds(), 3),
        "bytesPerSecond": round(progress.rate.bytes_per_second),
        "deleted": report.moved.deleted,
        "left": asdict(report.moved.left),
        "compared": asdict(compared) if compared else None,
    }


def _compared(
    mover: Mover, source: Path, *, delta: bool, verify: bool, read_back: bool
) -> Compared | None:
    if not (delta or verify or read_back):
        return None
    how = How.CONTENT if read_back else How.CHECKSUMS if verify else How.SIZES
    with _shown("比对 / compare") as say:
        return mover.compare(source, how, say=say)


def _mirrored(mover: Mover, source: Path, moved: Moved, *, yes: bool) -> Moved:
    """Delete what a person agreed to, having seen how many and the first of them."""
    with _shown("比对 / compare") as say:
        gone = mover.compare(source, How.SIZES, say=say).gone
    _names("来源已没有 / gone at the source", gone)
    question = f"在目标删除这 {gone.count} 个 / delete these {gone.count} at the target?"
    if not gone or not (yes or typer.confirm(question, err=True)):
        return moved
    with _shown("镜像 / mirror") as say:
        return moved.then(mover.mirror(source, most=gone.count, say=say))


def _plan(plan: Plan, *, limit: int) -> None:
    _say(f"计划 / plan: {plan.files} 个文件 / files, {size(plan.size)}")
    least = estimate(plan, Rate(limit)) if limit else None
    if least:
        _say(f"限速 / limited to {per_second(limit)}: 至少 / at least {least}")


def _rate(text: str) -> int:
    try:
        return bytes_from(text) if text else 0
    except ValueError as error:
        raise wrong(text, "--bandwidth", str(error), "--bandwidth 50M") from error


@contextmanager
def _shown(what: str) -> Iterator[Say]:
    """A bar on a terminal, a line now and then elsewhere; on standard error."""
    if not stderr.is_terminal:
        yield _lines(what)
        return
    speed = (DownloadColumn(binary_units=True), TransferSpeedColumn(), TimeRemainingColumn())
    columns = (TextColumn(what), BarColumn(), *speed, TextColumn("{task.fields[files]}"))
    with Bar(*columns, console=stderr) as bar:
        task = bar.add_task(what, files="")

        def say(progress: Progress) -> None:
            total = progress.size_total or None
            bar.update(task, completed=progress.size, total=total, files=_counted(progress))

        yield say


def _lines(what: str) -> Say:
    last = -EVERY

    def say(progress: Progress) -> None:
        nonlocal last
        elapsed = progress.elapsed.total_seconds()
        if elapsed - last >= EVERY:
            last = elapsed
            done = f"{size(progress.size)} / {size(progress.size_total)}"
            speed = per_second(progress.rate.bytes_per_second)
            _say(f"{what} {elapsed:.0f} s: {done}, {_counted(progress)}, {speed}")

    return say


def _counted(progress: Progress) -> str:
    return f"复制 / copied {progress.files}, 相同 / equal {progress.compared}"


def _show(report: Report, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document(report), ensure_ascii=False, indent=2))
        return
    progress = report.moved.progress
    seconds = progress.elapsed.total_seconds()
    typer.echo(
        f"{_counted(progress)}: {size(progress.size)}, {seconds:.1f} s, "
        f"{per_second(progress.rate.bytes_per_second)}"
    )
    if again := _pause(progress):
        _say(f"同样的增量需停写约 / writers would pause for such a delta about {again}")
    _names("未带走 / left out", report.moved.left)
    if compared := report.compared:
        _say(f"比对 / compared by {compared.how}: 一致 / equal {compared.equal}")
        _names("不同 / differing", compared.differing)
        _names("目标缺少 / missing at the target", compared.missing)
        _names("未能比对 / not compared", compared.unread)
        _names("来源已没有 / gone at the source", compared.gone)
        if compared.unknown:
            _say(f"目标没有校验和 / without checksum at the target: {compared.unknown}")
    if report.moved.deleted:
        _say(f"已删除 / deleted at the target: {report.moved.deleted}")
    typer.echo(WORDS[report.verdict])


def _pause(progress: Progress) -> str:
    """Of a run that compared: what the same would take while writers wait; "" of any other."""
    seconds = progress.elapsed.total_seconds()
    if not progress.compared or not seconds:
        return ""
    changed = Plan(progress.files, progress.size)
    whole = Plan(progress.files + progress.compared, 0)
    looked = progress.compared / seconds
    found = pause(whole, changed, rate=progress.rate, compared_per_second=looked)
    return f"{found.total_seconds():.0f} s" if found is not None else ""


def _names(what: str, names: Names) -> None:
    if names:
        _say(f"{what}: {names.count}")
        for name in names.first[:SHOWN]:
            _say(f"  {printable(name)}")


def _say(text: str) -> None:
    typer.echo(text, err=True)
