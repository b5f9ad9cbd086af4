"""By which way a workload would get to another site: what the declaration makes possible.

A site where its own database cluster has a member and its objects stand is reached by streaming;
any other only if the estate declares a database of its own there, since between two clusters only
logical replication goes. There is no third way, and no guess: what is missing is said together with
the lines that would declare it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hospital.errors import DeclarationError, Problem
from hospital.estate import Database, Estate, Workload
from hospital.move import Bounds, Method, Migration, Override, Phase


@dataclass(frozen=True, slots=True)
class Proposal:
    """A move that the declaration allows."""

    workload: str
    source: str  # site where it runs now
    target: str  # site
    method: Method
    database: str  # cluster that will hold the data

    def asked(
        self, name: str, *, reason: str, by: str, at: float, bounds: Bounds | None = None,
        overrides: tuple[Override, ...] = (),
    ) -> Migration:  # fmt: skip
        """The Migration by this way, as someone asked for it; ``at`` in epoch seconds."""
        return Migration(
            name=name,
            workload=self.workload,
            source=self.source,
            target=self.target,
            method=self.method,
            database=self.database,
            reason=reason,
            requested_by=by,
            requested_at=at,
            bounds=bounds or Bounds(),
            overrides=overrides,
        )


def proposed(
    estate: Estate, workload: str, to: str, *, active: str, earlier: Iterable[Migration] = ()
) -> Proposal:
    """The move of ``workload`` from ``active`` to ``to``; ``earlier`` are all known migrations.

    DeclarationError names an unknown workload or site, a site where it runs already, a declaration
    that has not caught up with an earlier move, and a move that nothing declares, with the YAML.
    """
    _known("workload", workload, [each.name for each in estate.workloads])
    _known("--to", to, [each.name for each in estate.sites])
    found = estate.workload(workload)
    if to == active:
        raise _wrong("--to", f"{workload} runs at {active} already", "choose another site")
    _caught_up(estate, found, earlier)
    for each in estate.migrations:
        if (each.workload, each.to) == (workload, to):
            return Proposal(workload, active, to, Method.LOGICAL, each.database)
    if to in found.sites and to in holders(estate, found.database):
        return Proposal(workload, active, to, Method.PHYSICAL, found.database)
    raise _undeclared(estate, found, to)


def holders(estate: Estate, database: str) -> tuple[str, ...]:
    """Sites at which that cluster has a member; () for a workload without a database."""
    if not database:
        return ()
    return tuple(dict.fromkeys(estate.host(one).site for one in estate.database(database).members))


def _caught_up(estate: Estate, workload: Workload, earlier: Iterable[Migration]) -> None:
    """Its data are where the declaration says; after a finalized logical move a person says so."""
    for each in earlier:
        if each.workload != workload.name or each.method is not Method.LOGICAL:
            continue
        if each.phase is Phase.COMPLETED and each.database != workload.database:
            raise _wrong(
                "workload", f"{workload.name} lives on {each.database} since {each.name}, "
                f"the declaration says {workload.database}",
                f"change its line in `workloads`, then run `pulumi up`:\n"
                f"    - {{name: {workload.name}, home: {each.target}, standbys: [], "
                f"database: {each.database}}}",
            )  # fmt: skip


def _undeclared(estate: Estate, workload: Workload, to: str) -> DeclarationError:
    if not workload.database:
        what = f"{workload.name} holds no database: there is nothing to replicate"
        return _wrong("workload", what, "declare the site as a standby; `xinglin recover` moves it")
    if to in holders(estate, workload.database):
        what = f"{workload.database} has a member at {to}, but {workload.name} has no objects there"
        standbys = ", ".join((*workload.standbys, to))
        return _wrong(
            "--to", what, f"add the site to its line in `workloads`, then run `pulumi up`:\n"
            f"    - {{name: {workload.name}, home: {workload.home}, standbys: [{standbys}], "
            f"database: {workload.database}}}"
        )  # fmt: skip
    what = f"no move of {workload.name} to {to} is declared"
    return _wrong("--to", what, _lines(estate, workload, to))


def _lines(estate: Estate, workload: Workload, to: str) -> str:
    """What to add to the estate file, ready to be pasted."""
    fitting = [each for each in estate.databases if to in holders(estate, each.name)]
    name = fitting[0].name if fitting else f"{workload.database}-{to}"
    text = "add to the estate file, then run `pulumi up`:\n"
    if to in workload.standbys:
        rest = ", ".join(site for site in workload.standbys if site != to)
        text += (
            f"  workloads:\n    - {{name: {workload.name}, home: {workload.home}, "
            f"standbys: [{rest}], database: {workload.database}}}  # without {to}\n"
        )
    if not fitting:
        text += _cluster(estate, estate.database(workload.database), name, to)
    return text + f"  migrations:\n    - {{workload: {workload.name}, to: {to}, database: {name}}}"


def _cluster(estate: Estate, like: Database, name: str, to: str) -> str:
    hosts = [host.id for host in estate.site(to).hosts if "database" in host.roles]
    member = hosts[0] if hosts else f"{to}-db-1"
    text = (
        f"  databases:\n    - {{name: {name}, product: {like.product}, version: "
        f'"{like.version}", replication: asynchronous, members: [{member}]}}\n'
    )
    if not hosts:
        text += f"  and a host db-1 with role database to the hosts of site {to}\n"
    return text


def _known(field: str, name: str, names: list[str]) -> None:
    if name not in names:
        raise _wrong(field, f"there is no {name!r}", f"known here: {', '.join(names)}")


def _wrong(field: str, message: str, remedy: str) -> DeclarationError:
    return DeclarationError((Problem("command line", field, message, remedy),))
