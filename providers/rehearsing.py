"""Plays a recorded load against a rehearsal and its source, and compares answers and latencies.

Captured reads go to both ends: lists of rows, page by page, as the workload's own clients ask for
them. Synthetic writes go to the rehearsal only, whose data are its own; nothing is ever written at
the source. A row that the business changed meanwhile is read again and told apart.

For a physical move the application tier is not started at the target: its database there takes no
write before the hand-over. Then rows are read by SQL at the standby and at the primary.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

import httpx

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate
from hospital.move import Method, Migration
from hospital.rehearsal import (
    Comparison,
    EndpointCompared,
    RowsCompared,
    Sample,
    compare_endpoint,
    compare_rows,
)
from hospital.workloads import endpoints_of
from providers.access import Access
from providers.acts import trial_of
from providers.https import answers, client

TIMEOUT = timedelta(seconds=5)
PAGES = 20  # of each endpoint, so many at most: a rehearsal ends within minutes
ROUNDS = 10  # how often the first pages are asked for, to have enough samples for a p99
WRITES = 50  # synthetic, at the rehearsal

Rows = dict[str, str]  # key → the row as canonical JSON


class Caller(Protocol):
    """One end, as a client of the workload calls it."""

    def get(self, path: str) -> Any:
        """The JSON answer; UnavailableError or RefusedError."""

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The same for a write."""


class Tables(Protocol):
    """A workload's tables at two members of its cluster (``providers/standby_rows.py``)."""

    def names(self) -> Mapping[str, tuple[str, ...]]:
        """Tables with the columns of their keys."""

    def read(self, member: str, table: str, keys: tuple[str, ...]) -> tuple[Rows, list[float]]:
        """Rows by key at the "primary" or the "standby", and the seconds of each reading."""


@dataclass(slots=True)
class Rehearsing:
    """``Trials`` of ``acts.py``; remembers what it captured, and captures anew where it died."""

    call: Callable[[Estate, str, str, str], Caller]  # estate, site, host name, workload's name
    tables: Callable[[Estate, Migration], AbstractContextManager[Tables]]
    now: Callable[[], float]  # epoch seconds
    clock: Callable[[], float] = time.perf_counter
    _captured: dict[str, dict[str, Rows]] = field(default_factory=dict)

    def capture(self, estate: Estate, migration: Migration) -> None:
        """Record reads at the source, before the clone is filled."""
        caller = self._source(estate, migration)
        self._captured[migration.name] = {
            path: self._pages(caller, path, []) for path in endpoints_of(migration.workload).lists
        }

    def compare(self, estate: Estate, migration: Migration) -> Comparison:
        """Play the load at both ends and compare."""
        begun = self.now()
        if migration.method is Method.PHYSICAL:
            return self._standby(estate, migration, begun)
        source, target = self._source(estate, migration), self._target(estate, migration)
        captured = self._captured.get(migration.name)
        rows, endpoints = [], []
        for path in endpoints_of(migration.workload).lists:
            at_source: list[Sample] = []
            at_target: list[Sample] = []
            first = captured[path] if captured else self._pages(source, path, at_source)
            theirs = self._pages(target, path, at_target)
            second = self._pages(source, path, at_source)
            around = captured is not None
            rows.append(
                compare_rows(path, first=first, second=second, target=theirs, around=around)
            )
            for _ in range(ROUNDS):  # in turn, so that a busy moment falls on both
                self._timed(source, path, at_source)
                self._timed(target, path, at_target)
            endpoints.append(compare_endpoint(f"GET {path}", source=at_source, target=at_target))
        endpoints += self._writes(migration, target)
        notes = _notes(captured=captured is not None)
        return self._told(migration, begun, rows, endpoints, notes)

    def _writes(self, migration: Migration, target: Caller) -> Iterator[EndpointCompared]:
        """Synthetic writes at the rehearsal; each under a key of its own."""
        for write in endpoints_of(migration.workload).writes:
            samples: list[Sample] = []
            ids: dict[str, Any] = {}
            for number in range(WRITES):
                body = write.body(f"rehearsal-{migration.name}-{int(self.now() * 1000)}-{number}")
                for name, path in write.needs.items():  # such as a patient, for an order
                    ids.setdefault(name, _first_id(target, path))
                    body[name] = ids[name]
                with self._sampled(write.path, samples):
                    target.post(write.path, body)
            yield compare_endpoint(f"POST {write.path}", source=(), target=samples)

    def _standby(self, estate: Estate, migration: Migration, begun: float) -> Comparison:
        rows, endpoints = [], []
        with self.tables(estate, migration) as reader:
            for table, keys in reader.names().items():
                first, took = reader.read("primary", table, keys)
                theirs, there = reader.read("standby", table, keys)
                second, again = reader.read("primary", table, keys)
                rows.append(
                    compare_rows(table, first=first, second=second, target=theirs, around=True)
                )
                name = f"read {table}"
                source = [Sample(name, seconds) for seconds in (*took, *again)]
                target = [Sample(name, seconds) for seconds in there]
                endpoints.append(compare_endpoint(name, source=source, target=target))
        note = "应用未启动，只读取备库 / the application was not started, the standby was read"
        return self._told(migration, begun, rows, endpoints, (note,))

    def _told(
        self,
        migration: Migration,
        begun: float,
        rows: Iterable[RowsCompared],
        endpoints: Iterable[EndpointCompared],
        notes: tuple[str, ...],
    ) -> Comparison:
        return Comparison(
            migration=migration.name,
            workload=migration.workload,
            source=migration.source,
            target=migration.target,
            method=migration.method.value,
            at=self.now(),
            seconds=round(self.now() - begun, 3),
            application=migration.method is Method.LOGICAL,
            endpoints=tuple(endpoints),
            rows=tuple(rows),
            notes=notes,
        )

    def _source(self, estate: Estate, migration: Migration) -> Caller:
        name = estate.host_name(migration.workload)
        return self.call(estate, migration.source, name, migration.workload)

    def _target(self, estate: Estate, migration: Migration) -> Caller:
        name = estate.host_name(trial_of(estate, migration).name)
        return self.call(estate, migration.target, name, migration.workload)

    def _pages(self, caller: Caller, path: str, samples: list[Sample]) -> Rows:
        """Rows from the first page on; an error of a page ends them and is in the samples."""
        found: Rows = {}
        after = 0
        for _ in range(PAGES):
            rows = self._timed(caller, path, samples, after=after)
            if not rows:
                break
            found |= {str(row["id"]): json.dumps(row, sort_keys=True) for row in rows}
            after = max(int(row["id"]) for row in rows)
        return found

    def _timed(
        self, caller: Caller, path: str, samples: list[Sample], *, after: int = 0
    ) -> list[dict[str, Any]]:
        found: dict[str, Any] = {}
        with self._sampled(path, samples):
            found = caller.get(f"{path}?after={after}")
        return found.get("rows") or []

    @contextmanager
    def _sampled(self, path: str, samples: list[Sample]) -> Iterator[None]:
        began = self.clock()
        error = ""
        try:
            yield
        except (UnavailableError, RefusedError) as failure:
            error = str(failure)
        samples.append(Sample(path, self.clock() - began, error))


