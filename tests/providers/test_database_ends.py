"""Both ends of a move on real servers: what hosts add to catalogues, and what the line carries."""

from __future__ import annotations

import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from jinja2 import Environment

from hospital.errors import RefusedError, UnavailableError
from hospital.estate import Estate, Host
from hospital.move import Method, Migration
from lab.loopback import ADDRESS, Server, authority
from providers.catalogue_facts import facts
from providers.database_ends import DatabaseEnds
from providers.line_sample import segments
from providers.logical import LogicalHands
from providers.reception import Machine, machine
from providers.sessions import Credentials, Door, Place
from stacks.estate import read_estate

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "playbooks" / "roles" / "reception" / "templates" / "xinglin-reception.sh.j2"
ROLES = ROOT / "playbooks" / "roles" / "postgresql" / "templates" / "roles.sql.j2"
pytestmark = [pytest.mark.lab, pytest.mark.timeout(200)]

MOVE = Migration(
    name="his-1", workload="his", source="campus-x86", target="campus-arm", method=Method.LOGICAL,
    database="hospital-db-arm", reason="a test", requested_by="somebody", requested_at=1.0,
)  # fmt: skip


def asked(server: Server, directory: Path) -> str:
    """What the command that the playbook installs says of this machine and ``server``."""
    script = directory / "xinglin-reception"
    text = Environment(trim_blocks=True).from_string(COMMAND.read_text("utf-8")).render(
        ansible_managed="", ansible_host="10.9.0.1", reception_peers=[], postgresql_port=5432,
        postgresql_bin="/nowhere", postgresql_data=str(server.directory / "data"),
    )  # fmt: skip
    script.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["sh", script, "machine"], capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture(scope="module")
def estate() -> Estate:
    made = read_estate(ROOT / "stacks" / "estates" / "lab.yaml")
    first, *others = made.sites
    hosts = (replace(first.hosts[0], address=ADDRESS), *first.hosts[1:])
    return replace(made, sites=(replace(first, hosts=hosts), *others))


def places(servers: dict[str, Server]) -> dict[str, Place]:
    named = {"hospital-db": servers["a"], "hospital-db-arm": servers["b"]}
    return {name: server.place for name, server in named.items()}


@pytest.fixture
def ends(servers: dict[str, Server], tmp_path: Path) -> Iterator[DatabaseEnds]:
    credentials: Credentials = servers["a"].credentials()
    streams = LogicalHands(places(servers), credentials)

    def told(host: Host) -> Machine:
        return machine(host.id, asked(servers["a"], tmp_path))

    with closing(streams):
        yield DatabaseEnds(
            "campus-x86", streams, places(servers), onlooker=credentials, machine=told
        )


def test_a_host_tells_what_its_server_cannot(servers: dict[str, Server], tmp_path: Path) -> None:
    told = machine("db-1", asked(servers["a"], tmp_path))
    assert (told.memory_bytes or 0) > 2**26
    assert (told.free_disk_bytes or 0) > 2**20
    assert told.free_wal_bytes == told.free_disk_bytes
    assert told.libc == subprocess.run(
        ["getconf", "GNU_LIBC_VERSION"], capture_output=True, text=True, check=True
    ).stdout.strip()  # fmt: skip


def test_a_host_without_a_running_server_says_nothing_of_its_c_library(
    servers: dict[str, Server], tmp_path: Path
) -> None:
    servers["b"].kill()
    try:
        told = machine("db-1", asked(servers["b"], tmp_path))
    finally:
        servers["b"].start()
    assert told.libc is None
    assert (told.free_disk_bytes or 0) > 2**20
    gone = replace(servers["b"], authority=servers["b"].authority)  # its data are nowhere
    assert machine("db-1", asked(gone, tmp_path)).free_disk_bytes is None
    gone.close()


@pytest.mark.parametrize("line", ["", "{}", '{"memory": "much"}', '{"error": "unknown verb"}'])
def test_other_words_than_the_commands_are_refused(line: str) -> None:
    with pytest.raises(RefusedError):
        machine("db-1", line)


