"""What a person asks of a migration, and what they are told before it is written.

Every order carries a name and a reason into the evidence. What an order means is said in numbers
where they are known; nothing here decides whether it is taken up (``hospital/gate.py``).
"""

from __future__ import annotations

import getpass
import time
from collections.abc import Iterable

import typer
from rich.markup import escape

from console.outcome import Exit, stderr
from hospital.errors import DeclarationError, Problem, RefusedError
from hospital.estimate import PAUSE_SECONDS
from hospital.kinds import nearest
from hospital.migration import TERMINAL, out_of_turn
from hospital.move import Bounds, Migration, Order, Override, Phase, Verb
from hospital.prechecks import all_checks
from hospital.proposal import Proposal


def demand_reason(reason: str) -> None:
    """BadParameter without one."""
    if not reason.strip():
        raise typer.BadParameter("--reason is needed: it goes into the evidence")


def demand_sense(migration: Migration, order: Order) -> None:
    """RefusedError for an order that means nothing now: nobody is asked about it first."""
    senseless = out_of_turn(migration, order)
    if senseless:
        raise RefusedError(migration.name, senseless)


def asked(
    move: Proposal, *, reason: str, bounds: Bounds, checks: Iterable[str],
    earlier: Iterable[Migration],
) -> Migration:  # fmt: skip
    """A Migration as a person asks for it, under a name that no other has.

    ``checks`` are the ids of failing checks that are taken on. DeclarationError if the workload
    has an unfinished one.
    """
    for each in earlier:
        if each.workload == move.workload and each.phase not in TERMINAL:
            what = f"{each.name} is under way ({each.phase})"
            raise _wrong("workload", what, "finalize it or roll it back first")
    now = time.time()
    return move.asked(
        _name(move, now), reason=reason, by=getpass.getuser(), at=now, bounds=bounds,
        overrides=taken_on(checks, reason=reason),
    )  # fmt: skip


def _name(move: Proposal, now: float) -> str:
    """The API takes 40 characters: the name is part of what PostgreSQL's slots are called."""
    stem = f"{move.workload}-{move.target}"[:30].rstrip("-")
    return f"{stem}-{int(now * 10) % 10**9}"


def taken_on(checks: Iterable[str], *, reason: str) -> tuple[Override, ...]:
    """Checks that this person answers for; DeclarationError for a check that does not exist."""
    known = [each.id for each in all_checks()]
    wanted = tuple(dict.fromkeys(checks))
    for each in wanted:
        if each not in known:
            raise _wrong("--override", f"there is no check {each!r}", nearest(each, known))
    return tuple(Override(each, getpass.getuser(), reason) for each in wanted)


def ordered(
    migration: Migration, verb: Verb, *, reason: str, force: bool = False, accept_loss: bool = False
) -> Order:
    """An order of now, later than any that was obeyed, whatever the clock of another desk says."""
    before = migration.order.at if migration.order else 0.0
    at = max(time.time(), max(before, migration.obeyed) + 0.001)
    return Order(verb, getpass.getuser(), reason, at, force=force, accept_loss=accept_loss)


def unfinished(migrations: Iterable[Migration], word: str) -> Migration:
    """The migration of that name, or the only unfinished one of that workload."""
    known = tuple(migrations)
    for each in known:
        if each.name == word:
            return each
    found = [each for each in known if each.workload == word and each.phase not in TERMINAL]
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.name for each in known if each.phase not in TERMINAL) or "none"
    raise _wrong("name", f"no unfinished migration is called {word!r}, nor is one of it", names)


def latest(migrations: Iterable[Migration], word: str) -> Migration:
    """As ``unfinished``, but the newest that ended when none goes on."""
    known = tuple(migrations)
    named = [each for each in known if word in (each.name, each.workload)]
    going = [each for each in named if each.phase not in TERMINAL or each.name == word]
    if going or named:
        return max(going or named, key=lambda each: each.requested_at)
    names = ", ".join(each.name for each in known) or "none"
    raise _wrong("name", f"there is no migration {word!r}", f"known: {names}")


