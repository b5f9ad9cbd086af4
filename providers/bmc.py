"""Baseboard management controllers over IPMI 2.0: power, set and read back.

A fence counts only when the controller itself says "off" afterwards. What must never
happen: success reported because a command was accepted, or because nobody answered.
"""

from __future__ import annotations

import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswerInTime
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TypeVar

from pyghmi import exceptions as ipmi_errors
from pyghmi.ipmi.command import Command
from pyghmi.ipmi.private.session import Session

from hospital.errors import DeclarationError, Problem, RefusedError, UnavailableError
from hospital.estate import Bmc, Host
from providers.access import Access

_T = TypeVar("_T")
_POLL = timedelta(milliseconds=50)
_POWER = 3  # times as patient as with a question: a chassis takes its time, and nobody waits for it

# The controller understood and said no.
_REFUSALS = (
    ipmi_errors.BmcErrorException,
    ipmi_errors.UnsupportedFunctionality,
    ipmi_errors.InvalidParameterValue,
    ipmi_errors.UnrecognizedCertificate,
)
# What pyghmi lets out when a controller's answer is cut short or its session ended meanwhile.
_STUMBLES = (TypeError, AttributeError, KeyError, IndexError, struct.error)
# pyghmi reports a wrong password as an IpmiException with these words.
_REFUSED_WORDS = ("Incorrect password", "Unauthorized name", "Insufficient privilege")


@contextmanager
def answers(endpoint: str) -> Iterator[None]:
    """Translate every exception of pyghmi: the controller's no → RefusedError, else try again."""
    try:
        yield
    except _REFUSALS as error:
        raise RefusedError(endpoint, str(error)) from error
    except (ipmi_errors.PyghmiException, ipmi_errors.TemporaryError) as error:
        if any(word in str(error) for word in _REFUSED_WORDS):
            raise RefusedError(endpoint, str(error)) from error
        raise UnavailableError(endpoint, str(error) or type(error).__name__) from error
    except _STUMBLES as error:
        raise UnavailableError(endpoint, f"pyghmi stumbled: {error!r}") from error
    except NoAnswerInTime as error:
        raise UnavailableError(endpoint, "the BMC did not answer in time") from error
    except OSError as error:
        raise UnavailableError(endpoint, str(error)) from error


class BmcHands:
    """``PowerHands`` over IPMI; one session per call, since a kept one dies with its BMC."""

    def __init__(self, access: Access, *, timeout: timedelta = timedelta(seconds=2)) -> None:
        secret = access.document("bmc.json")
        self._user, self._password = str(secret["user"]), str(secret["password"])
        self._timeout = timeout
        self._turns: dict[str, threading.Lock] = defaultdict(threading.Lock)
        # pyghmi blocks far beyond any deadline of ours, so it gets threads to block in.
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="bmc")

    def is_on(self, host: Host) -> bool:
        """The power state as the BMC reads it back."""
        return self._ask(host, _is_on)

    def power_off(self, host: Host) -> None:
        """Off, verified by reading back."""
        self._set_power(host, on=False)

    def power_on(self, host: Host) -> None:
        """On, verified by reading back."""
        self._set_power(host, on=True)

    def close(self) -> None:
        """Wait for no controller any more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _set_power(self, host: Host, *, on: bool) -> None:
        patience = self._timeout * _POWER
        self._ask(host, partial(_set_power, on=on, patience=patience), patience=patience)

    def _ask(
        self, host: Host, question: Callable[[Command], _T], *, patience: timedelta | None = None
    ) -> _T:
        bmc = _bmc(host)
        endpoint = f"BMC of {host.id} at {bmc.address}:{bmc.port}"

        def talk() -> _T:
            with self._turns[endpoint]:  # pyghmi shares what it knows of one controller
                Session.initting_sessions.pop(  # it would give us the one that was logged out
                    (bmc.address, self._user, self._password, bmc.port, None), None
                )
                command = Command(bmc.address, self._user, self._password, port=bmc.port)
                try:
                    return question(command)
                finally:
                    command.ipmi_session.logout()

        with answers(endpoint):
            return self._threads.submit(talk).result((patience or self._timeout).total_seconds())


def _is_on(command: Command) -> bool:
    return bool(command.get_power()["powerstate"] == "on")


def _set_power(command: Command, *, on: bool, patience: timedelta) -> None:
    command.set_power("on" if on else "off")
    deadline = time.monotonic() + patience.total_seconds()
    while _is_on(command) is not on:
        if time.monotonic() > deadline:
            state = "on" if on else "off"
            raise ipmi_errors.TemporaryError(f"accepted the command, but is not {state}")
        time.sleep(_POLL.total_seconds())


def _bmc(host: Host) -> Bmc:
    if host.bmc:
        return host.bmc
    problem = Problem(
        where=f"host {host.id}",
        field="bmc",
        message="has no BMC",
        remedy="declare one, or let recovery withdraw or wait for consensus",
    )
    raise DeclarationError((problem,))
