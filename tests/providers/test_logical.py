"""A logical move between two real PostgreSQL servers: what flows, what is carried, what is refused.

A value of 100 MB stands for one of 1 GB: the machine's memory is shared.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import psycopg
import pytest

from hospital.errors import HospitalError, RefusedError, UnavailableError, UnsafeError
from hospital.stream import Filled, Move, Progress
from lab.loopback import Server
from providers.logical import LogicalHands
from providers.postgres import patiently

T = TypeVar("T")

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(500)]

MOVE = Move("m", "his", "a", "b")
SCHEMA = """
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, item text NOT NULL, amount int DEFAULT 1,
  label text GENERATED ALWAYS AS (upper(item)) STORED);
CREATE INDEX orders_item ON orders (item);
CREATE TABLE lines (id bigserial PRIMARY KEY, "order" bigint NOT NULL REFERENCES orders);
"""


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    for _ in range(round(seconds * 20)):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came true")


def again(act: Callable[[], T]) -> T:
    for attempt in patiently():
        with attempt:
            found = act()
    return found


@dataclass
class Stage:
    servers: dict[str, Server]
    hands: LogicalHands

    def sql(self, end: str, *statements: str) -> list[tuple[object, ...]]:
        """As the workload; the rows of the last statement."""
        found: list[tuple[object, ...]] = []
        with self.servers[end].client() as client:
            for statement in statements:
                cursor = client.execute(statement.encode())
                found = cursor.fetchall() if cursor.description else []
        return found

    def admin(self, end: str, *statements: str) -> list[tuple[object, ...]]:
        """As the superuser; the rows of the last statement."""
        found: list[tuple[object, ...]] = []
        with self.servers[end].admin() as admin:
            for statement in statements:
                cursor = admin.execute(statement.encode())
                found = cursor.fetchall() if cursor.description else []
        return found

    def filled(self) -> None:
        self.hands.prepare(MOVE)
        self.hands.copy(MOVE, lambda _: None)
        self.hands.build(MOVE)

    def flowing(self) -> None:
        self.filled()
        self.hands.subscribe(MOVE)

    def cut_over(self, move: Move = MOVE) -> None:
        """As an operator does: what did not answer in time is asked again."""
        position = again(lambda: self.hands.fence(move, move.source))
        until(lambda: again(lambda: self.hands.drain(move, position)))
        again(lambda: self.hands.carry(move))
        again(lambda: self.hands.reverse(move))
        again(lambda: self.hands.open(move, move.target))
        again(lambda: self.hands.follow(move))

    def caught_up(self, move: Move = MOVE) -> None:
        def now() -> bool:
            seen = self.hands.observe(move)
            return seen.lag_bytes == 0 and bool(seen.subscription and seen.subscription.running)

        until(now)


@pytest.fixture
def stage(servers: dict[str, Server]) -> Iterator[Stage]:
    places = {name: server.place for name, server in servers.items()}
    hands = LogicalHands(places, servers["a"].credentials())
    made = Stage(servers, hands)
    made.admin("b", "ALTER ROLE his NOLOGIN")
    yield made
    hands.close()


@dataclass
class Writers:
    """Clients that go on writing wherever they are let in; what was acknowledged is kept."""

    servers: dict[str, Server]
    count: int = 3
    acknowledged: list[tuple[int, str]] = field(default_factory=list)  # key, end
    _stop: threading.Event = field(default_factory=threading.Event)
    _keys: Iterator[int] = field(default_factory=itertools.count)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Writers:
        self._threads = [threading.Thread(target=self._write) for _ in range(self.count)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def some_more(self, many: int = 20) -> None:
        """Until so many more were acknowledged."""
        wanted = len(self.acknowledged) + many
        until(lambda: len(self.acknowledged) >= wanted)

    def _write(self) -> None:
        while not self._stop.is_set():
            for end in self.servers:
                try:
                    self._session(end)
                except psycopg.Error:
                    time.sleep(0.02)

    def _session(self, end: str) -> None:
        with self.servers[end].client() as client:
            while not self._stop.is_set():
                key = next(self._keys)
                client.execute("INSERT INTO writes VALUES (%s, %s)", [key, end])
                self.acknowledged.append((key, end))
                time.sleep(0.002)


def kept(stage: Stage, end: str) -> set[object]:
    return {key for (key,) in stage.admin(end, "SELECT key FROM public.writes")}


WRITES = "CREATE TABLE writes (key bigint PRIMARY KEY, at text)"


def test_a_drain_does_not_wait_until_the_log_writer_comes_by(stage: Stage) -> None:
    """Which it does every ten seconds here; a subscriber reports what is on its disk."""
    stage.admin("b", "ALTER SYSTEM SET wal_writer_delay = '10s'", "SELECT pg_reload_conf()")
    stage.sql("a", SCHEMA, "INSERT INTO orders (item) VALUES ('before')")
    stage.flowing()
    stage.caught_up()
    stage.sql("a", "INSERT INTO orders (item) VALUES ('last')")
    position = stage.hands.fence(MOVE, "a")
    until(lambda: stage.hands.drain(MOVE, position), seconds=5.0)
    assert stage.admin("b", "SELECT item FROM orders ORDER BY id") == [("before",), ("last",)]


def test_no_acknowledged_write_is_lost_in_a_move_there_and_back(stage: Stage) -> None:
    stage.sql("a", SCHEMA, WRITES)
    with Writers(stage.servers) as writers:
        writers.some_more()
        stage.flowing()
        writers.some_more()
        stage.cut_over()
        writers.some_more()
        stage.cut_over(MOVE.reversed())
        writers.some_more()
    assert {end for _, end in writers.acknowledged} == {"a", "b"}
    assert kept(stage, "a") >= {key for key, _ in writers.acknowledged}


def test_random_moves_under_load_lose_nothing(stage: Stage) -> None:
    stage.sql("a", WRITES)
    chance = random.Random(5)
    with Writers(stage.servers) as writers:
        stage.flowing()
        move = MOVE
        for _ in range(8):
            time.sleep(chance.uniform(0.0, 0.3))
            stage.cut_over(move)
            move = move.reversed()
            writers.some_more(chance.randrange(1, 20))
            assert [stage.hands.opened(MOVE, end) for end in ("a", "b")].count(True) == 1
    assert kept(stage, move.source) >= {key for key, _ in writers.acknowledged}


def _opening(stage: Stage, end: str, failed: list[HospitalError]) -> None:
    places = {name: one.place for name, one in stage.servers.items()}
    own = LogicalHands(places, stage.servers["a"].credentials())
    try:
        own.open(MOVE, end)
    except HospitalError as error:
        failed.append(error)
    finally:
        own.close()


def test_two_who_open_different_ends_do_not_both_succeed(stage: Stage) -> None:
    stage.flowing()
    for _ in range(5):
        stage.hands.fence(MOVE, "a")
        stage.hands.fence(MOVE, "b")
        failed: list[HospitalError] = []

        both = [threading.Thread(target=_opening, args=(stage, end, failed)) for end in ("a", "b")]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert [stage.hands.opened(MOVE, end) for end in ("a", "b")].count(True) == 1
        assert [type(error) for error in failed] == [UnsafeError]


def test_a_fence_ends_every_session_and_a_transaction_that_was_under_way(stage: Stage) -> None:
    stage.sql("a", SCHEMA)
    clients = [stage.servers["a"].client() for _ in range(5)]
    clients[0].execute("BEGIN")
    clients[0].execute("INSERT INTO orders (item) VALUES ('not committed')")
    stage.hands.fence(MOVE, "a")
    for client in clients:
        with pytest.raises(psycopg.OperationalError):
            client.execute("INSERT INTO orders (item) VALUES ('late')")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        stage.servers["a"].client()
    assert stage.admin("a", "SELECT count(*) FROM public.orders") == [(0,)]
    assert stage.hands.observe(MOVE).source.sessions == 0


def test_a_prepared_transaction_is_named_before_anything_is_closed(stage: Stage) -> None:
    stage.sql("a", SCHEMA)
    with stage.servers["a"].client() as client:
        client.execute("BEGIN")
        client.execute("INSERT INTO orders (item) VALUES ('half')")
        client.execute("PREPARE TRANSACTION 'half a payment'")
    try:
        with pytest.raises(UnsafeError, match="half a payment"):
            stage.hands.fence(MOVE, "a")
        assert stage.hands.opened(MOVE, "a")
    finally:
        stage.admin("a", "ROLLBACK PREPARED 'half a payment'")


def test_another_role_that_may_write_is_named_by_a_fence(stage: Stage) -> None:
    stage.sql("a", SCHEMA)
    stage.admin(
        "a",
        "CREATE ROLE interface LOGIN",
        "GRANT CONNECT ON DATABASE his TO interface",
        "GRANT INSERT ON orders TO interface",
    )
    try:
        with pytest.raises(UnsafeError, match="interface"):
            stage.hands.fence(MOVE, "a")
        with pytest.raises(UnsafeError, match="interface"):
            stage.hands.prepare(MOVE)
    finally:
        stage.admin("a", "DROP OWNED BY interface", "DROP ROLE interface")


def test_what_does_not_flow_is_carried(stage: Stage) -> None:
    stage.sql(
        "a",
        SCHEMA,
        "CREATE SEQUENCE fresh START 7",
        "CREATE UNLOGGED TABLE cache (key int, value text)",
        "CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS orders FROM orders",
        "CREATE MATERIALIZED VIEW twice AS SELECT 2 * orders AS orders FROM counted",
        "SELECT lo_from_bytea(70001, 'goes'), lo_from_bytea(70002, 'stays'),"
        "       lo_from_bytea(70003, 'changes')",
    )
    stage.flowing()
    stage.hands.fence(MOVE, "a")
    stage.hands.carry(MOVE)
    stage.hands.open(MOVE, "a")
    stage.sql(
        "a",
        "INSERT INTO orders (item) SELECT 'x' FROM generate_series(1, 41)",
        "INSERT INTO cache VALUES (1, 'one'), (2, NULL)",
        "REFRESH MATERIALIZED VIEW counted",
        "REFRESH MATERIALIZED VIEW twice",
        "SELECT lo_unlink(70001), lo_put(70003, 0, repeat('z', 20000000)::bytea)",
    )
    position = stage.hands.fence(MOVE, "a")
    until(lambda: stage.hands.drain(MOVE, position))
    carried = stage.hands.carry(MOVE)
    assert {name: value for name, value, _ in carried.sequences} == {
        "public.fresh": 7,
        "public.lines_id_seq": 1,
        "public.orders_id_seq": 41,
    }
    assert carried.large_objects == 2
    assert carried.unlogged_tables == ("public.cache",)
    assert carried.materialized_views == ("public.counted", "public.twice")
    assert stage.admin("b", "SELECT * FROM public.cache ORDER BY 1") == [(1, "one"), (2, None)]
    assert stage.admin("b", "SELECT orders FROM public.twice") == [(82,)]
    assert stage.admin("b", "SELECT nextval('public.fresh')") == [(7,)]
    everything = "SELECT oid::int, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY 1"
    assert stage.admin("a", everything) == stage.admin("b", everything)
    assert len(stage.admin("b", everything)) == 2
    assert stage.hands.verify(MOVE).whole


def test_every_kind_of_object_is_there_after_the_build(stage: Stage) -> None:
    stage.sql(
        "a",
        SCHEMA,
        'CREATE SCHEMA "Wards A"',
        'CREATE TABLE "Wards A"."beds %s" ("no \'\'x" int PRIMARY KEY, free boolean)',
        "CREATE TYPE mood AS ENUM ('low', 'high')",
        "CREATE DOMAIN code AS text CHECK (value ~ '^[A-Z]+$')",
        "CREATE TABLE typed (id int PRIMARY KEY, m mood, ms mood[], c code, k regclass, j jsonb,"
        " r int4range, t timestamptz, n numeric, b bytea)",
        "INSERT INTO typed VALUES (1, 'low', '{high,low}', 'ABC', 'orders', '{\"a\": 1}',"
        " '[1,5)', '2026-01-02 03:04:05.678+08', 1.50, '\\x00ff')",
        "CREATE TABLE parted (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE TABLE parted_1 PARTITION OF parted "
        "FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
        "CREATE INDEX ON parted (at)",
        "INSERT INTO parted VALUES (1, '2026-05-05')",
        "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.item := NEW.item || '!'; RETURN NEW; END $$",
        "CREATE TRIGGER stamp BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION stamp()",
        "CREATE VIEW shown AS SELECT id FROM orders",
        "CREATE RULE silent AS ON DELETE TO lines DO INSTEAD NOTHING",
        "ALTER TABLE orders ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON orders USING (true)",
        "CREATE STATISTICS pairs ON id, item FROM orders",
        "CREATE EXTENSION pg_trgm",
        "CREATE INDEX trigrams ON orders USING gin (item gin_trgm_ops)",
        "INSERT INTO orders (item) VALUES ('pill')",
    )
    stage.flowing()
    stage.sql("a", "INSERT INTO orders (item) VALUES ('after')")
    stage.caught_up()
    built = """SELECT kind, name FROM (
      SELECT relkind::text AS kind, oid::regclass::text AS name FROM pg_class
        WHERE relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'Wards A'))
      UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT 'constraint', conname FROM pg_constraint WHERE conrelid <> 0
      UNION ALL SELECT 'policy', polname FROM pg_policy
      UNION ALL SELECT 'statistics', stxname FROM pg_statistic_ext
      UNION ALL SELECT 'extension', extname FROM pg_extension) found ORDER BY 1, 2"""
    assert stage.admin("a", built) == stage.admin("b", built)
    items = "SELECT item FROM public.orders ORDER BY id"
    assert stage.admin("b", items) == [("pill!",), ("after!",)]  # its trigger did not fire twice
    assert stage.admin("b", "SELECT * FROM public.typed") == stage.admin(
        "a", "SELECT * FROM public.typed"
    )
    stage.hands.fence(MOVE, "a")
    stage.caught_up()
    assert stage.hands.verify(MOVE).whole
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'Wards A')"
    assert stage.admin("b", owners) == [("his",)]


def test_a_build_that_was_broken_off_is_finished_and_nothing_made_twice(stage: Stage) -> None:
    stage.sql("a", SCHEMA, "CREATE TABLE twice (a int, b int)")
    stage.sql("a", "ALTER TABLE twice REPLICA IDENTITY FULL")
    stage.sql("a", "INSERT INTO twice VALUES (1, 1), (1, 2)")
    stage.hands.prepare(MOVE)
    stage.hands.copy(MOVE, lambda _: None)
    stage.sql("a", "DELETE FROM twice WHERE b = 2", "CREATE UNIQUE INDEX only_once ON twice (a)")
    with pytest.raises(RefusedError, match="only_once"):
        stage.hands.build(MOVE)  # the rows of the snapshot do not fit
    assert stage.hands.observe(MOVE).filled is Filled.COPIED
    stage.sql("a", "DROP INDEX only_once")
    stage.hands.build(MOVE)
    assert stage.hands.observe(MOVE).filled is Filled.BUILT


def test_a_copy_that_dies_half_way_begins_anew(stage: Stage) -> None:
    stage.sql("a", SCHEMA, WRITES)
    stage.sql(
        "a",
        "INSERT INTO orders (item) SELECT repeat('x', 500) FROM generate_series(1, 100000)",
        "INSERT INTO writes SELECT n, 'a' FROM generate_series(1, 1000) n",
    )
    stage.hands.prepare(MOVE)

    def break_off(progress: Progress) -> None:
        if progress.done_bytes:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage.hands.copy(MOVE, break_off)
    assert stage.hands.observe(MOVE).filled is Filled.COPYING
    assert stage.admin("a", "SELECT slot_name FROM pg_replication_slots") == []
    stage.sql("a", "DELETE FROM writes WHERE key <= 500")
    stage.flowing()
    stage.hands.fence(MOVE, "a")
    stage.caught_up()
    assert stage.hands.verify(MOVE).whole


def test_a_server_that_dies_during_a_copy_is_copied_from_again(stage: Stage) -> None:
    stage.sql("a", SCHEMA)
    stage.sql(
        "a", "INSERT INTO orders (item) SELECT repeat('x', 500) FROM generate_series(1, 100000)"
    )
    stage.hands.prepare(MOVE)
    killed = threading.Event()

    def kill(progress: Progress) -> None:
        if not killed.is_set():
            killed.set()
            stage.servers["a"].kill()

    try:
        with pytest.raises(HospitalError):
            stage.hands.copy(MOVE, kill)
    finally:
        stage.servers["a"].start()
    stage.filled()
    assert stage.admin("b", "SELECT count(*) FROM public.orders") == [(100000,)]
    assert stage.admin("a", "SELECT count(*) FROM pg_replication_slots") == [(1,)]


def test_only_one_copies_at_a_time(stage: Stage) -> None:
    stage.sql("a", SCHEMA)
    stage.hands.prepare(MOVE)
    places = {name: one.place for name, one in stage.servers.items()}
    second = LogicalHands(places, stage.servers["a"].credentials())
    refused: list[type[Exception]] = []

    def meanwhile(progress: Progress) -> None:
        try:
            second.copy(MOVE, lambda _: None)
        except UnavailableError as error:
            refused.append(type(error))

    stage.hands.copy(MOVE, meanwhile)
    second.close()
    assert refused


def test_a_table_without_identity_is_named_and_the_workload_goes_on(stage: Stage) -> None:
    stage.sql("a", SCHEMA, "CREATE TABLE nameless (x int)", "INSERT INTO nameless VALUES (1)")
    stage.hands.prepare(MOVE)
    with pytest.raises(UnsafeError, match=r"public\.nameless"):
        stage.hands.copy(MOVE, lambda _: None)
    stage.sql("a", "UPDATE nameless SET x = 2")
    stage.sql("a", "ALTER TABLE nameless REPLICA IDENTITY FULL")
    stage.flowing()
    stage.sql("a", "UPDATE nameless SET x = 3")
    until(lambda: stage.admin("b", "SELECT x FROM public.nameless") == [(3,)])


def test_tables_that_are_made_or_changed_meanwhile_are_named(stage: Stage) -> None:
    stage.sql("a", SCHEMA)
    stage.flowing()
    stage.sql("a", "CREATE TABLE made AS SELECT 1 AS x", "UPDATE made SET x = 2")
    stage.sql("a", "ALTER TABLE lines ADD note text")
    assert stage.hands.observe(MOVE).differing == ("public.lines", "public.made")


def test_a_row_that_is_in_the_way_is_counted_and_named(stage: Stage) -> None:
    stage.sql("a", WRITES)
    stage.flowing()
    stage.hands.fence(MOVE, "a")
    stage.hands.open(MOVE, "b")
    stage.sql("b", "INSERT INTO writes VALUES (1, 'b')")
    stage.admin("a", "INSERT INTO public.writes VALUES (1, 'a')")

    def stalled() -> bool:
        seen = stage.hands.observe(MOVE)
        return bool(seen.subscription and seen.subscription.apply_errors)

    until(stalled)
    (table,) = stage.hands.verify(MOVE).tables
    assert table.differing == ("(1)",)


def test_a_large_value_arrives_by_copy_and_by_stream(stage: Stage) -> None:
    stage.sql("a", "CREATE TABLE studies (id int PRIMARY KEY, image text)")
    value = (
        "INSERT INTO studies SELECT %d, string_agg(md5(n::text), '') FROM generate_series(1, %d) n"
    )
    stage.sql("a", value % (1, 3_200_000))
    stage.flowing()
    stage.sql("a", value % (2, 1_600_000))
    stage.caught_up()
    digests = "SELECT id, length(image), md5(image) FROM public.studies ORDER BY id"
    assert stage.admin("b", digests) == stage.admin("a", digests)
    assert stage.admin("b", digests)[0][1] == 102_400_000


def test_a_slot_that_was_given_up_is_seen_and_a_new_copy_helps(stage: Stage) -> None:
    stage.sql("a", WRITES)
    stage.flowing()
    stage.servers["b"].kill()
    try:
        stage.admin("a", "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'")
        stage.admin("a", "SELECT pg_reload_conf()")
        for _ in range(4):
            stage.sql("a", "INSERT INTO writes VALUES (1, 'a') ON CONFLICT DO NOTHING")
            stage.admin("a", "SELECT pg_switch_wal()", "CHECKPOINT")
        seen = stage.hands.observe(MOVE)
        assert seen.slot
        assert seen.slot.status == "lost"
    finally:
        stage.servers["b"].start()
        stage.admin("a", "ALTER SYSTEM RESET max_slot_wal_keep_size", "SELECT pg_reload_conf()")
    with pytest.raises(RefusedError, match="copy again"):
        stage.hands.subscribe(MOVE)
    stage.flowing()
    stage.caught_up()
    assert kept(stage, "b") == {1}


def test_a_server_that_dies_while_changes_flow_goes_on_afterwards(stage: Stage) -> None:
    stage.sql("a", WRITES)
    stage.flowing()
    for end in ("b", "a"):
        stage.servers[end].kill()
        seen = stage.hands.observe(MOVE)
        assert not (seen.target if end == "b" else seen.source).reachable
        stage.servers[end].start()
        stage.sql("a", f"INSERT INTO writes VALUES ({ord(end)}, 'a')")
        until(lambda end=end: ord(end) in kept(stage, "b"))  # type: ignore[misc]


def test_a_broken_index_is_named(stage: Stage) -> None:
    stage.sql("a", SCHEMA, "INSERT INTO orders (item) SELECT n::text FROM generate_series(1, 9) n")
    stage.flowing()
    stage.hands.fence(MOVE, "a")
    stage.caught_up()
    assert stage.hands.verify(MOVE).broken_indexes == ()
    # A row that its index does not hold, as a changed collation or a lost write leaves it.
    stage.admin(
        "b",
        "UPDATE pg_index SET indisready = false, indisvalid = false "
        "WHERE indexrelid = 'public.orders_item'::regclass",
        "INSERT INTO public.orders (id, item) OVERRIDING SYSTEM VALUE VALUES (99, 'unseen')",
        "UPDATE pg_index SET indisready = true, indisvalid = true "
        "WHERE indexrelid = 'public.orders_item'::regclass",
    )
    (broken,) = stage.hands.verify(MOVE).broken_indexes
    assert "orders_item" in broken


def test_the_password_is_in_no_log_and_no_catalogue_that_others_read(stage: Stage) -> None:
    stage.sql("a", WRITES)
    stage.admin("b", "ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()")
    stage.filled()
    stage.servers["a"].kill()
    try:
        with pytest.raises(HospitalError) as caught:
            stage.hands.subscribe(MOVE)
    finally:
        stage.servers["a"].start()
    with stage.hands.door("b", "his").connect() as connection, pytest.raises(psycopg.Error):
        connection.execute("SELECT subconninfo FROM pg_subscription")
    stage.hands.subscribe(MOVE)
    stage.admin("b", "ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()")
    secret = stage.servers["b"].migration_password
    for text in (str(caught.value), (stage.servers["b"].directory / "log").read_text()):
        assert secret not in text
        assert secret.replace("'", "''") not in text
        assert secret.replace("\\", "\\\\").replace("'", "\\'") not in text


def test_functions_of_the_schema_take_no_arguments_that_do_not_fit(stage: Stage) -> None:
    stage.sql("a", SCHEMA)
    door = stage.hands.door("a", "his")
    for hosts, ports, label in (
        ("10.0.0.1 user=postgres", "5432", "xinglin_m"),
        ("10.0.0.1", "5432 options=x", "xinglin_m"),
        ("10.0.0.1", "5432", "mine"),
    ):
        with pytest.raises(RefusedError):
            door.ask(
                "SELECT xinglin_migration.subscribe(%s, %s, %s, '/ca.crt', '')",
                [label, hosts, ports],
            )
    with pytest.raises(RefusedError):
        door.ask("SELECT xinglin_migration.check_index('pg_class_oid_index')")
    with pytest.raises(RefusedError, match="may still log in"):
        door.ask("SELECT xinglin_migration.end_sessions(true)")
    with pytest.raises(psycopg.Error, match="permission denied"):
        stage.sql("a", "SELECT xinglin_migration.close_role()")
    stage.servers["a"].install()


def test_a_trigger_that_would_fire_for_replicated_rows_is_named(stage: Stage) -> None:
    stage.sql(
        "a",
        SCHEMA,
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "CREATE TRIGGER twice BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION f()",
        "ALTER TABLE orders ENABLE ALWAYS TRIGGER twice",
    )
    stage.filled()
    with pytest.raises(HospitalError, match="twice"):
        stage.hands.subscribe(MOVE)


def test_a_slow_copy_is_no_faster_than_it_may_be(stage: Stage) -> None:
    stage.sql("a", SCHEMA)
    rows = "SELECT repeat('x', 900) FROM generate_series(1, 8000)"
    stage.sql("a", f"INSERT INTO orders (item) {rows}")
    stage.hands.prepare(MOVE)
    began = time.monotonic()
    stage.hands.copy(MOVE, lambda _: None, throttle=4_000_000)
    took = time.monotonic() - began
    assert took > 8000 * 900 / 4_000_000 - 0.5  # a bound from below: no machine is too slow for it
