"""Real PostgreSQL servers on the loopback interface, for tests and benchmarks of logical moves.

Each is a cluster in a temporary directory with TLS, scram and access rules as on the hospital's
database hosts, and with what the playbook's ``migration.sql.j2`` makes in it. A server of another
architecture runs from packages that were unpacked somewhere, by the machine's emulation.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from jinja2 import Environment

from lab import emulation
from lab.pki import Authority, write_private
from lab.places import CHECKOUT, Places
from providers.sessions import Credentials, Place

TEMPLATE = CHECKOUT / "playbooks" / "roles" / "postgresql" / "templates" / "migration.sql.j2"
ADDRESS = "127.0.0.1"

_ACCESS = """
local all postgres trust
hostssl sameuser all 127.0.0.1/32 scram-sha-256
hostssl all xinglin_migration 127.0.0.1/32 scram-sha-256
"""
"""Directories of sockets are for the server's user only; the rest is as the playbook has it."""

_SETTINGS = {
    "listen_addresses": ADDRESS,
    "ssl": "on",
    "wal_level": "logical",
    "max_wal_senders": "20",
    "max_replication_slots": "10",
    "max_connections": "100",
    "max_prepared_transactions": "5",
    "password_encryption": "scram-sha-256",
    "wal_sender_timeout": "10s",
    "wal_receiver_timeout": "10s",
    "wal_retrieve_retry_interval": "500ms",
    "idle_in_transaction_session_timeout": "10min",
    "fsync": "off",  # a power cut is not what is tested on loopback
    "autovacuum_naptime": "10min",
}


