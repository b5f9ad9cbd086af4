"""What must hold between the parts of an estate, beyond the form of each field.

Every rule here guards a recovery that would otherwise fail on the day it is
needed: a standby that burns with its home, a dependency nobody declared, a
primary that could be promoted with a corrupt index. Opinions about compliance
are policies, not contradictions, and do not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from hospital.estate import (
    Database,
    DeclaredMigration,
    DeclaredMove,
    Estate,
    Host,
    HostRole,
    RecoveryPlan,
    Replication,
    Site,
    SiteKind,
    Workload,
)
from hospital.kinds import Notes, Path, nearest
from hospital.tier import note_hosts


def note_contradictions(estate: Estate, notes: Notes) -> None:
    """Note every contradiction of ``estate``; blank values were noted when they were read."""
    _note_sites(estate, notes)
    _note_controllers(estate, notes)
    _note_links(estate, notes)
    for index, database in enumerate(estate.databases):
        _note_database(estate, database, ("spec", "databases", index), notes)
    for index, workload in enumerate(estate.workloads):
        _note_workload(estate, workload, ("spec", "workloads", index), notes)
        note_hosts(estate, workload, ("spec", "workloads", index, "hosts"), notes)
    _note_repeated(estate.workloads, "node_port", ("spec", "workloads"), "nodePort", notes)
    _note_cycle(estate, notes)
    for index, plan in enumerate(estate.plans):
        _note_plan(estate, plan, ("spec", "plans", index), notes)
    _note_shared_workloads(estate, notes)
    _note_shared_hosts(estate, notes)
    for index, migration in enumerate(estate.migrations):
        _note_migration(estate, migration, ("spec", "migrations", index), notes)
    _note_repeated_moves(estate, notes)
    for index, move in enumerate(estate.moves):
        _note_begun(estate, move, ("spec", "moves", index), notes)
    _note_repeated(estate.moves, "name", ("spec", "moves"), "name", notes)
    _note_repeated(estate.databases, "edge_port", ("spec", "databases"), "edgePort", notes)
    for kind, nouns in (
        ("sites", estate.sites),
        ("databases", estate.databases),
        ("workloads", estate.workloads),
        ("plans", estate.plans),
    ):
        _note_repeated(nouns, "name", ("spec", kind), "name", notes)


def _note_repeated(
    nouns: Sequence[object], attribute: str, path: Path, field: str, notes: Notes
) -> None:
    first: dict[object, int] = {}
    for index, noun in enumerate(nouns):
        value = getattr(noun, attribute)
        if not value:
            continue
        if value in first:
            earlier = notes.locate((*path, first[value], field))
            notes.add((*path, index, field), f"'{value}' is taken already", f"see {earlier}")
        else:
            first[value] = index


def _note_name(name: str, known: Iterable[str], *, what: str, path: Path, notes: Notes) -> bool:
    """Note a name that is not known; True if it may be used further."""
    names = [each for each in known if each]
    if name in names:
        return True
    if name:
        remedy = nearest(name, names) or f"declared: {', '.join(names) or 'none'}"
        notes.add(path, f"unknown {what} '{name}'", remedy)
    return False


def _sites(estate: Estate) -> dict[str, Site]:
    return {site.name: site for site in estate.sites if site.name}


def _hosts(estate: Estate) -> dict[str, Host]:
    return {host.id: host for site in estate.sites for host in site.hosts if host.name}


def _note_sites(estate: Estate, notes: Notes) -> None:
    addresses: dict[str, Path] = {}
    for index, site in enumerate(estate.sites):
        path: Path = ("spec", "sites", index)
        _note_repeated(site.hosts, "name", (*path, "hosts"), "name", notes)
        if site.endpoints.cloud and site.kind is SiteKind.ON_PREM:
            notes.add((*path, "endpoints", "cloud"), "only a public cloud has a cloud API")
        for number, host in enumerate(site.hosts):
            field: Path = (*path, "hosts", number, "address")
            if host.address in addresses:
                earlier = notes.locate(addresses[host.address])
                notes.add(field, f"{host.address} is another host's", f"see {earlier}")
            elif host.address:
                addresses[host.address] = field


def _note_controllers(estate: Estate, notes: Notes) -> None:
    """One BMC switches one host: a fence that is verified must be of the host that was meant."""
    taken: dict[tuple[str, int], Path] = {}
    for index, site in enumerate(estate.sites):
        for number, host in enumerate(site.hosts):
            if host.bmc is None:
                continue
            field: Path = ("spec", "sites", index, "hosts", number, "bmc")
            at = (host.bmc.address, host.bmc.port)
            if at in taken:
                remedy = f"a fence would switch off the wrong host; see {notes.locate(taken[at])}"
                notes.add(field, f"{at[0]}:{at[1]} is another host's BMC", remedy)
            elif host.bmc.address:
                taken[at] = field


def _note_links(estate: Estate, notes: Notes) -> None:
    for index, link in enumerate(estate.links):
        path: Path = ("spec", "links", index, "sites")
        for end, name in enumerate(link.sites):
            _note_name(name, _sites(estate), what="site", path=(*path, end), notes=notes)
        if len(link.sites) == 2 and link.sites[0] == link.sites[1]:
            notes.add(path, "a link joins two different sites")


def _note_database(estate: Estate, database: Database, path: Path, notes: Notes) -> None:
    hosts = _hosts(estate)
    members: list[Host] = []
    for index, member in enumerate(database.members):
        field = (*path, "members", index)
        if not _note_name(member, hosts, what="host", path=field, notes=notes):
            continue
        if HostRole.DATABASE not in hosts[member].roles:
            notes.add(field, f"host '{member}' has no role 'database'", "add it to its roles")
        if member in database.members[:index]:
            notes.add(field, f"'{member}' is a member already")
        members.append(hosts[member])
    if database.backup_site:
        known = _sites(estate)
        field = (*path, "backupSite")
        _note_name(database.backup_site, known, what="site", path=field, notes=notes)
    _note_architectures(members, (*path, "members"), notes)
    domains = {_sites(estate)[host.site].failure_domain for host in members}
    if database.replication is Replication.SYNCHRONOUS and members and len(domains) < 2:
        notes.add(
            (*path, "members"),
            "synchronous replication needs members in two failure domains",
            "add a host at another site, or declare asynchronous",
        )


def _note_architectures(members: Sequence[Host], path: Path, notes: Notes) -> None:
    for index, host in enumerate(members[1:], start=1):
        if host.architecture is not members[0].architecture:
            notes.add(
                (*path, index),
                f"physical replication from {members[0].architecture} to {host.architecture} is "
                "refused: collation and char signedness differ and corrupt indexes silently",
                f"choose a host with {members[0].architecture}",
            )


def _note_workload(estate: Estate, workload: Workload, path: Path, notes: Notes) -> None:
    sites = _sites(estate)
    at_home = _note_name(workload.home, sites, what="site", path=(*path, "home"), notes=notes)
    if at_home:
        _note_architecture(workload, sites[workload.home], (*path, "home"), notes)
    for index, standby in enumerate(workload.standbys):
        field = (*path, "standbys", index)
        if not _note_name(standby, sites, what="site", path=field, notes=notes):
            continue
        if standby in workload.standbys[:index]:
            notes.add(field, f"'{standby}' is a standby already")
        if at_home:
            _note_failure_domain(sites[workload.home], sites[standby], field, notes)
        _note_architecture(workload, sites[standby], field, notes)
    names = [database.name for database in estate.databases]
    field = (*path, "database")
    _note_name(workload.database, names, what="database", path=field, notes=notes)
    declared = [each.name for each in estate.workloads]
    for needed in workload.depends_on:
        if needed not in declared:
            notes.add(
                (*path, "dependsOn"),
                f"'{workload.name}' depends on '{needed}', which is not declared here",
                nearest(needed, declared) or f"declare '{needed}' under spec.workloads",
            )


def _note_architecture(workload: Workload, site: Site, path: Path, notes: Notes) -> None:
    if not workload.architectures or not site.architectures:
        return
    if not set(workload.architectures) & set(site.architectures):
        notes.add(
            path,
            f"'{workload.name}' is built for {', '.join(workload.architectures)}; "
            f"site '{site.name}' has {', '.join(site.architectures)}",
            "choose another site or add the architecture",
        )


def _note_failure_domain(home: Site, standby: Site, path: Path, notes: Notes) -> None:
    if home.name == standby.name:
        notes.add(path, f"'{standby.name}' is the home", "a standby is another site")
    elif home.failure_domain == standby.failure_domain:
        notes.add(
            path,
            f"standby '{standby.name}' shares failure domain '{home.failure_domain}' with home "
            f"'{home.name}': they would burn together",
            "choose a site in another failure domain",
        )


def _note_cycle(estate: Estate, notes: Notes) -> None:
    cycle = find_cycle({each.name: each.depends_on for each in estate.workloads})
    if cycle:
        index = next(i for i, each in enumerate(estate.workloads) if each.name == cycle[0])
        notes.add(
            ("spec", "workloads", index, "dependsOn"),
            f"dependency cycle: {' → '.join(cycle)}",
            "nothing in it could ever start first; remove one dependency",
        )


def find_cycle(needs: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The first cycle met, closed (first name repeated at the end); () if there is none."""
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> tuple[str, ...]:
        if name in trail:
            return (*trail[trail.index(name) :], name)
        if name in done:
            return ()
        for needed in needs.get(name, ()):
            cycle = walk(needed, (*trail, name))
            if cycle:
                return cycle
        done.add(name)
        return ()

    return next((cycle for name in needs if (cycle := walk(name, ()))), ())