def test_facts_of_a_host_stand_beside_those_of_its_server(
    ends: DatabaseEnds, estate: Estate
) -> None:
    source, target = ends(estate, MOVE)
    assert source is not None
    assert target is not None
    assert source.exists
    assert (source.libc or "").startswith("glibc 2.")
    assert None not in (source.memory_bytes, source.free_disk_bytes, source.free_wal_bytes)


def test_a_host_that_does_not_answer_leaves_only_its_own_facts_unknown(
    ends: DatabaseEnds, estate: Estate
) -> None:
    def silent(host: Host) -> Machine:
        raise UnavailableError(host.id, "no answer")

    source, _ = replace(ends, machine=silent)(estate, MOVE)
    assert source is not None
    assert source.exists
    assert (source.memory_bytes, source.libc) == (None, None)


def test_the_line_is_measured_where_the_copy_will_pass(
    ends: DatabaseEnds, estate: Estate, servers: dict[str, Server]
) -> None:
    for site in ("campus-x86", "cloud"):
        seen = replace(ends, site=site).line(estate, MOVE)
        assert seen is not None
        assert seen.bytes_per_second > 2**20
        assert seen.loss_ratio in (None, 0.0)
    with servers["b"].admin() as admin:
        written = admin.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
        assert written.fetchone() == (0,)


def test_of_a_stream_between_members_a_third_site_says_nothing(
    ends: DatabaseEnds, estate: Estate
) -> None:
    physical = replace(MOVE, method=Method.PHYSICAL, target="cloud", database="hospital-db")
    assert replace(ends, site="campus-arm").line(estate, physical) is None


@pytest.fixture(scope="module")
def undeclared() -> Iterator[Server]:
    """A server that no declared migration touches: what the playbook makes on any primary."""
    server = Server("a", authority(), secrets.token_hex(8), settings={"wal_level": "replica"})
    try:
        server.make()
        template = Environment(trim_blocks=True).from_string(ROLES.read_text("utf-8"))
        people = {
            name: {"user": name, "password": server.migration_password}
            for name in ("patroni", "rewind")
        }
        own = {"his": {"user": "his", "password": server.password}}
        statements = template.render(
            database_access={**people, "workloads": own}, database_workloads=["his"],
            database_arrivals=[], postgresql_looked_at=["his"],
        )  # fmt: skip
        access = server.directory / "data" / "pg_hba.conf"
        with access.open("a", encoding="utf-8") as rules:
            rules.write("hostssl his patroni 127.0.0.1/32 scram-sha-256\n")
        command = ["psql", "-Xq", "-h", str(server.directory), "-p", str(server.port)]
        command += ["-U", "postgres", "-d", "postgres", "-v", "ON_ERROR_STOP=1"]
        subprocess.run(command, input=statements, text=True, check=True, capture_output=True)
        with server.admin() as admin:
            admin.execute("DROP SCHEMA xinglin_migration CASCADE")
            admin.execute("SELECT pg_reload_conf()")
        with server.client() as client:
            client.execute("CREATE TABLE orders (id int PRIMARY KEY, image bytea)")
        yield server
    finally:
        server.close()


def test_what_watches_a_cluster_sees_its_catalogues_and_no_row(undeclared: Server) -> None:
    credentials = replace(undeclared.credentials(), user="patroni")
    with closing(Door(undeclared.place, "his", credentials, standby=True)) as door:
        seen = facts(door)
        unknown = {name for name, value in asdict(seen).items() if value is None}
        with pytest.raises(RefusedError, match="permission denied"):
            door.ask("SELECT * FROM public.orders")
    # Of a row's size only who may read rows can tell; the rest is the host's to say.
    assert unknown == {
        "largest_value_bytes", "memory_bytes", "free_disk_bytes", "free_wal_bytes", "libc", "icu",
    } - ({"icu"} if seen.icu else set())  # fmt: skip
    assert (seen.wal_level, seen.exists) == ("replica", True)
    assert [role.name for role in seen.roles or ()] == ["his"]


def test_segments_that_were_sent_are_counted() -> None:
    with socket.create_server((ADDRESS, 0)) as server:
        here = socket.create_connection(server.getsockname())
        here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        there, _ = server.accept()
        with here, there:
            for _ in range(600):
                here.send(b"x")
                there.recv(1)
            again, sent = segments(here)
            assert (again, sent) == (0, 600)
            assert segments(there) == (0, 0)
