"""What every ``StreamHands`` keeps, in memory and with two real PostgreSQL servers on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from hospital.errors import RefusedError, UnavailableError, UnsafeError
from hospital.stream import Filled, Move
from lab.loopback import Server
from providers.logical import LogicalHands
from providers.memory_stream import MemoryStreams
from providers.migration_ports import StreamHands

MOVE = Move("his-to-b", "his", "a", "b")
TIMEOUT = pytest.mark.timeout(300)


class Stage:
    """Two ends with clients; a row is a key and a value."""

    hands: StreamHands

    def write(self, end: str, key: str, value: str) -> bool:
        raise NotImplementedError

    def rows(self, end: str) -> dict[str, str]:
        raise NotImplementedError

    def kill(self, end: str) -> None:
        raise NotImplementedError

    def revive(self, end: str) -> None:
        raise NotImplementedError

    def add_column(self, end: str) -> None:
        raise NotImplementedError

    def number(self, end: str, database: str = "his") -> int:
        """The last number that the end's sequence gave out."""
        raise NotImplementedError

    def until(self, true: Callable[[], object]) -> None:
        for _ in range(300):
            if true():
                return
            time.sleep(0.1)
        raise AssertionError("it never came true")


class Memory(Stage):
    def __init__(self) -> None:
        self.hands = self.streams = MemoryStreams()
        self.streams.end("a", "his").open = True

    def write(self, end: str, key: str, value: str) -> bool:
        return self.streams.write(end, "his", key=key, value=value)

    def rows(self, end: str) -> dict[str, str]:
        self.streams.flow(MOVE)
        return dict(self.streams.end(end, "his").rows)

    def kill(self, end: str) -> None:
        self.streams.dead.add(end)

    def revive(self, end: str) -> None:
        self.streams.dead.discard(end)

    def add_column(self, end: str) -> None:
        self.streams.end(end, "his").columns += ("more",)

    def number(self, end: str, database: str = "his") -> int:
        return self.streams.end(end, database).sequence

    def until(self, true: Callable[[], object]) -> None:
        assert true()


class Real(Stage):
    def __init__(self, servers: dict[str, Server]) -> None:
        self.servers = servers
        places = {name: server.place for name, server in servers.items()}
        self.hands = LogicalHands(places, servers["a"].credentials())
        with servers["b"].admin() as admin:
            admin.execute("ALTER ROLE his NOLOGIN")
        with servers["a"].client() as client:
            client.execute("CREATE SEQUENCE numbers")
            client.execute("CREATE TABLE rows (key text PRIMARY KEY, value text, number bigint)")

    def write(self, end: str, key: str, value: str) -> bool:
        try:
            with self.servers[end].client() as client:
                client.execute(
                    "INSERT INTO rows VALUES (%s, %s, nextval('numbers')) "
                    "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    [key, value],
                )
        except psycopg.OperationalError:
            return False
        return True

    def rows(self, end: str) -> dict[str, str]:
        with self.servers[end].admin() as admin:
            found = admin.execute("SELECT key, value FROM public.rows").fetchall()
        return {str(key): str(value) for key, value in found}

    def kill(self, end: str) -> None:
        self.servers[end].kill()

    def revive(self, end: str) -> None:
        self.servers[end].start()

    def add_column(self, end: str) -> None:
        with self.servers[end].client() as client:
            client.execute("ALTER TABLE rows ADD more int")

    def number(self, end: str, database: str = "his") -> int:
        with self.servers[end].admin(database) as admin:
            row = admin.execute("SELECT last_value FROM public.numbers").fetchone()
        return int(str(row[0])) if row else 0


@pytest.fixture(params=["memory", pytest.param("real", marks=[pytest.mark.lab, TIMEOUT])])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    if request.param == "memory":
        yield Memory()
        return
    servers = request.getfixturevalue("servers")
    real = Real(servers)
    yield real
    assert isinstance(real.hands, LogicalHands)
    real.hands.close()


def flowing(stage: Stage) -> StreamHands:
    """A stream that flows from a to b."""
    hands = stage.hands
    hands.prepare(MOVE)
    hands.copy(MOVE, lambda _: None)
    hands.build(MOVE)
    hands.subscribe(MOVE)
    return hands


def cut_over(stage: Stage, move: Move) -> None:
    """From the source of ``move`` to its target."""
    hands = stage.hands
    position = hands.fence(move, move.source)
    stage.until(lambda: hands.drain(move, position))
    hands.carry(move)
    hands.reverse(move)
    hands.open(move, move.target)
    hands.follow(move)


def test_rows_before_and_after_the_copy_arrive(stage: Stage) -> None:
    assert stage.write("a", "before", "1")
    flowing(stage)
    assert stage.write("a", "after", "2")
    stage.until(lambda: stage.rows("b") == {"before": "1", "after": "2"})


