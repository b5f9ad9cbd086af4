"""What one end of a database says of itself, for the checks that come before it is moved.

One value for the source, one for the target: the workload's own database and the server that holds
it. Read by the catalogue's queries, never from a declaration: a server that was upgraded by hand
must be seen as it is. A field that nobody could read is None, and no check passes on it; an empty
tuple or mapping says that somebody looked and there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hospital.estate import Architecture


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One ordinary or partition leaf table; names are "schema.table", unquoted."""

    name: str
    size_bytes: int  # pg_table_size: heap, TOAST and maps, without indexes
    index_bytes: int  # pg_indexes_size
    rows: int  # pg_class.reltuples, an estimate; -1 never analysed


@dataclass(frozen=True, slots=True)
class TextIndex:
    """An index whose order comes from a collation: it may differ at another C library or ICU."""

    name: str  # "schema.index"
    table: str  # "schema.table"
    collation: str  # pg_collation.collname, or "default" for the database's own
    provider: str  # pg_collation."libc", "icu", "builtin", where default: of the database
    unique: bool  # a different order can also break what must be unique


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """A trigger of the database's owner, none of PostgreSQL's own (tgisinternal)."""

    name: str
    table: str  # "schema.table"
    fires: str  # pg_trigger.tgenabled: "origin", "replica", "always", "disabled"


@dataclass(frozen=True, slots=True)
class ForeignTable:
    """A table whose rows are elsewhere; it stays reachable only if that server is."""

    name: str  # "schema.table"
    server: str  # pg_foreign_server.srvname
    wrapper: str  # extension of the wrapper, "postgres_fdw"


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job that the database starts by itself."""

    name: str
    schedule: str  # as its scheduler writes it
    scheduler: str  # "pg_cron", "pgagent"
    active: bool


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role that owns something in the database, or is granted something there."""

    name: str
    superuser: bool
    login: bool
    member_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What an earlier migration left behind: objects that carry our names (xinglin_…)."""

    publications: tuple[str, ...] = ()  # pg_publication
    subscriptions: tuple[str, ...] = ()  # pg_subscription, of this database
    slots: tuple[str, ...] = ()  # pg_replication_slots
    databases: tuple[str, ...] = ()  # pg_database: rehearsals that were never ended
    origins: tuple[str, ...] = ()  # pg_replication_origin

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, each with its kind."""
        kinds = (
            ("publication", self.publications),
            ("subscription", self.subscriptions),
            ("slot", self.slots),
            ("database", self.databases),
            ("origin", self.origins),
        )
        return tuple(f"{kind} {name}" for kind, names in kinds for name in names)


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """One end; every name says its unit, None says that nobody could read it."""

    # -- the server and its machine
    cluster: str | None = None  # pg_control_system().system_identifier: same at both = same cluster
    exists: bool | None = None  # the workload's database is there (pg_database)
    standby: bool | None = None  # pg_is_in_recovery()
    version: int | None = None  # server_version_num: 150013 is 15.13
    architecture: Architecture | None = None  # of the build: version(), "aarch64-…"
    block_bytes: int | None = None  # block_size
    wal_segment_bytes: int | None = None  # wal_segment_size
    checksums: bool | None = None  # data_checksums
    memory_bytes: int | None = None  # /proc/meminfo MemTotal of the host, or its control group's
    free_disk_bytes: int | None = None  # statvfs of data_directory
    free_wal_bytes: int | None = None  # statvfs of pg_wal
    clock_seconds: float | None = None  # clock_timestamp() less the clock of whoever asks

    # -- text
    encoding: str | None = None  # pg_encoding_to_char(pg_database.encoding): "UTF8"
    collation_provider: str | None = None  # pg_database.datlocprovider: "libc", "icu", "builtin"
    collation: str | None = None  # datcollate, or the ICU/builtin locale
    character_type: str | None = None  # datctype
    # pg_database_collation_actual_version: "2.36"; "" for an order that has no versions, as C.UTF-8
    collation_version: str | None = None
    collation_recorded: str | None = None  # datcollversion: what its indexes were built with
    libc: str | None = None  # "glibc 2.36", "musl 1.2.5": of the host's packages
    icu: str | None = None  # version() of ICU by pg_collation_actual_version of an ICU collation
    text_indexes: tuple[TextIndex, ...] | None = None

    # -- replication
    wal_level: str | None = None  # "minimal", "replica", "logical"
    slots_max: int | None = None  # max_replication_slots
    slots_used: int | None = None  # pg_replication_slots
    senders_max: int | None = None  # max_wal_senders
    senders_used: int | None = None  # pg_stat_replication
    logical_workers_max: int | None = None  # max_logical_replication_workers
    logical_workers_used: int | None = None  # pg_stat_subscription with a pid
    origins_max: int | None = None  # max_active_replication_origins; before 18 the slots'
    workers_max: int | None = None  # max_worker_processes
    workers_used: int | None = None  # pg_stat_activity of background workers
    connections_max: int | None = None  # max_connections less superuser_reserved_connections
    connections_used: int | None = None  # pg_stat_activity of client backends
    connections_workload: int | None = None  # of these, the workload's role
    slot_keep_bytes: int | None = None  # max_slot_wal_keep_size; -1 keeps all, and fills the disk
    write_bytes_per_second: float | None = None  # pg_current_wal_lsn() over a measured interval
    leftovers: Leftovers | None = None
    prepared_transactions: int | None = None  # pg_prepared_xacts, of this database
    longest_transaction_seconds: float | None = None  # pg_stat_activity.xact_start, oldest

    # -- what is in it (the workload's database; objects of extensions are left out)
    size_bytes: int | None = None  # pg_database_size
    tables: tuple[TableFacts, ...] | None = None
    tables_without_identity: tuple[str, ...] | None = None  # relreplident: UPDATE/DELETE would fail
    unlogged_tables: tuple[str, ...] | None = None  # relpersistence 'u'
    generated_columns: tuple[str, ...] | None = None  # "schema.table.column", attgenerated
    large_objects: int | None = None  # pg_largeobject_metadata
    largest_value_bytes: int | None = None  # max(octet_length), of all rows or a sample
    materialized_views: tuple[str, ...] | None = None  # relkind 'm'
    triggers: tuple[TriggerFacts, ...] | None = None
    rules: tuple[str, ...] | None = None  # "schema.table.rule", pg_rewrite but the views' own
    event_triggers: tuple[str, ...] | None = None  # pg_event_trigger, enabled ones
    sequences: tuple[str, ...] | None = None  # "schema.sequence"
    foreign_tables: tuple[ForeignTable, ...] | None = None
    partitioned_tables: tuple[str, ...] | None = None  # relkind 'p'
    types: tuple[str, ...] | None = None  # domains and composite/enum types: "schema.type"
    row_security: tuple[str, ...] | None = None  # tables with relrowsecurity
    jobs: tuple[JobFacts, ...] | None = None
    roles: tuple[RoleFacts, ...] | None = None  # that own or are granted something in it
    grants: int | None = None  # entries of relacl, nspacl, … besides the owner's own
    extensions: Mapping[str, str] | None = None  # pg_extension: name → extversion
    available_extensions: Mapping[str, tuple[str, ...]] | None = None  # name → versions of the host
    # Tables, views, sequences, functions that no migration of ours put there; 0: it is empty.
    user_objects: int | None = None