def unpacked_arm64(version: str, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where PostgreSQL for arm64 is unpacked and can run; None if it is not or cannot.

    ``XINGLIN_ARM64_POSTGRESQL`` names another place than the toolchain's.
    """
    cached = Places.from_environment().cache / "toolchain" / "arm64" / f"postgresql-{version}"
    root = Path(environment.get("XINGLIN_ARM64_POSTGRESQL", "") or cached)
    there = (root / "usr" / "lib" / "postgresql" / version / "bin" / "postgres").exists()
    return root if there and emulation.is_there() else None


def authority() -> Authority:
    """Whom all servers and clients of one test trust."""
    return Authority.create("loopback")


@dataclass(slots=True)
class Server:
    """One server; ``database`` is its workload's, with a rehearsal's beside it."""

    cluster: str
    authority: Authority
    migration_password: str
    version: str = "15"
    root: Path = Path("/")  # where packages of another architecture or version were unpacked
    database: str = "his"
    settings: Mapping[str, str] = field(default_factory=dict)
    initdb: Sequence[str] = ("--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums")
    password: str = field(default_factory=lambda: secrets.token_hex(8))  # of the workload
    directory: Path = field(init=False)
    port: int = field(init=False)

    def __post_init__(self) -> None:
        self.directory = Path(mkdtemp(prefix=f"xinglin-{self.cluster}-"))
        self.directory.chmod(0o700)
        os.chown(self.directory, *_owner())
        with socket.socket() as probe:
            probe.bind((ADDRESS, 0))
            self.port = int(probe.getsockname()[1])

    @property
    def pid(self) -> int:
        """Of the server, which runs."""
        return int(self._file("data/postmaster.pid").read_text().splitlines()[0])

    @property
    def place(self) -> Place:
        """Where it is, for hands."""
        return Place(self.cluster, ((ADDRESS, self.port),))

    def credentials(self) -> Credentials:
        """Of ``xinglin_migration``; the path of the authority is the same at every server."""
        ours = self._file("ca.crt")
        return Credentials(self.migration_password, ours, str(self.directory / "ca.crt"))

    def make(self) -> None:
        """The cluster, its keys, the server, and what the playbook makes in it."""
        if self.root != Path("/"):  # unpacked in somebody's home, which the server may not enter
            unpacked, self.root = self.root, self._file("programs")
            shutil.copytree(unpacked, self.root, symlinks=True)
            if not (self.root / "lib").exists():  # where programs name their loader
                (self.root / "lib").symlink_to("usr/lib")
        self._run("initdb", "-D", str(self._file("data")), "-U", "postgres", "--auth=trust",
                  "--no-sync", *self.initdb)  # fmt: skip
        pair = self.authority.issue(self.cluster, names=("localhost", ADDRESS))
        for name, content in (
            ("ca.crt", self.authority.certificate),
            ("tls.crt", pair.certificate),
            ("tls.key", pair.key),
        ):
            write_private(self._file(name), content, mode=0o600)
            os.chown(self._file(name), *_owner())
        self._file("data/pg_hba.conf").write_text(_ACCESS, encoding="utf-8")
        keys = {f"ssl_{which}_file": str(self._file(name)) for which, name in _KEYS.items()}
        own = {"port": str(self.port), "unix_socket_directories": str(self.directory)}
        wanted = _SETTINGS | keys | own | dict(self.settings)
        lines = "".join(f"{name} = '{value}'\n" for name, value in wanted.items())
        with self._file("data/postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(lines)
        self.start()
        self._people()

    def start(self) -> None:
        """Start it, also after a kill."""
        self._run("pg_ctl", "-D", str(self._file("data")), "-l", str(self._file("log")), "-w",
                  "-t", "120", "start")  # fmt: skip

    def kill(self) -> None:
        """As a host that loses its power; the server itself is told, by no program of its own."""
        pid = self.pid
        os.kill(pid, signal.SIGQUIT)
        for _ in range(1000):
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """End it and remove everything."""
        if self._file("data/postmaster.pid").exists():
            self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def admin(self, database: str = "") -> psycopg.Connection[tuple[object, ...]]:
        """A superuser's connection by the socket."""
        return psycopg.connect(
            host=str(self.directory), port=self.port, user="postgres",
            dbname=database or self.database, autocommit=True,
        )  # fmt: skip

    def client(self, **more: Any) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of the workload, as over the network."""
        return psycopg.connect(
            host=ADDRESS, port=self.port, user=self.database, dbname=self.database,
            password=self.password, sslmode="verify-full", sslrootcert=str(self._file("ca.crt")),
            connect_timeout=5, autocommit=True, **more,
        )  # fmt: skip

    def _people(self) -> None:
        with self.admin("postgres") as admin:
            for name in (self.database, f"{self.database}_rehearsal"):
                admin.execute(f"CREATE ROLE \"{name}\" LOGIN PASSWORD '{self.password}'".encode())
                admin.execute(f'CREATE DATABASE "{name}" OWNER "{name}"'.encode())
                admin.execute(f'REVOKE ALL ON DATABASE "{name}" FROM PUBLIC'.encode())
        self.install()

    def release(self) -> None:
        """Receive nothing any more; the other server's slots are then free."""
        for database in (self.database, f"{self.database}_rehearsal"):
            with self.admin(database) as admin:
                for (label,) in admin.execute(_SUBSCRIPTIONS).fetchall():
                    for what in ("DISABLE", "SET (slot_name = NONE)"):
                        admin.execute(f"ALTER SUBSCRIPTION {label} {what}".encode())
                    admin.execute(f"DROP SUBSCRIPTION {label}".encode())

    def reset(self) -> None:
        """As it was made: no slots, no rows, the workload's role open; after ``release``."""
        with self.admin("postgres") as admin:
            for pid, slot in admin.execute(_SLOTS).fetchall():
                admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
                admin.execute("SELECT pg_drop_replication_slot(%s)", [slot])
            for name in (self.database, f"{self.database}_rehearsal"):
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
                admin.execute(f'DROP ROLE "{name}"'.encode())
        self._people()

    def install(self) -> None:
        """What the playbook makes for migrations; again changes nothing."""
        template = Environment(trim_blocks=True).from_string(TEMPLATE.read_text("utf-8"))
        statements = template.render(
            postgresql_migrating=[self.database, f"{self.database}_rehearsal"],
            database_access={"migration": {"password": self.migration_password}},
        )
        command = ["psql", "-Xq", "-h", str(self.directory), "-p", str(self.port)]
        command += ["-U", "postgres", "-d", "postgres"]
        subprocess.run(command, input=statements, text=True, check=True, capture_output=True)

    def _file(self, name: str) -> Path:
        return self.directory / name

    def _emulation(self) -> dict[str, str]:
        """Its programs look for their loader and libraries there before anywhere else."""
        return {} if self.root == Path("/") else {"QEMU_LD_PREFIX": str(self.root)}

    def _run(self, program: str, *arguments: str) -> None:
        user, group = _owner()
        command = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        programs = self.root / "usr" / "lib" / "postgresql" / self.version / "bin"
        done = subprocess.run(
            [*command, str(programs / program), *arguments],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.directory)} | self._emulation(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} of {self.cluster}: {done.stdout[-2000:]}")


_SUBSCRIPTIONS = """
SELECT subname FROM pg_subscription WHERE subdbid =
  (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_SLOTS = "SELECT active_pid, slot_name FROM pg_replication_slots"
_KEYS = {"ca": "ca.crt", "cert": "tls.crt", "key": "tls.key"}


def _owner() -> tuple[int, int]:
    found = pwd.getpwnam("postgres")
    return found.pw_uid, found.pw_gid