def confirm_start(migration: Migration, *, yes: bool) -> None:
    """Ask before a migration begins; ends the command with ``Exit.UNSAFE`` at a no."""
    _ask(
        f"{migration.method}: {migration.workload} {migration.source} → {migration.target} "
        f"({migration.database})\n"
        "业务在源站点照常运行；首次复制会占用源库与链路"
        " / business goes on at the source; the first copy loads the source and the link: "
        f"{_copied(migration.bounds)}",
        tuple(each.check for each in migration.overrides),
        f"start {migration.name}?",
        yes=yes,
    )


def _copied(bounds: Bounds) -> str:
    """How fast."""
    throttle, slowdown = bounds.throttle_bytes_per_second, bounds.slowdown_percent
    rate = f"{throttle / 1e6:g} MB/s" if throttle else "what the link gives"
    felt = f", less while writes at the source slow down by {slowdown} %" if slowdown else ""
    return rate + felt


def confirm_override(migration: Migration, checks: tuple[str, ...], *, yes: bool) -> None:
    """Ask before failing checks are taken on; ends the command with ``Exit.UNSAFE`` at a no."""
    meant = (
        "这些检查未通过，迁移仍将继续 / these checks fail, and the migration goes on all the same"
    )
    _ask(meant, checks, f"override {migration.name}?", yes=yes)


def confirm(migration: Migration, order: Order, *, yes: bool) -> None:
    """Ask before an order is given; ends the command with ``Exit.UNSAFE`` at a no."""
    taken = [name for name, on in (("--force", order.force),
                                   ("--accept-loss", order.accept_loss)) if on]  # fmt: skip
    question = f"{order.verb} {migration.name} ({migration.phase})?"
    _ask(meaning(migration, order), tuple(taken), question, yes=yes)


def meaning(migration: Migration, order: Order) -> str:
    """What an order means, for the person who is about to give it."""
    what, here, there = migration.workload, migration.source, migration.target
    match order.verb:
        case Verb.REHEARSE:
            return (
                "在目标站点用克隆数据试运行并比对，业务不受影响"
                f" / {what} runs at {there} on a clone and is compared; business goes on untouched"
            )
        case Verb.CUTOVER:
            pause = _pause(migration)
            return (
                f"写入将停顿约 {pause}（上限 {migration.bounds.pause_seconds:g} s，超时自动退回）"
                f"，然后 {what} 在 {there} 运行"
                f" / writes pause for about {pause} (at {migration.bounds.pause_seconds:g} s it "
                f"takes itself back), then {what} lives at {there}"
            )
        case Verb.ROLLBACK:
            return _back(migration, order)
        case Verb.FINALIZE:
            return (
                f"不可回退点：此后不能再退回 {here}，反向同步与槽将被拆除"
                f" / THE POINT OF NO RETURN: after this there is no rollback to {here}; slots and "
                "the stream back are taken down"
            )


def _pause(migration: Migration) -> str:
    """For about how long writes pause; what it really was, the client of each knows."""
    return f"{PAUSE_SECONDS[migration.method]:g} s"


def _back(migration: Migration, order: Order) -> str:
    if order.accept_loss:
        return (
            f"目标 {migration.target} 上尚未传回的写入将丢失，记入证据"
            f" / writes at {migration.target} that have not come back ARE LOST, on record"
        )
    if migration.phase in (Phase.CUTOVER, Phase.REVERSE):
        pause = _pause(migration)
        return (
            f"写入将停顿约 {pause}，然后回到 {migration.source}，不丢数据"
            f" / writes pause for about {pause}, then it is back at {migration.source}; nothing is "
            "lost"
        )
    return (
        "业务不受影响；目标上的副本与同步将被拆除"
        " / business goes on untouched; the copy at the target and its stream are taken down"
    )


def _ask(meant: str, taken_on: tuple[str, ...], question: str, *, yes: bool) -> None:
    stderr.print(f"[yellow]{escape(meant)}[/]")
    if taken_on:
        told = ", ".join(taken_on)
        stderr.print(
            f"[red]{escape(f'由您具名承担，记入证据 / taken on by you, on record: {told}')}[/]"
        )
    if not yes and not typer.confirm(question, default=False, err=True):
        raise typer.Exit(Exit.UNSAFE)


def _wrong(field: str, message: str, remedy: str) -> DeclarationError:
    return DeclarationError((Problem("command line", field, message, remedy),))
