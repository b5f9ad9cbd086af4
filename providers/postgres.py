"""``DatabaseHands`` over PostgreSQL under Patroni: see, withdraw, expire, hand over.

Patroni decides who is primary; these hands only take away what holds it up. Two acts can
lose data when taken alone, so each is checked where it is done: a withdrawal counts when the
candidate's own kernel shows no connection left, and a lease is revoked only while the
store names exactly the leader and lease that were judged. A lease is revoked, never a
key deleted: a healed old leader goes on believing in a lock whose key was merely deleted.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from hospital.errors import HospitalError, UnavailableError, UnsafeError
from hospital.estate import Database, Estate, Host
from hospital.story import DatabaseSeen
from providers.access import Access
from providers.etcd import Entry, Etcd
from providers.patroni import Member, MemberSeen, lsn
from providers.ports import HandoverToken
from providers.reception import Machine, Reception, machine, reception, shutdown
from providers.ssh import Ssh

LOG = logging.getLogger("xinglin")
_T = TypeVar("_T")

RECOVERY_USER = "xinglin-recovery"
NAMESPACE = "/service/"  # Patroni's default, `patroni_namespace` in the playbooks
KEEP_WARM = timedelta(seconds=60)  # well below the time for which ssh keeps a connection
SSH_PATIENCE = timedelta(seconds=4)  # a first connection on a busy host; warm ones take 0.05 s
SWITCHOVER_PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class StoreSeen:
    """What Patroni keeps of one cluster in the store."""

    leader: str
    lease: str
    synchronous: tuple[str, ...]
    position: int  # last WAL position that a leader published; 0 for none
    leader_key: Entry | None = None
    sync_key: Entry | None = None


class PostgresHands:
    """All databases of an estate, seen from ``site``: its etcd member, its way over the network."""

    def __init__(
        self,
        estate: Estate,
        access: Access,
        *,
        site: str,
        timeout: timedelta = timedelta(seconds=1),
    ) -> None:
        self._timeout = timeout
        self._store = Etcd(estate.site(site).endpoints.etcd, access, timeout=timeout)
        self._ssh = Ssh(access, user=RECOVERY_USER, timeout=SSH_PATIENCE)
        hosts = {name: estate.host(name) for one in estate.databases for name in one.members}
        self._hosts = hosts
        self._members = {
            name: Member(host, access, timeout=timeout) for name, host in hosts.items()
        }
        self._probes = _Probes(self._members)
        self._lags: dict[str, LagHistory] = {}
        self._warm_since: dict[str, float] = {}

    def observe(self, database: Database) -> DatabaseSeen:
        """Leader, lease and /sync from the store; who is writable, asked directly."""
        store = self._read(database)
        members = self._probes.ask(database.members, patience=self._timeout)
        self._keep_warm(store)
        writable = [seen.host for seen in members if seen.writable]
        return DatabaseSeen(
            database=database.name,
            leader=store.leader,
            lease=store.lease,
            synchronous=store.synchronous,
            writable=store.leader if store.leader in writable else next(iter(writable), ""),
            lag_seconds=self._lag(database, store, members),
            lags=self._standbys(database, members),
        )

    def reachable(self, host: Host) -> bool:
        """Whether the host lives (``Member.lives``)."""
        return self._members[host.id].lives()

    def withdraw(self, database: Database, *, candidate: Host, from_host: Host) -> None:
        """Make ``candidate`` receive nothing more from ``from_host``; return only when verified."""
        said = self._reception("withdraw", candidate, from_host)
        if not said.withdrawn:
            raise UnavailableError(
                candidate.id,
                f"withdrawal from {from_host.id} is not verified: {said.connections} "
                "connections to it are still there",
                retry_after=timedelta(milliseconds=100),
            )

    def restore(self, database: Database, *, candidate: Host, from_host: Host) -> None:
        """Lift the withdrawal; none in force is success."""
        if self._reception("restore", candidate, from_host).blocked:
            raise UnavailableError(candidate.id, f"still refuses {from_host.id}")

    def withdrawn(self, database: Database, *, candidate: Host, from_host: Host) -> bool:
        """Whether a withdrawal is in force and verified now."""
        return self._reception("status", candidate, from_host).withdrawn

    def expire(
        self, database: Database, *, leader: str, lease: str, synchronous: tuple[str, ...]
    ) -> None:
        """End the leadership of ``leader`` in one transaction, then revoke its lease.

        The transaction takes the leader key away and writes /sync again, if neither changed
        since it was read here: a leader that still reaches the store can then no longer drop a
        candidate by a swap that it prepared. The revocation follows because a healed old leader
        goes on believing in a lock whose key was merely deleted. The lease id belongs to one
        session of one leader, so a call that arrives late can hit nobody else.
        """
        store = self._read(database)
        if not lease or (store.leader, store.lease) != (leader, lease):
            return
        if store.synchronous != synchronous:
            raise UnavailableError(database.name, "its synchronous candidates changed")
        if store.leader_key and not self._store.take(store.leader_key, rewrite=store.sync_key):
            raise UnavailableError(database.name, "the store changed meanwhile")
        self._store.revoke(lease)

    def switchover(self, database: Database, *, target: Host) -> HandoverToken:
        """Planned move of the primary; returns when ``target`` is writable.

        Patroni lets the old primary shut down cleanly and promotes the target only after it
        has received everything; the token is checked against the new timeline's beginning.
        """
        store, member = self._read(database), self._members[target.id]
        leader = store.leader
        if not leader:
            raise UnavailableError(database.name, "has no leader to hand over from")
        if leader == target.id:
            return _token(member, at_least=0)
        before = self._members[leader].seen()
        # Patroni answers up to a second after the target took over, so both are watched.
        asked = self._probes.submit(self._members[leader].hand_over, target.id)
        self._probes.submit(self._let_go, database, store, target, asked)
        for attempt in patiently():
            with attempt:
                if not member.seen().writable:
                    _refused(asked)
                    raise UnavailableError(target.id, "does not accept writes yet")
        return _token(member, at_least=before.position)

    def _let_go(
        self, database: Database, store: StoreSeen, target: Host, asked: Future[None]
    ) -> None:
        """End the old leadership as soon as the target holds all that was ever acknowledged.

        Patroni gives replicas a second to catch up before it releases its lock; we look whether
        they did (``docs/decisions/0007-look-instead-of-waiting.md``). Whatever cannot be seen is
        left to Patroni, which then goes on as if nobody had looked.
        """
        leader, lease, names = store.leader, store.lease, store.synchronous
        try:
            while not asked.done():
                if self._holds_all(target, of=self._hosts[leader]):
                    self.expire(database, leader=leader, lease=lease, synchronous=names)
                    return
        except HospitalError as error:
            LOG.info("%s: the hand-over is left to Patroni: %s", database.name, error)

    def _holds_all(self, target: Host, *, of: Host) -> bool:
        """Whether host ``of`` has shut down cleanly and ``target`` has received all its WAL."""
        said = self._ssh.run(of.address, "shutdown")
        end = shutdown(of.id, said.output or said.errors)
        return end is not None and self._members[target.id].seen().received > end

    def machine(self, host: Host) -> Machine:
        """What a database host has and PostgreSQL cannot tell."""
        said = self._ssh.run(host.address, "machine")
        return machine(host.id, said.output or said.errors)

    def close(self) -> None:
        """Give up every connection."""
        self._probes.close()
        for member in self._members.values():
            member.close()
        self._store.close()
        self._ssh.close()

    def _read(self, database: Database) -> StoreSeen:
        prefix = f"{NAMESPACE}{database.name}/"
        return store_seen(self._store.read(prefix), prefix=prefix)

    def _reception(self, verb: str, candidate: Host, from_host: Host) -> Reception:
        answer = self._ssh.run(candidate.address, f"{verb} {from_host.address}")
        return reception(candidate.id, answer.output or answer.errors)

    def _lag(
        self, database: Database, store: StoreSeen, members: tuple[MemberSeen, ...]
    ) -> float | None:
        history = self._lags.setdefault(database.name, LagHistory())
        history.note(monotonic(), store.position)
        if store.synchronous:
            return 0.0  # nothing was acknowledged that a synchronous candidate does not hold
        standbys = [seen.received for seen in members if not seen.primary]
        return history.lag(max(standbys)) if standbys else None

    def _standbys(
        self, database: Database, members: tuple[MemberSeen, ...]
    ) -> tuple[tuple[str, float], ...]:
        history = self._lags.setdefault(database.name, LagHistory())
        lags = ((seen.host, history.lag(seen.received)) for seen in members if not seen.primary)
        return tuple((host, lag) for host, lag in lags if lag is not None)

    def _keep_warm(self, store: StoreSeen) -> None:
        """Open the way to the candidates before it is needed: a first connection costs 0.3 s."""
        now = monotonic()
        for name in store.synchronous:
            if store.leader not in self._hosts or name not in self._hosts:
                continue
            if now - self._warm_since.get(name, -KEEP_WARM.total_seconds()) < (
                KEEP_WARM.total_seconds()
            ):
                continue
            self._warm_since[name] = now
            command = f"status {self._hosts[store.leader].address}"
            self._probes.submit(self._ssh.run, self._hosts[name].address, command)


def store_seen(entries: tuple[Entry, ...], *, prefix: str) -> StoreSeen:
    """Patroni's keys below ``prefix`` as values."""
    found = {entry.key.removeprefix(prefix): entry for entry in entries}
    leader = found.get("leader")
    sync = _document(found.get("sync"))
    status = _document(found.get("status"))
    names = str(sync.get("sync_standby") or "")
    return StoreSeen(
        leader=leader.value if leader else "",
        lease=leader.lease if leader else "",
        synchronous=tuple(sorted(name for name in names.split(",") if name)),
        position=int(str(status.get("optime") or 0)),
        leader_key=leader,
        sync_key=found.get("sync"),
    )


