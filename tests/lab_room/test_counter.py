"""The counter believes only a 201 with an id, repeats a key until then, and forgets nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from hospital.errors import DeclarationError, UnavailableError
from lab.counter import Counter, name_servers
from lab.journal import Journal, read_journal
from lab.names import Names
from stacks.estate import read_estate

ESTATE = read_estate(Path(__file__).parents[2] / "stacks" / "estates" / "lab.yaml")


class Hospital:
    """All workloads behind one transport: keys are kept once, ``trouble`` may answer instead."""

    def __init__(self, trouble: Callable[[httpx.Request, int], httpx.Response | None]) -> None:
        self.trouble = trouble
        self.rows: dict[str, dict[str, Any]] = {}
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        answer = self.trouble(request, self.asked) or self.serve(request)
        answer.headers["X-Xinglin-Site"] = "campus-x86"
        return answer

    def serve(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path == "/readyz":
            return httpx.Response(200, json={"status": "ready"})
        if request.method == "GET":
            row = list(self.rows.values())[int(request.url.path.rsplit("/", 1)[1]) - 1]
            return httpx.Response(200, json=row)
        body = json.loads(request.content)
        self.rows.setdefault(body["key"], {**body, "id": len(self.rows) + 1})
        return httpx.Response(201, json={"id": self.rows[body["key"]]["id"]})


class Book(Names):
    """Names that are all known, so that no question is sent."""

    def __init__(self) -> None:
        super().__init__(())
        self.forgotten: list[str] = []

    async def find(self, name: str) -> str:
        if not name.endswith(".hospital.test"):
            raise UnavailableError("dns", name)
        return "10.1.0.21"

    def forget(self, name: str) -> None:
        self.forgotten.append(name)


def watch(path: Path, hospital: Hospital, *, seconds: float = 0.3) -> tuple[dict[str, Any], ...]:
    """The journal of a counter that worked for ``seconds``."""

    async def work() -> None:
        with Journal(path) as journal:
            counter = Counter(
                name="desk",
                estate=ESTATE,
                journal=journal,
                names=Book(),
                transport=lambda: httpx.MockTransport(hospital),
                orders_per_second=500,
                probe_seconds=0.05,
            )
            asyncio.get_running_loop().call_later(seconds, counter.stopping.set)
            await counter.run()

    asyncio.run(work())
    return read_journal(path)


def events(lines: tuple[dict[str, Any], ...], event: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == event]


def test_every_acknowledged_write_is_in_the_journal_and_in_the_hospital(tmp_path: Path) -> None:
    hospital = Hospital(lambda request, number: None)
    lines = watch(tmp_path / "journal", hospital)
    acknowledged = events(lines, "acknowledged")
    assert {line["key"] for line in acknowledged} == set(hospital.rows)
    assert {line["workload"] for line in acknowledged} == {w.name for w in ESTATE.workloads}
    assert all(hospital.rows[line["key"]]["id"] == line["id"] for line in acknowledged)
    assert all(line["same"] for line in events(lines, "read"))
    assert events(lines, "read")
    assert lines[0]["event"] == "start"
    assert lines[-1]["event"] == "stop"


def test_a_write_is_repeated_under_its_key_until_it_is_acknowledged(tmp_path: Path) -> None:
    def trouble(request: httpx.Request, number: int) -> httpx.Response | None:
        if request.method == "POST" and number % 3:
            return httpx.Response(503, json={"error": "not now"})
        return None

    lines = watch(tmp_path / "journal", Hospital(trouble), seconds=0.5)
    tries: dict[str, list[str]] = {}
    for line in lines:
        if "key" in line:
            tries.setdefault(line["key"], []).append(line["event"])
    assert any(events.count("attempt") > 1 for events in tries.values())
    finished = [events for events in tries.values() if "acknowledged" in events]
    assert finished
    assert all(events[-1] == "acknowledged" for events in finished)
    assert all(events.count("acknowledged") == 1 for events in finished)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>welcome</html>"),
        httpx.Response(200, json={"id": 1}),
        httpx.Response(201, json={"id": "one"}),
        httpx.Response(201, json=[1]),
        httpx.Response(404, json={"error": "no such host"}),
    ],
)
def test_nothing_but_201_with_an_id_counts_as_acknowledged(
    tmp_path: Path, answer: httpx.Response
) -> None:
    def trouble(request: httpx.Request, number: int) -> httpx.Response | None:
        if request.method != "POST":
            return None
        return httpx.Response(answer.status_code, content=answer.content)

    lines = watch(tmp_path / "journal", Hospital(trouble), seconds=0.15)
    assert events(lines, "failed")
    assert not events(lines, "acknowledged")


def test_a_patient_that_a_failover_lost_is_registered_again(tmp_path: Path) -> None:
    def trouble(request: httpx.Request, number: int) -> httpx.Response | None:
        if request.url.path == "/orders" and json.loads(request.content)["patient_id"] < 10:
            return httpx.Response(422, json={"error": "no such patient"})
        return None

    lines = watch(tmp_path / "journal", Hospital(trouble), seconds=0.4)
    assert events(lines, "refused")
    assert [line for line in events(lines, "acknowledged") if line["operation"] == "order"]


def test_a_counter_inside_a_site_asks_that_site_only() -> None:
    assert name_servers(ESTATE, inside="cloud") == ("10.3.0.1:53",)
    assert len(name_servers(ESTATE)) == 3


def test_an_unfinished_last_line_is_dropped_and_a_broken_one_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text('{"at":1,"event":"start"}\n{"at":2,"ev', encoding="utf-8")
    assert [line["event"] for line in read_journal(path)] == ["start"]
    path.write_text('{"at":1,"event":"start"}\nbroken\n{"at":2,"event":"stop"}\n', encoding="utf-8")
    with pytest.raises(DeclarationError, match=":2: line"):
        read_journal(path)
