"""A database server as it runs: what ``playbooks/postgresql_survey.yml`` asks PostgreSQL itself.

Asked on the host as its administrator over the local socket, so no password travels and no row of
a patient is read: settings, access rules, roles and grants only. Nothing secret is among them: of a
password only how it is kept, of a command only whether there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hospital.estate import Database


@dataclass(frozen=True, slots=True)
class Override:
    """A setting that differs for one role, one database, or one in the other."""

    name: str
    value: str
    role: str  # "" for every role
    database: str  # "" for every database


@dataclass(frozen=True, slots=True)
class AccessRule:
    """One line of `pg_hba.conf`, in its order; the first that matches decides."""

    line: int
    type: str  # "local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"
    databases: tuple[str, ...]  # names, "all", "sameuser", "replication", …
    users: tuple[str, ...]  # names, "all", "+group"
    address: str  # an address, "all", "samehost", "samenet", a host name; "" for a local socket
    netmask: str  # of an address; else ""
    method: str  # "scram-sha-256", "reject", …
    clientcert: str  # "verify-full", "verify-ca", or "" where no certificate is asked for
    error: str  # why PostgreSQL cannot read the line; else ""


@dataclass(frozen=True, slots=True)
class Role:
    """A user or a group; PostgreSQL's own `pg_…` groups are named in ``member_of`` only."""

    name: str
    bootstrap: bool  # the superuser that `initdb` made: there is always that one
    superuser: bool
    create_role: bool
    create_db: bool
    bypass_rls: bool  # row security does not hold it
    replication: bool
    login: bool
    verifier: (
        str  # how its password is kept: "scram-sha-256", "md5", "other"; "none" if it has none
    )
    member_of: tuple[str, ...]  # groups, those of its groups too
    valid_until: date | None = None  # last day of its password; None: it never ends


@dataclass(frozen=True, slots=True)
class DatabaseSeen:
    """One database of the cluster that takes connections; objects of extensions are left out."""

    name: str
    owner: str
    template: bool
    encoding: str  # "UTF8"
    collation: str  # "C.UTF-8"
    public_connects: bool  # every role may connect
    public_schemas: tuple[str, ...]  # in which every role may make objects
    public_tables: tuple[str, ...]  # "schema.table" on which every role may do something
    # "schema.function(arguments)" that run with a superuser's rights on the caller's search path
    open_definers: tuple[str, ...]
    idle_policies: tuple[str, ...]  # "schema.table" with row policies that are not switched on
    extensions: Mapping[str, str]  # name → version
    untrusted_languages: tuple[str, ...]  # whose functions do on the host what its postgres may


@dataclass(frozen=True, slots=True)
class Clients:
    """Connections over the network at that moment, of one role and one protocol."""

    role: str
    protocol: str  # "TLSv1.3", …, "GSSAPI"; "" in clear
    count: int


@dataclass(frozen=True, slots=True)
class StandbySeen:
    """A standby that receives from this member (`pg_stat_replication`)."""

    name: str
    state: str  # "streaming", "catchup", …
    sync: str  # "sync", "quorum", "potential", "async"


@dataclass(frozen=True, slots=True)
class Receiver:
    """How this member receives (`pg_stat_wal_receiver`)."""

    status: str  # "streaming", "waiting", …
    sslmode: str  # of its connection: "verify-full", …; "" if it says none


@dataclass(frozen=True, slots=True)
class Slot:
    """A replication slot: what it asks to be kept."""

    name: str
    type: str  # "physical", "logical"
    active: bool
    status: str  # "reserved", "extended", "unreserved", "lost"; "" if it never was used
    retained_bytes: int  # of write-ahead log


@dataclass(frozen=True, slots=True)
class Archive:
    """Archiving of the write-ahead log (`archive_mode` and `pg_stat_archiver`)."""

    mode: str  # "off", "on", "always"
    destination: bool  # a command or library that keeps segments; `true` keeps none
    archived: int  # segments since the statistics were reset
    failed: int  # attempts
    failing: bool  # the last attempt failed


@dataclass(frozen=True, slots=True)
class Backup:
    """What the host's backup tool says of the newest backups in its repositories."""

    tool: str  # "pgbackrest"
    age_hours: int  # of the newest of any kind, when surveyed
    full_age_hours: int | None = None  # of the newest full one; None: there is none


@dataclass(frozen=True, slots=True)
class Storage:
    """The files below: modes as `stat` prints them, in octal."""

    directory: str
    directory_mode: str  # "700"
    layers: tuple[str, ...]  # of block devices, as `lsblk` calls them: "disk", "crypt"; () unread
    key_mode: str | None = None  # of the private key for TLS; None: there is none


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What one member says of itself."""

    version: int  # 150013 is 15.13
    standby: bool  # in recovery: it follows another member
    settings: Mapping[str, str]  # `pg_settings`: name → value in effect, units as PostgreSQL's
    overrides: tuple[Override, ...]  # of the same settings
    access: tuple[AccessRule, ...]
    roles: tuple[Role, ...]
    databases: tuple[DatabaseSeen, ...]
    clients: tuple[Clients, ...]
    standbys: tuple[StandbySeen, ...]
    slots: tuple[Slot, ...]
    archive: Archive
    storage: Storage
    receiver: Receiver | None = None  # None: it receives from nobody
    backup: Backup | None = None  # None: no tool on the host shows one


@dataclass(frozen=True, slots=True)
class SurveyedDatabase:
    """A declared database at one of its members."""

    database: Database
    host: str  # host id of the member
    facts: DatabaseFacts