def _document(entry: Entry | None) -> dict[str, object]:
    document = json.loads(entry.value or "{}") if entry else {}
    return document if isinstance(document, dict) else {}


@dataclass(slots=True)
class LagHistory:
    """When the leader was where: turns a replica's position into seconds behind.

    The leader publishes its position once per loop (1 s), so that is the resolution.
    """

    points: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=600))

    def note(self, now: float, position: int) -> None:
        """The leader was at ``position`` at time ``now`` (seconds, any steady clock)."""
        if position and (not self.points or position > self.points[-1][1]):
            self.points.append((now, position))

    def lag(self, received: int) -> float | None:
        """Seconds between the last known position and the first not received; None if unknown."""
        if not self.points:
            return None
        missing = next((when for when, position in self.points if position > received), None)
        return 0.0 if missing is None else self.points[-1][0] - missing


class _Probes:
    """Asks members at the same time, and never twice while one still hangs."""

    def __init__(self, members: dict[str, Member]) -> None:
        self._members = members
        self._threads = ThreadPoolExecutor(max_workers=2 * len(members) + 2)
        self._running: dict[str, Future[MemberSeen]] = {}
        self._lock = threading.Lock()

    def ask(self, names: tuple[str, ...], *, patience: timedelta) -> tuple[MemberSeen, ...]:
        """Those who answered: all, or as many as did until one was found writable.

        A member that still hangs from an earlier question is not waited for again.
        """
        with self._lock:
            fresh = [name for name in names if name not in self._running]
            for name in fresh:
                self._running[name] = self._threads.submit(self._members[name].seen)
            pending = {self._running[name] for name in fresh}
        deadline = monotonic() + patience.total_seconds()
        while pending and monotonic() < deadline:
            done, pending = wait(pending, deadline - monotonic(), return_when=FIRST_COMPLETED)
            if any(seen.writable for seen in map(_result, done) if seen):
                break
        return self._collect(names)

    def _collect(self, names: tuple[str, ...]) -> tuple[MemberSeen, ...]:
        with self._lock:
            done = [name for name in names if name in self._running and self._running[name].done()]
            answers = [_result(self._running.pop(name)) for name in done]
        return tuple(answer for answer in answers if answer)

    def submit(self, act: Callable[..., _T], *arguments: object) -> Future[_T]:
        """Do something on the side."""
        return self._threads.submit(act, *arguments)

    def close(self) -> None:
        """Wait for nobody any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _result(future: Future[MemberSeen]) -> MemberSeen | None:
    try:
        return future.result()
    except HospitalError:
        return None


def _refused(asked: Future[None]) -> None:
    """Raise the error with which a question to Patroni ended, if it has."""
    if asked.done():
        asked.result()


def _token(member: Member, *, at_least: int) -> HandoverToken:
    """Where the member's timeline left the one before it; UnsafeError if that was too early."""
    now = member.seen()
    if now.timeline == 1:
        return HandoverToken(timeline=1, lsn=lsn(now.position))  # never handed over
    begun = _beginning(member, after=now.timeline - 1)
    if begun < at_least:
        raise UnsafeError(
            f"{member.host.id} went its own way at {lsn(begun)}, before {lsn(at_least)} "
            "which the old primary had written",
            remedy="stop writing; compare both data directories before either is changed",
        )
    return HandoverToken(timeline=now.timeline - 1, lsn=lsn(begun))


def _beginning(member: Member, *, after: int) -> int:
    """Where the timeline after ``after`` began; its primary tells it a loop after it took over."""
    for attempt in patiently():
        with attempt:
            told = member.timelines()
            if after not in told:
                raise UnavailableError(member.host.id, "has not told its history yet")
    return told[after]


def patiently(patience: timedelta = SWITCHOVER_PATIENCE) -> Retrying:
    """Attempts that are repeated while they raise UnavailableError, whose last one is raised."""
    return Retrying(
        stop=stop_after_delay(patience),
        wait=wait_fixed(0.15),  # each look is a TLS handshake of a member that has much to do
        retry=retry_if_exception_type(UnavailableError),
        reraise=True,
    )
