"""The database adapter: what it reads from store and hosts, and when it refuses to act."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from hospital.errors import HospitalError, RefusedError, UnavailableError
from providers.etcd import Entry, Etcd
from providers.https import answers
from providers.patroni import lsn, position, sql_answers
from providers.postgres import LagHistory, store_seen
from providers.reception import Reception, reception, shutdown

PREFIX = "/service/hospital-db/"


def exception_classes(module: Any, root: type[BaseException]) -> list[type[Any]]:
    found = {one for one in vars(module).values() if isinstance(one, type)}
    return sorted((one for one in found if issubclass(one, root)), key=lambda one: one.__name__)


@pytest.mark.parametrize("kind", exception_classes(psycopg.errors, psycopg.Error))
def test_every_exception_of_psycopg_becomes_one_of_ours(kind: type[Exception]) -> None:
    with pytest.raises(HospitalError, match="db-1") as caught, sql_answers("db-1"):
        raise kind("said")
    lost = issubclass(kind, psycopg.OperationalError | psycopg.InterfaceError)
    assert isinstance(caught.value, UnavailableError if lost else RefusedError)


@pytest.mark.parametrize(
    "kind",
    [
        *exception_classes(httpx, httpx.HTTPError),
        *exception_classes(httpx, httpx.StreamError),
        httpx.InvalidURL,
        httpx.CookieConflict,
    ],
)
def test_every_exception_of_httpx_becomes_one_of_ours(kind: type[Exception]) -> None:
    error = kind.__new__(kind)  # their constructors differ, and only what they are matters
    Exception.__init__(error, "said")
    with pytest.raises(HospitalError, match="etcd"), answers("etcd"):
        raise error


def test_no_exception_class_of_httpx_is_left_out() -> None:
    known = httpx.HTTPError | httpx.StreamError | httpx.InvalidURL | httpx.CookieConflict
    assert all(issubclass(one, known) for one in exception_classes(httpx, Exception))


def test_a_timeout_may_be_tried_again_and_a_wrong_url_may_not() -> None:
    with pytest.raises(UnavailableError), answers("etcd"):
        raise httpx.ConnectTimeout("slow")
    with pytest.raises(RefusedError), answers("etcd"):
        raise httpx.InvalidURL("no")


def entry(name: str, value: object, lease: str = "") -> Entry:
    text = value if isinstance(value, str) else json.dumps(value)
    return Entry(key=PREFIX + name, value=text, lease=lease)


def test_leader_lease_and_candidates_are_read_from_the_store() -> None:
    seen = store_seen(
        (
            entry("leader", "campus-x86-db-1", lease="1f"),
            entry("sync", {"leader": "campus-x86-db-1", "sync_standby": "cloud-db-1,arm-db-1"}),
            entry("status", {"optime": 67109192}),
            entry("members/campus-x86-db-1", {"role": "primary"}),
        ),
        prefix=PREFIX,
    )
    assert (seen.leader, seen.lease) == ("campus-x86-db-1", "1f")
    assert seen.synchronous == ("arm-db-1", "cloud-db-1")
    assert seen.position == 67109192


def test_a_store_without_a_leader_names_nobody() -> None:
    seen = store_seen((entry("sync", {"leader": "", "sync_standby": None}),), prefix=PREFIX)
    assert (seen.leader, seen.lease, seen.synchronous, seen.position) == ("", "", (), 0)


@pytest.mark.parametrize(
    ("blocked", "receiving", "holds"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
def test_a_withdrawal_holds_only_when_blocked_and_nothing_is_left(
    blocked: bool, receiving: bool, holds: bool
) -> None:
    assert Reception(blocked, receiving, connections=0).withdrawn is holds


@pytest.mark.parametrize(
    "line",
    ['{"error": "not a member of this database"}', "", "Permission denied", "{}", "[]", "null"],
)
def test_a_withdrawal_command_that_says_anything_else_has_refused(line: str) -> None:
    with pytest.raises(RefusedError, match="cloud-db-1"):
        reception("cloud-db-1", line)


def test_a_replica_that_has_everything_known_is_not_behind() -> None:
    history = LagHistory()
    history.note(10.0, 1000)
    history.note(11.0, 2000)
    assert history.lag(2000) == 0.0


def test_lag_is_the_time_since_the_first_position_that_is_missing() -> None:
    history = LagHistory()
    for second, place in ((10.0, 1000), (11.0, 2000), (12.0, 3000), (14.0, 4000)):
        history.note(second, place)
    assert history.lag(1500) == 3.0
    assert history.lag(0) == 4.0


def test_lag_is_unknown_before_a_leader_told_its_position() -> None:
    history = LagHistory()
    history.note(10.0, 0)
    assert history.lag(5) is None


def test_a_clean_shutdown_is_told_with_the_place_of_its_last_record() -> None:
    assert shutdown("db", '{"shutdown": "1/603BE00"}') == (1 << 32) + 0x603BE00
    assert shutdown("db", '{"shutdown": ""}') is None


@pytest.mark.parametrize(
    "line",
    ["", "sorry", "{}", "[]", '{"shutdown": 7}', '{"shutdown": "603BE00"}', '{"error": "no"}'],
)
def test_a_shutdown_command_that_says_anything_else_has_refused(line: str) -> None:
    with pytest.raises(RefusedError):
        shutdown("db", line)


def test_positions_are_written_as_postgresql_writes_them() -> None:
    assert lsn(0x3000148) == "0/3000148"
    assert lsn(0x16B374D848) == "16/B374D848"
    assert position(lsn(0x16B374D848)) == 0x16B374D848


class Gateway:
    """An etcd gateway that answers what it is told to and remembers what it was asked."""

    def __init__(self, status: int, body: object) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._status, self._body = status, body

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.url.path, json.loads(request.content)))
        return httpx.Response(self._status, json=self._body)

    def etcd(self) -> Etcd:
        etcd = Etcd.__new__(Etcd)
        etcd._endpoint = "https://10.3.0.1:2379"
        etcd._http = httpx.Client(
            base_url=etcd._endpoint,
            transport=httpx.MockTransport(self),
            timeout=timedelta(seconds=1).total_seconds(),
        )
        return etcd


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def test_a_read_asks_for_the_prefix_and_tells_leases_in_hexadecimal() -> None:
    found = {"key": encoded(PREFIX + "leader"), "value": encoded("a"), "lease": "255"}
    gateway = Gateway(200, {"kvs": [found]})
    (read,) = gateway.etcd().read(PREFIX)
    assert (read.key, read.value, read.lease) == (PREFIX + "leader", "a", "ff")
    _, question = gateway.asked[0]
    assert b64decode(question["key"]).decode() == PREFIX
    assert b64decode(question["range_end"]).decode() == "/service/hospital-db0"


def test_revoking_a_lease_that_is_gone_is_success() -> None:
    gateway = Gateway(404, {"code": 5, "message": "etcdserver: requested lease not found"})
    gateway.etcd().revoke("ff")
    assert gateway.asked == [("/v3/lease/revoke", {"ID": "255"})]


@pytest.mark.parametrize("code", [4, 8, 10, 14])
def test_a_store_in_trouble_may_be_asked_again(code: int) -> None:
    with pytest.raises(UnavailableError, match="no leader"):
        Gateway(400, {"code": code, "message": "etcdserver: no leader"}).etcd().read(PREFIX)


@pytest.mark.parametrize(("status", "code"), [(403, 7), (401, 16), (400, 3)])
def test_a_store_that_says_no_is_not_asked_again(status: int, code: int) -> None:
    with pytest.raises(RefusedError, match="denied"):
        Gateway(status, {"code": code, "message": "denied"}).etcd().revoke("ff")
