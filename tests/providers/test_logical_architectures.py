"""A logical move from amd64 PostgreSQL 15 to arm64 PostgreSQL 18 and back, both really running.

The arm64 server runs under user-mode emulation; where its packages are not unpacked the tests are
skipped.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from hospital.errors import UnavailableError
from hospital.estate import Architecture
from hospital.stream import Move
from lab.loopback import Server, authority, unpacked_arm64
from providers.logical import LogicalHands
from providers.postgres import patiently

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(550)]
MOVE = Move("to-arm", "his", "a", "arm")


@pytest.fixture
def servers() -> Iterator[dict[str, Server]]:
    root = unpacked_arm64("18")
    if root is None:
        pytest.skip("PostgreSQL 18 for arm64 is not unpacked here, or nothing emulates it")
    trusted, secret = authority(), secrets.token_hex(8)
    made = {
        "a": Server("a", trusted, secret),
        "arm": Server("arm", trusted, secret, version="18", root=root),
    }
    try:
        for server in made.values():
            server.make()
        with made["arm"].admin() as admin:
            admin.execute("ALTER ROLE his NOLOGIN")
        yield made
    finally:
        for server in made.values():
            server.close()


def _drained(hands: LogicalHands, move: Move) -> None:
    position = hands.fence(move, move.source)
    for attempt in patiently():
        with attempt:
            if not hands.drain(move, position):
                raise UnavailableError(move.target, "is not drained yet")


def test_from_amd64_to_arm64_and_back(servers: dict[str, Server]) -> None:
    with servers["a"].client() as client:
        for statement in (
            "CREATE TABLE patients (id bigserial PRIMARY KEY, name text NOT NULL, weight float8, "
            "born date, seen timestamptz, fee numeric(9, 2), scan bytea, tags text[], more jsonb, "
            "upper text GENERATED ALWAYS AS (upper(name)) STORED)",
            "CREATE INDEX patients_name ON patients (name)",
            "INSERT INTO patients (name, weight, born, seen, fee, scan, tags, more) SELECT "
            "chr(19968 + n % 20000) || '患者 Å ' || n, n / 7.0, '1950-01-01'::date + n, "
            "'2026-01-01'::timestamptz + n * interval '1 min', n / 3.0, "
            "decode(md5(n::text), 'hex'), ARRAY['a', NULL, n::text], jsonb_build_object('n', n) "
            "FROM generate_series(1, 20000) n",
        ):
            client.execute(statement.encode())
    places = {name: server.place for name, server in servers.items()}
    hands = LogicalHands(places, servers["a"].credentials())
    try:
        facts = hands.facts(MOVE, "arm")
        assert facts.architecture is Architecture.ARM64
        assert (facts.version or 0) >= 180000
        hands.prepare(MOVE)
        hands.copy(MOVE, lambda _: None)
        hands.build(MOVE)
        hands.subscribe(MOVE)
        with servers["a"].client() as client:
            client.execute("UPDATE patients SET weight = 1e-300 WHERE id = 5")
        _drained(hands, MOVE)
        carried = hands.carry(MOVE)
        assert carried.sequences == (("public.patients_id_seq", 20000, True),)
        hands.reverse(MOVE)
        verified = hands.verify(MOVE)
        assert verified.whole
        assert verified.indexes == 2
        hands.open(MOVE, "arm")
        hands.follow(MOVE)
        with servers["arm"].client() as client:
            client.execute("INSERT INTO patients (name) VALUES ('到 ARM')")
        back = MOVE.reversed()
        _drained(hands, back)
        hands.carry(back)
        hands.reverse(back)
        assert hands.verify(MOVE).whole
        hands.open(MOVE, "a")
        with servers["a"].client() as client:
            found = client.execute("SELECT id FROM patients WHERE name = '到 ARM'").fetchall()
        assert found == [(20001,)]
    finally:
        hands.close()