def test_a_copy_tells_how_far_it_is_and_what_is_filled_is_seen(stage: Stage) -> None:
    stage.write("a", "one", "1")
    assert stage.hands.observe(MOVE).filled is Filled.NOTHING
    stage.hands.prepare(MOVE)
    assert stage.hands.observe(MOVE).filled is Filled.PREPARED
    told = []
    stage.hands.copy(MOVE, told.append)
    assert told[-1].done_bytes == told[-1].total_bytes > 0
    assert stage.hands.observe(MOVE).filled is Filled.COPIED


def test_every_act_may_be_taken_again(stage: Stage) -> None:
    stage.write("a", "one", "1")
    flowing(stage)
    flowing(stage)
    position = stage.hands.fence(MOVE, "a")
    stage.hands.fence(MOVE, "a")
    stage.until(lambda: stage.hands.drain(MOVE, position))
    for _ in range(2):
        stage.hands.carry(MOVE)
        stage.hands.reverse(MOVE)
    for _ in range(2):
        stage.hands.open(MOVE, "b")
        stage.hands.follow(MOVE)
    assert stage.write("b", "two", "2")
    stage.until(lambda: stage.rows("a") == {"one": "1", "two": "2"})
    stage.hands.fence(MOVE, "b")
    stage.hands.teardown(MOVE)
    assert stage.hands.teardown(MOVE).removed == ()


def test_nothing_is_written_at_a_fenced_end(stage: Stage) -> None:
    flowing(stage)
    stage.hands.fence(MOVE, "a")
    assert not stage.hands.opened(MOVE, "a")
    assert not stage.write("a", "late", "1")


def test_an_end_is_not_opened_while_the_other_is_open(stage: Stage) -> None:
    flowing(stage)
    with pytest.raises(UnsafeError, match="open at a"):
        stage.hands.open(MOVE, "b")
    assert not stage.hands.opened(MOVE, "b")


def test_an_end_is_opened_beside_a_dead_one_only_when_it_is_known_to_be_closed(
    stage: Stage,
) -> None:
    flowing(stage)
    stage.kill("a")
    try:
        with pytest.raises(UnavailableError):
            stage.hands.open(MOVE, "b")
        stage.hands.open(MOVE, "b", alone=True)
        assert stage.write("b", "alone", "1")
    finally:
        stage.revive("a")


def test_there_and_back_loses_nothing_and_no_number_comes_twice(stage: Stage) -> None:
    stage.write("a", "1", "a")
    flowing(stage)
    stage.write("a", "2", "a")
    cut_over(stage, MOVE)
    assert stage.number("b") == stage.number("a")
    assert stage.write("b", "3", "b")
    stage.write("b", "1", "changed at b")
    cut_over(stage, MOVE.reversed())
    assert stage.write("a", "4", "a")
    expected = {"1": "changed at b", "2": "a", "3": "b", "4": "a"}
    stage.until(lambda: stage.rows("b") == stage.rows("a") == expected)


def test_a_way_back_that_was_made_ahead_sends_nothing_twice(stage: Stage) -> None:
    stage.write("a", "before", "1")
    flowing(stage)
    for _ in range(2):
        stage.hands.provide(MOVE)
    stage.write("a", "between", "2")
    assert not stage.hands.turned(MOVE)
    cut_over(stage, MOVE)
    assert stage.hands.turned(MOVE)
    stage.write("b", "after", "3")
    expected = {"before": "1", "between": "2", "after": "3"}
    stage.until(lambda: stage.rows("a") == expected)
    seen = stage.hands.observe(MOVE.reversed())
    assert seen.subscription is not None
    assert seen.subscription.apply_errors == 0


def test_a_way_back_that_was_made_ahead_does_not_pass_for_a_turned_stream(stage: Stage) -> None:
    flowing(stage)
    stage.hands.provide(MOVE)
    with pytest.raises(UnsafeError):
        stage.hands.reverse(MOVE)
    stage.hands.fence(MOVE, "a")
    stage.hands.teardown(MOVE)
    with pytest.raises(UnsafeError):
        stage.hands.reverse(MOVE)


def test_a_target_that_was_never_opened_is_a_copy_still(stage: Stage) -> None:
    stage.write("a", "one", "1")
    flowing(stage)
    position = stage.hands.fence(MOVE, "a")
    stage.until(lambda: stage.hands.drain(MOVE, position))
    stage.hands.carry(MOVE)
    stage.hands.reverse(MOVE)
    stage.hands.open(MOVE, "a")
    stage.hands.teardown(MOVE, content=True)
    assert stage.hands.observe(MOVE).filled is Filled.NOTHING
    stage.write("a", "two", "2")
    flowing(stage)
    stage.until(lambda: stage.rows("b") == {"one": "1", "two": "2"})