def _first_id(caller: Caller, path: str) -> Any:
    rows: Iterable[Mapping[str, Any]] = caller.get(f"{path}?after=0")["rows"] or ()
    for row in rows:
        return row["id"]
    raise RefusedError(path, "has no row that a synthetic write could name")


def _notes(*, captured: bool) -> tuple[str, ...]:
    found = [f"每个列表至多 {PAGES} 页 / at most {PAGES} pages of each list"]
    if not captured:
        found.append(
            "克隆前没有记录读取，比克隆新的行不计"
            " / no reads were recorded before the clone: rows that are newer are not counted"
        )
    return tuple(found)


class EdgeCaller:
    """A workload through the edge of one site, whatever DNS answers."""

    def __init__(self, address: str, *, host: str, speaks_as: str, access: Access) -> None:
        """``speaks_as`` is the name in the edge's certificate; ``host`` the route that is asked."""
        self._client = client(f"https://{address}", access, timeout=TIMEOUT)
        self._endpoint = f"{host} at {address}"
        self._more: dict[str, Any] = {
            "headers": {"Host": host},
            "extensions": {"sni_hostname": speaks_as},
        }

    def get(self, path: str) -> Any:
        """The JSON answer."""
        return self._asked("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON answer to a write."""
        return self._asked("POST", path, dict(body))

    def _asked(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        with answers(self._endpoint):
            found: httpx.Response = self._client.request(method, path, json=body, **self._more)
        if found.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise UnavailableError(self._endpoint, f"{method} {path}: {found.status_code}")
        if not found.is_success:
            raise RefusedError(self._endpoint, f"{method} {path}: {found.status_code}")
        return found.json()


def edge_caller(access: Access) -> Callable[[Estate, str, str, str], Caller]:
    """Calls through the ingress of a site, as its clients do."""

    def call(estate: Estate, site: str, host: str, workload: str) -> Caller:
        address = estate.site(site).endpoints.ingress
        return EdgeCaller(address, host=host, speaks_as=estate.host_name(workload), access=access)

    return call
