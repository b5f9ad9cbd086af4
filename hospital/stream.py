"""One database on its way from one cluster to another, as values: what hands are told and see.

Two ends, a source that feeds and a target that is fed; ``reversed()`` is the way back, by the same
acts. *Open* is an end whose role may log in: at most one end is, ever. A field that nobody could
see is None, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Move:
    """A database that goes from ``source`` to ``target``, both names of clusters."""

    name: str  # of the migration: [a-z0-9-], at most 40 characters
    database: str  # same name at both ends; its owner is the workload's role, of the same name
    source: str
    target: str

    def reversed(self) -> Move:
        """The way back."""
        return replace(self, source=self.target, target=self.source)

    def other(self, end: str) -> str:
        """The end that ``end`` is not."""
        return self.target if end == self.source else self.source

    @property
    def label(self) -> str:
        """What its publications, slots and subscriptions are called, at either end."""
        return "xinglin_" + self.name.replace("-", "_")

    @property
    def rehearsal(self) -> str:
        """The database of its rehearsals."""
        return f"{self.database}_rehearsal"


class Filled(StrEnum):
    """How far the target's content is. Kept at the target, so that any operator goes on."""

    NOTHING = "nothing"  # nothing of ours is there; → PREPARED
    PREPARED = "prepared"  # tables without rows and indexes; → COPYING
    COPYING = "copying"  # rows of a snapshot, not all: worth nothing; → COPIED, PREPARED
    COPIED = "copied"  # all rows of the snapshot; → BUILT
    BUILT = "built"  # indexes, constraints, triggers, statistics; stays


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a copy is, in bytes of tables as they lie at the source."""

    done_bytes: int
    total_bytes: int
    table: str = ""  # the last one that was touched, "schema.table"


@dataclass(frozen=True, slots=True)
class EndSeen:
    """One end, asked directly just now."""

    cluster: str
    reachable: bool  # a member that accepts writes answered
    open: bool | None = None  # the workload's role may log in
    sessions: int | None = None  # of that role, in any database
    position: int | None = None  # bytes of write-ahead log that are flushed


@dataclass(frozen=True, slots=True)
class SlotSeen:
    """The slot at the source from which the target is fed."""

    confirmed: int  # bytes of write-ahead log that the target has and keeps
    retained_bytes: int | None  # of write-ahead log that is kept for it
    status: str  # PostgreSQL's wal_status: "reserved", "extended", "unreserved", "lost"
    active: bool


@dataclass(frozen=True, slots=True)
class SubscriptionSeen:
    """The subscription at the target."""

    enabled: bool
    running: bool  # its worker is connected
    apply_errors: int  # since it was made; a growing number is a row that does not fit


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """Both ends and what flows between them."""

    source: EndSeen
    target: EndSeen
    filled: Filled | None = None
    copying: Progress | None = None  # of a copy that goes on, or of the last one
    slot: SlotSeen | None = None  # None: there is none, or the source does not answer
    subscription: SubscriptionSeen | None = None
    lag_bytes: int | None = None
    lag_seconds: float | None = None
    differing: tuple[str, ...] | None = None  # tables whose definition differs between the ends
    write_bytes_per_second: float | None = None  # at the source, between two looks
    apply_bytes_per_second: float | None = None  # confirmed by the target, between two looks


@dataclass(frozen=True, slots=True)
class Carried:
    """What was carried by hand, since logical replication does not."""

    sequences: tuple[tuple[str, int, bool], ...] = ()  # name, last value, is_called
    large_objects: int = 0  # written or removed because they differed
    unlogged_tables: tuple[str, ...] = ()
    materialized_views: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSame:
    """One table, compared row by row by digests that each server made."""

    name: str  # "schema.table"
    source_rows: int
    target_rows: int
    differing: tuple[str, ...] = ()  # keys of rows that differ, the first of them

    @property
    def same(self) -> bool:
        """Whether it holds the same rows at both ends."""
        return self.source_rows == self.target_rows and not self.differing


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether the target holds what the source holds, and whether its indexes are in order."""

    tables: tuple[TableSame, ...]
    indexes: int  # how many were checked, each against its table
    broken_indexes: tuple[str, ...]  # with what the server said
    reordered: tuple[str, ...]  # "schema.table.column" whose ORDER BY differs between the ends

    @property
    def whole(self) -> bool:
        """Same rows, sound indexes; another order of text is told, not an error."""
        return all(table.same for table in self.tables) and not self.broken_indexes


@dataclass(frozen=True, slots=True)
class TornDown:
    """What a teardown removed, and which ends it could not reach."""

    removed: tuple[str, ...]
    unreached: tuple[str, ...]  # clusters where something may be left