def test_the_stream_is_not_turned_before_everything_has_arrived(stage: Stage) -> None:
    flowing(stage)
    with pytest.raises(UnsafeError):
        stage.hands.reverse(MOVE)
    with pytest.raises(UnsafeError):
        stage.hands.carry(MOVE)


def test_a_dead_end_is_seen_as_such_and_named_by_a_teardown(stage: Stage) -> None:
    flowing(stage)
    stage.kill("a")
    try:
        seen = stage.hands.observe(MOVE)
        assert not seen.source.reachable
        assert seen.source.open is None
        assert seen.slot is None
        assert seen.target.reachable
        assert stage.hands.teardown(MOVE).unreached == ("a",)
    finally:
        stage.revive("a")


def test_what_somebody_else_put_at_the_target_is_not_touched(stage: Stage) -> None:
    stage.write("a", "one", "1")
    flowing(stage)
    cut_over(stage, MOVE)
    with pytest.raises(UnsafeError, match="not ours"):
        stage.hands.prepare(MOVE)


def test_a_changed_table_is_named(stage: Stage) -> None:
    flowing(stage)
    assert stage.hands.observe(MOVE).differing == ()
    stage.add_column("a")
    assert stage.hands.observe(MOVE).differing == ("public.rows",)


def test_rows_that_differ_are_named(stage: Stage) -> None:
    stage.write("a", "same", "1")
    flowing(stage)
    stage.hands.fence(MOVE, "a")
    stage.hands.open(MOVE, "b")
    stage.write("b", "forked", "b")
    (table,) = stage.hands.verify(MOVE).tables
    assert not table.same
    assert ["forked" in key for key in table.differing] == [True]


def test_a_rehearsal_has_a_copy_of_its_own(stage: Stage) -> None:
    stage.write("a", "one", "1")
    flowing(stage)
    stage.write("a", "zero", "0")
    stage.until(lambda: stage.rows("b") == {"one": "1", "zero": "0"})
    stage.hands.clone(MOVE, lambda _: None)
    stage.hands.clone(MOVE, lambda _: None)
    assert stage.number("b", MOVE.rehearsal) == stage.number("a")
    stage.hands.drop_clone(MOVE)
    stage.write("a", "two", "2")
    stage.until(lambda: stage.rows("b") == {"zero": "0", "one": "1", "two": "2"})


def test_acts_out_of_turn_are_refused(stage: Stage) -> None:
    for act in (stage.hands.build, stage.hands.subscribe):
        with pytest.raises(RefusedError):
            act(MOVE)
    with pytest.raises(RefusedError):
        stage.hands.copy(MOVE, lambda _: None)


def test_what_came_back_can_be_moved_again(stage: Stage) -> None:
    stage.write("a", "one", "1")
    flowing(stage)
    cut_over(stage, MOVE)
    stage.write("b", "two", "2")
    back = MOVE.reversed()
    position = stage.hands.fence(MOVE, "b")
    stage.until(lambda: stage.hands.drain(back, position))
    for _ in range(2):
        stage.hands.carry(back)
        stage.hands.revert(MOVE)
    stage.hands.open(MOVE, "a")
    stage.hands.teardown(MOVE, content=True)
    assert stage.hands.observe(MOVE).filled is Filled.NOTHING
    stage.write("a", "three", "3")
    flowing(stage)
    stage.until(lambda: stage.rows("b") == {"one": "1", "two": "2", "three": "3"})


def test_the_source_takes_nothing_back_before_it_holds_everything(stage: Stage) -> None:
    flowing(stage)
    cut_over(stage, MOVE)
    with pytest.raises(UnsafeError):
        stage.hands.revert(MOVE)


def test_a_copy_that_was_left_is_nobodys(stage: Stage) -> None:
    stage.write("a", "one", "1")
    flowing(stage)
    cut_over(stage, MOVE)
    stage.hands.teardown(MOVE)
    assert stage.hands.facts(MOVE.reversed(), "a").user_objects == 0
    assert stage.hands.facts(MOVE.reversed(), "b").user_objects == 2


def test_content_goes_only_from_a_closed_end(stage: Stage) -> None:
    stage.write("a", "one", "1")
    flowing(stage)
    cut_over(stage, MOVE)
    with pytest.raises(UnsafeError, match="open at b"):
        stage.hands.teardown(MOVE, content=True)
    assert stage.rows("b") == {"one": "1"}
    stage.hands.teardown(MOVE.reversed(), content=True)
    assert stage.hands.observe(MOVE.reversed()).filled is Filled.NOTHING
