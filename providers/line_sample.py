"""A short transfer over the connections that a copy uses: what the line carries, what it loses.

The path is the real one, TLS and server included, so what is told is a lower bound of the line and
what the copy will get. Slices double until a second or eight mebibytes are spent each way; the
last one, when TCP has found its pace, is the rate. What must never happen: a measurement that a
hospital feels. So loss is looked for at a quarter of that rate, where it is not our own doing.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from os import dup

from providers.patroni import sql_answers
from providers.sessions import Connection, Door

MOST_SECONDS = 1.0  # after which no slice is begun
MOST_BYTES = 8 << 20  # one way
_FIRST_BYTES = 64 << 10
_PACED_BYTES = 2 << 20
_LEAST_SEGMENTS = 500  # among fewer, a loss of 0.1 % cannot be told from none
_MAX_PACING_RATE = 47  # SO_MAX_PACING_RATE of asm-generic/socket.h
# struct tcp_info of linux/tcp.h, since Linux 4.6: tcpi_total_retrans, tcpi_data_segs_out.
_RESENT, _SENT, _INFO_BYTES = 100, 156, 160


@dataclass(frozen=True, slots=True)
class LineSample:
    """What a short transfer showed."""

    bytes_per_second: float  # of the slower of both legs
    loss_ratio: float | None  # sent again of sent; None: too little was sent to tell


def sample(source: Door, target: Door) -> LineSample:
    """Bytes from the source to here and from here to the target, as the copy will carry them."""
    out = _measured(source, _receive)
    into = _measured(target, _send)
    return LineSample(min(out, into), _lost(target, pace=into / 4))


def segments(line: socket.socket) -> tuple[int, int]:
    """(sent again, sent) of a TCP connection's segments with data, by this end."""
    info = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
    if len(info) < _INFO_BYTES:
        return 0, 0
    return (
        struct.unpack_from("=I", info, _RESENT)[0],
        struct.unpack_from("=I", info, _SENT)[0],
    )


def _measured(door: Door, carry: Callable[[Connection, int], None]) -> float:
    """Bytes per second of the last slice, less what a question without bytes takes."""
    with sql_answers(str(door.place)), closing(door.connect("line")) as connection:
        empty = min(_timed(connection, carry, 0) for _ in range(3))
        began, size, carried = time.monotonic(), _FIRST_BYTES, 0
        while True:
            took = _timed(connection, carry, size)
            carried += size
            enough = carried + 2 * size > MOST_BYTES
            if enough or time.monotonic() - began >= MOST_SECONDS:
                return size / (took - empty if took > 2 * empty else took)
            size *= 2


def _lost(door: Door, *, pace: float) -> float | None:
    with (
        sql_answers(str(door.place)),
        closing(door.connect("line")) as connection,
        socket.socket(fileno=dup(connection.fileno())) as line,
    ):
        line.setsockopt(socket.SOL_SOCKET, _MAX_PACING_RATE, max(1, int(pace)))
        _send(connection, int(min(_PACED_BYTES, pace * MOST_SECONDS)))
        again, sent = segments(line)
    return again / sent if sent >= _LEAST_SEGMENTS else None


def _timed(connection: Connection, carry: Callable[[Connection, int], None], size: int) -> float:
    began = time.monotonic()
    carry(connection, size)
    return time.monotonic() - began


def _receive(connection: Connection, size: int) -> None:
    connection.execute("SELECT repeat('x', %s)", [size])


def _send(connection: Connection, size: int) -> None:
    connection.execute("SELECT octet_length(%b)", [bytes(size)])
