"""Whether a database host lives, asked of real sockets: silence, refusal and restart differ."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hospital.estate import Architecture, Host, HostRole
from providers import patroni
from providers.access import Access
from providers.patroni import RESTART, Member

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


class PlayedClock:
    """Stands for ``time.monotonic``, so that five seconds need not pass."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> PlayedClock:
    played = PlayedClock()
    monkeypatch.setattr(patroni, "monotonic", played)
    return played


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A port of the loopback interface that nobody listens on yet."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        monkeypatch.setattr(patroni, "REST_PORT", bound.getsockname()[1])
        yield bound


@pytest.fixture
def member(identity: Path) -> Iterator[Member]:
    account = {"user": "patroni", "password": "secret"}
    (identity / "database.json").write_text(json.dumps({"patroni": account}))
    host = Host("db-1", "campus", "127.0.0.1", Architecture.AMD64, (HostRole.DATABASE,))
    found = Member(host, Access(identity), timeout=timedelta(seconds=1))
    yield found
    found.close()


def test_a_host_that_accepts_lives(member: Member, port: socket.socket) -> None:
    port.listen()
    assert member.lives()


def test_a_host_that_refuses_lives_as_long_as_a_restart_takes(
    member: Member, port: socket.socket, clock: PlayedClock
) -> None:
    assert member.lives()
    clock.now += RESTART.total_seconds() - 0.1
    assert member.lives()
    clock.now += 0.2
    assert not member.lives()


def test_a_restart_that_succeeded_is_forgotten(
    member: Member, port: socket.socket, clock: PlayedClock
) -> None:
    assert member.lives()
    port.listen()
    clock.now += RESTART.total_seconds()
    assert member.lives()
    port.close()
    clock.now += 1.0
    assert member.lives()
