"""What a real server says of itself before a move: every kind of object is seen by its name."""

from __future__ import annotations

import pytest

from hospital.estate import Architecture
from hospital.prechecks.database import ForeignTable, TriggerFacts
from hospital.stream import Move
from lab.loopback import Server
from providers.logical import LogicalHands

pytestmark = [pytest.mark.lab, pytest.mark.timeout(200)]
MOVE = Move("m", "his", "a", "b")

STATEMENTS = """
CREATE TABLE orders (id bigserial PRIMARY KEY, item text NOT NULL, image bytea,
  label text GENERATED ALWAYS AS (upper(item)) STORED);
CREATE INDEX orders_item ON orders (item);
CREATE TABLE nameless (x int);
CREATE UNLOGGED TABLE cache (x int PRIMARY KEY);
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM orders;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER always BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE orders ENABLE ALWAYS TRIGGER always;
CREATE RULE silent AS ON DELETE TO nameless DO INSTEAD NOTHING;
CREATE TABLE parted (at date PRIMARY KEY) PARTITION BY RANGE (at);
CREATE DOMAIN code AS text;
CREATE TYPE mood AS ENUM ('low');
ALTER TABLE cache ENABLE ROW LEVEL SECURITY;
SELECT lo_create(0);
INSERT INTO orders (item, image) VALUES ('pill', decode(repeat('00', 3000000), 'hex'));
CREATE EXTENSION pg_trgm;
GRANT SELECT ON orders TO PUBLIC;
ANALYZE;
"""
BY_SUPERUSER = """
CREATE FUNCTION public.g() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER noticing ON ddl_command_end EXECUTE FUNCTION public.g();
CREATE EXTENSION file_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE public.far (x int) SERVER elsewhere OPTIONS (filename '/dev/null');
CREATE PUBLICATION xinglin_old;
"""


def test_everything_that_a_check_asks_for_is_seen(servers: dict[str, Server]) -> None:
    with servers["a"].client() as client:
        for statement in STATEMENTS.split(";\n"):
            client.execute(statement.encode())
    with servers["a"].admin() as admin:
        for statement in BY_SUPERUSER.split(";\n"):
            admin.execute(statement.encode())
    places = {name: server.place for name, server in servers.items()}
    hands = LogicalHands(places, servers["a"].credentials())
    seen, other = hands.facts(MOVE, "a"), hands.facts(MOVE, "b")
    hands.close()
    assert seen.exists
    assert seen.cluster != other.cluster
    assert seen.architecture is Architecture.AMD64
    assert seen.version == 150000 + int(str(seen.version)[-4:])
    assert (seen.standby, seen.checksums, seen.encoding) == (False, True, "UTF8")
    assert (seen.collation_provider, seen.collation) == ("libc", "C.UTF-8")
    assert (seen.collation_version, seen.collation_recorded) == ("", "")  # C has no versions
    assert (seen.wal_level, seen.slots_max, seen.slots_used) == ("logical", 10, 0)
    assert abs(seen.clock_seconds or 9) < 2
    assert seen.text_indexes is not None
    assert [index.name for index in seen.text_indexes] == ["public.orders_item"]
    assert seen.tables is not None
    assert {table.name for table in seen.tables} == {
        "public.orders", "public.nameless", "public.cache",
    }  # fmt: skip
    assert seen.tables_without_identity == ("public.nameless",)
    assert seen.unlogged_tables == ("public.cache",)
    assert seen.generated_columns == ("public.orders.label",)
    assert seen.large_objects == 1
    assert (seen.largest_value_bytes or 0) >= 3_000_000
    assert seen.materialized_views == ("public.counted",)
    assert seen.triggers == (TriggerFacts("always", "public.orders", "always"),)
    assert seen.rules == ("public.nameless.silent",)
    assert seen.event_triggers == ("noticing",)
    assert seen.sequences == ("public.orders_id_seq",)
    assert seen.foreign_tables == (ForeignTable("public.far", "elsewhere", "file_fdw"),)
    assert seen.partitioned_tables == ("public.parted",)
    assert seen.types == ("public.code", "public.mood")
    assert seen.row_security == ("public.cache",)
    assert seen.jobs == ()
    assert seen.roles is not None
    assert [(role.name, role.login) for role in seen.roles] == [("his", True)]
    assert seen.grants == 1
    assert seen.extensions is not None
    assert seen.extensions.keys() == {"pg_trgm", "file_fdw"}
    assert seen.available_extensions is not None
    assert "pgcrypto" in seen.available_extensions
    assert seen.leftovers is not None
    assert seen.leftovers.names == ("publication xinglin_old",)
    assert seen.prepared_transactions == 0
    assert other.user_objects == 0
    assert seen.user_objects != 0


def test_a_database_that_is_not_there_is_told_apart_from_a_silent_server(
    servers: dict[str, Server],
) -> None:
    nowhere = Move("m", "nowhere", "a", "b")
    places = {name: server.place for name, server in servers.items()}
    hands = LogicalHands(places, servers["a"].credentials())
    assert hands.facts(nowhere, "a").exists is False
    servers["b"].kill()
    try:
        assert hands.facts(MOVE, "b").exists is None
    finally:
        servers["b"].start()
        hands.close()