def _note_plan(estate: Estate, plan: RecoveryPlan, path: Path, notes: Notes) -> None:
    sites = _sites(estate)
    at_home = _note_name(plan.home, sites, what="site", path=(*path, "home"), notes=notes)
    for index, standby in enumerate(plan.standbys):
        field = (*path, "standbys", index)
        known = _note_name(standby, sites, what="site", path=field, notes=notes)
        if known and at_home:
            _note_failure_domain(sites[plan.home], sites[standby], field, notes)
    if plan.replication is Replication.ASYNCHRONOUS and plan.rpo == timedelta(0):
        notes.add(
            (*path, "rpo"),
            "asynchronous replication cannot promise RPO 0",
            "declare synchronous replication or an RPO above 0s",
        )
    _note_plan_workloads(estate, plan, path, notes)
    names = {database.name: database for database in estate.databases}
    field = (*path, "database")
    if _note_name(plan.database, names, what="database", path=field, notes=notes):
        _note_plan_database(estate, plan, names[plan.database], path=path, notes=notes)


def _note_plan_workloads(estate: Estate, plan: RecoveryPlan, path: Path, notes: Notes) -> None:
    workloads = {workload.name: workload for workload in estate.workloads}
    for index, name in enumerate(plan.workloads):
        field = (*path, "workloads", index)
        if not _note_name(name, workloads, what="workload", path=field, notes=notes):
            continue
        workload = workloads[name]
        if workload.home and workload.home != plan.home:
            notes.add(
                field,
                f"home of '{name}' is '{workload.home}', not the plan's '{plan.home}'",
                "put it into the plan of its own home",
            )
        if workload.standbys and not set(workload.standbys) & set(plan.standbys):
            notes.add(
                field,
                f"none of the standbys of '{name}' ({', '.join(workload.standbys)}) is in the plan",
                "add one to the plan's standbys",
            )
        if plan.rto > workload.rto or plan.rpo > workload.rpo:
            notes.add(
                field,
                f"'{name}' promises RTO {_short(workload.rto)} and RPO {_short(workload.rpo)}, "
                f"the plan only {_short(plan.rto)} and {_short(plan.rpo)}",
                "tighten the plan or relax the workload",
            )


