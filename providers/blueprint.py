"""The schema of a database, taken by ``pg_dump`` and put up by ``pg_restore`` in two parts.

First what rows go into, then, when they are there, what is built over them. Everything at the
target belongs to its database's owner, whoever owned it at the source. What must never happen: a
part that the target cannot have (an extension, a role that grants name) left out without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import sql

from hospital.errors import UnsafeError
from providers.logical_sql import BUILT, EXTENSIONS, NAMED_ROLES, OBJECTS, TABLES
from providers.patroni import sql_answers
from providers.programs import program, run
from providers.sessions import Door

# Extensions are made by hand, what only a superuser may make is refused by the prechecks.
_NOT_OURS = re.compile(
    r"^\d+; \d+ \d+ (EXTENSION|EVENT TRIGGER|COMMENT - EXTENSION|ACL - EXTENSION) "
)
_ENTRY = re.compile(r"^(\d+); (\d+) (\d+) ")


def put_up(source: Door, target: Door, *, owner: str, grants: bool) -> None:
    """Everything that rows go into; the target's database holds nothing of the workload yet."""
    _extensions(source, target, owner)
    if grants:
        _roles(source, target)
    with _dump(source, "pre-data") as archive:
        keep = [line for line in _contents(archive, target) if not _NOT_OURS.match(line)]
        _restore(archive, target, keep, owner=owner, grants=grants, streams=1)


def build_over(source: Door, target: Door, *, owner: str, grants: bool, streams: int) -> None:
    """Indexes, constraints, triggers and statistics, those that are not there yet."""
    there = {name for _, _, name in target.ask(BUILT)}
    done = {(number, oid) for number, oid, name in source.ask(BUILT) if name in there}
    with _dump(source, "post-data") as archive:
        keep = [line for line in _contents(archive, target) if not _present(line, done)]
        _restore(archive, target, keep, owner=owner, grants=grants, streams=streams)
    _analyze(target, owner, streams)


def take_down(target: Door, *, owner: str) -> None:
    """All that the workload's role owns in the target's database."""
    name = sql.Identifier(owner)
    with target.kept() as connection, connection.transaction():
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(name))
        connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(name))


def strangers(target: Door) -> tuple[str, ...]:
    """What is in the target's database already."""
    return tuple(name for (name,) in target.ask(OBJECTS))


def _extensions(source: Door, target: Door, owner: str) -> None:
    there = {name for name, _, _ in target.ask(EXTENSIONS)}
    for name, quoted, schema in source.ask(EXTENSIONS):
        if name in there:
            continue
        with target.kept() as connection, connection.transaction():
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner)))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}".encode())
            connection.execute(
                f"CREATE EXTENSION IF NOT EXISTS {quoted} SCHEMA {schema} CASCADE".encode()
            )


def _roles(source: Door, target: Door) -> None:
    wanted = [name for (name,) in source.ask(NAMED_ROLES)]
    there = {name for (name,) in target.ask("SELECT rolname FROM pg_roles")}
    if missing := [name for name in wanted if name not in there]:
        raise UnsafeError(
            f"{target.place}: roles that grants of {source.database} name are not there: "
            + ", ".join(missing),
            remedy="make them at the target, or revoke what they are granted at the source",
        )


@contextmanager
def _dump(source: Door, section: str) -> Iterator[Path]:
    with TemporaryDirectory(prefix="xinglin-schema-") as directory:
        archive = Path(directory) / "schema"
        command = [
            program("pg_dump"), "-w", "-Fc", "--schema-only", f"--section={section}",
            "-N", "xinglin_migration", "--no-publications", "--no-subscriptions",
            "--no-tablespaces", "--no-security-labels", "--lock-wait-timeout=5s",
            "-f", str(archive), "-d", source.address("schema"),
        ]  # fmt: skip
        run(command, source.environment(), place=str(source.place))
        yield archive


def _contents(archive: Path, target: Door) -> list[str]:
    command = [program("pg_restore"), "-l", str(archive)]
    listed = run(command, {"PATH": "/usr/bin:/bin"}, place=str(target.place))
    return [line for line in listed.splitlines() if _ENTRY.match(line)]


def _restore(
    archive: Path, target: Door, keep: list[str], *, owner: str, grants: bool, streams: int
) -> None:
    wanted = archive.with_name("contents")
    wanted.write_text("\n".join(keep) + "\n", encoding="utf-8")
    command = [
        program("pg_restore"), "-w", "--exit-on-error", "--no-owner", "--role", owner,
        "-L", str(wanted), *(() if grants else ("--no-privileges",)),
        *(("-j", str(streams)) if streams > 1 else ("--single-transaction",)),
        "-d", target.address("schema"), str(archive),
    ]  # fmt: skip
    if keep:
        settings = {"maintenance_work_mem": "128MB"} if streams > 1 else {}
        run(command, target.environment(settings), place=str(target.place))


def _present(line: str, done: set[tuple[int, int]]) -> bool:
    found = _ENTRY.match(line)
    if _NOT_OURS.match(line) or not found:
        return True
    return (int(found[2]), int(found[3])) in done and " COMMENT " not in line


def _analyze(target: Door, owner: str, streams: int) -> None:
    names = [row[0] for row in target.ask(TABLES)]

    def some(mine: list[str]) -> None:
        connection = target.connect("analyze")
        with connection, sql_answers(str(target.place)):
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(owner)))
            for name in mine:
                connection.execute(f"ANALYZE {name}".encode())

    with ThreadPoolExecutor(max_workers=streams) as threads:
        for done in [threads.submit(some, names[n::streams]) for n in range(streams)]:
            if error := done.exception():
                raise error