def _note_plan_database(
    estate: Estate, plan: RecoveryPlan, database: Database, *, path: Path, notes: Notes
) -> None:
    hosts = _hosts(estate)
    members = [hosts[member] for member in database.members if member in hosts]
    if database.replication is not plan.replication:
        notes.add(
            (*path, "replication"),
            f"the plan relies on {plan.replication} replication, but '{database.name}' is "
            f"{database.replication}",
        )
    if members and members[0].site != plan.home:
        notes.add(
            (*path, "database"),
            f"the first member of '{database.name}' is at '{members[0].site}', not at the plan's "
            f"home '{plan.home}'",
            "the first member is the primary's home",
        )
    if members and not {host.site for host in members} & set(plan.standbys):
        notes.add(
            (*path, "standbys"),
            f"'{database.name}' has no member at any standby of this plan",
            "add a standby that holds a member",
        )


def _note_shared_workloads(estate: Estate, notes: Notes) -> None:
    owner: dict[str, str] = {}
    for index, plan in enumerate(estate.plans):
        for number, name in enumerate(plan.workloads):
            field: Path = ("spec", "plans", index, "workloads", number)
            if name in owner:
                notes.add(field, f"'{name}' is in plan '{owner[name]}' already")
            owner.setdefault(name, plan.name)


def _note_shared_hosts(estate: Estate, notes: Notes) -> None:
    """Every cluster listens on the same port: a host can be a member of one only."""
    owner: dict[str, str] = {}
    for index, database in enumerate(estate.databases):
        for number, name in enumerate(database.members):
            field: Path = ("spec", "databases", index, "members", number)
            if owner.setdefault(name, database.name) != database.name:
                notes.add(field, f"'{name}' is a member of '{owner[name]}' already")


def _note_migration(estate: Estate, migration: DeclaredMigration, path: Path, notes: Notes) -> None:
    sites = _sites(estate)
    workloads = {each.name: each for each in estate.workloads}
    field = (*path, "workload")
    of = _note_name(migration.workload, workloads, what="workload", path=field, notes=notes)
    at = _note_name(migration.to, sites, what="site", path=(*path, "to"), notes=notes)
    if of:
        _note_moved(workloads[migration.workload], migration, path, notes)
    if of and at:
        _note_architecture(workloads[migration.workload], sites[migration.to], (*path, "to"), notes)
    names = {database.name: database for database in estate.databases}
    field = (*path, "database")
    if _note_name(migration.database, names, what="database", path=field, notes=notes) and at:
        hosts = _hosts(estate)
        members = names[migration.database].members
        if not any(hosts[name].site == migration.to for name in members if name in hosts):
            notes.add(
                field,
                f"'{migration.database}' has no member at '{migration.to}'",
                "add a host of that site to its members, or choose another database",
            )


def _note_moved(workload: Workload, migration: DeclaredMigration, path: Path, notes: Notes) -> None:
    if migration.to in workload.sites:
        what = "home" if migration.to == workload.home else "a standby"
        notes.add(
            (*path, "to"),
            f"'{migration.to}' is {what} of '{workload.name}' already",
            "its objects there name its own database: a move there needs no declaration",
        )
    if not workload.database:
        notes.add((*path, "workload"), f"'{workload.name}' holds no database")
    elif migration.database == workload.database:
        notes.add(
            (*path, "database"),
            f"'{migration.database}' is the database of '{workload.name}' already",
            "name a database of the target's own",
        )


def _note_begun(estate: Estate, move: DeclaredMove, path: Path, notes: Notes) -> None:
    """Whether there is a way at all; from where, is known when it begins."""
    workloads = {each.name: each for each in estate.workloads}
    field = (*path, "workload")
    of = _note_name(move.workload, workloads, what="workload", path=field, notes=notes)
    at = _note_name(move.to, _sites(estate), what="site", path=(*path, "to"), notes=notes)
    ways = {each.to for each in estate.migrations if each.workload == move.workload}
    if of and at and move.to not in ways | set(workloads[move.workload].sites):
        notes.add(
            (*path, "to"),
            f"nothing declares that '{move.workload}' may move to '{move.to}'",
            "declare it under `migrations`, or the site among its standbys",
        )


def _note_repeated_moves(estate: Estate, notes: Notes) -> None:
    first: dict[tuple[str, str], int] = {}
    for index, each in enumerate(estate.migrations):
        move = (each.workload, each.to)
        if all(move) and first.setdefault(move, index) != index:
            earlier = notes.locate(("spec", "migrations", first[move]))
            message = f"a move of '{each.workload}' to '{each.to}' is declared already"
            notes.add(("spec", "migrations", index), message, f"see {earlier}")


def _short(span: timedelta) -> str:
    seconds = span.total_seconds()
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"
