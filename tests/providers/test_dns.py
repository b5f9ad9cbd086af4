"""The DNS adapter: what dnspython can raise becomes one of ours.

What it does is shown against a real BIND in ``tests/stacks/test_engine.py``.
"""

from __future__ import annotations

from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.tsig
import pytest

from hospital.errors import HospitalError, RefusedError, UnavailableError
from providers.access import Access
from providers.dns import DnsNames, answers


def descendants(kind: type[Exception]) -> list[type[Exception]]:
    children = [leaf for child in kind.__subclasses__() for leaf in descendants(child)]
    return [kind, *children]


CLASSES = descendants(dns.exception.DNSException)


def translation(error: BaseException) -> HospitalError:
    with pytest.raises(HospitalError) as caught, answers("10.1.0.1:53"):
        raise error
    return caught.value


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_exception_of_the_library_becomes_one_of_ours(kind: type[Exception]) -> None:
    # Many cannot be made without a message at hand; what they are is all that matters.
    plain = type(kind.__name__, (kind,), {"__init__": _quiet, "__str__": lambda self: "said"})
    assert "10.1.0.1:53" in str(translation(plain()))


def _quiet(self: object) -> None:
    """Instead of the library's own constructor."""


@pytest.mark.parametrize("error", [dns.exception.Timeout(), OSError("refused"), EOFError()])
def test_silence_may_be_tried_again(error: Exception) -> None:
    assert isinstance(translation(error), UnavailableError)


def test_a_rejected_key_is_named_as_such() -> None:
    error = translation(dns.tsig.PeerBadSignature())
    assert isinstance(error, RefusedError)
    assert "TSIG" in str(error)


class Servers(DnsNames):
    """The adapter, its servers in memory."""

    def __init__(self, dark: set[str]) -> None:
        super().__init__("hospital.test", Access(Path("/nowhere")))
        self.dark = dark
        self.asked: list[str] = []

    def _update(self, name: str, address: str, server: str) -> None:
        self.asked.append(server)
        if server in self.dark:
            raise UnavailableError(server, "no answer")


def test_a_dark_server_costs_its_timeout_once_and_is_asked_when_no_other_answers() -> None:
    names = Servers({"a"})
    assert names.point("his.hospital.test", address="10.3.0.21", servers=["a", "b"]) == ("b",)
    assert names.point("emr.hospital.test", address="10.3.0.21", servers=["a", "b"]) == ("b",)
    assert sorted(names.asked) == ["a", "b", "b"]
    names.dark = {"b"}
    with pytest.raises(UnavailableError):
        names.point("his.hospital.test", address="10.3.0.21", servers=["b"])
    assert names.point("his.hospital.test", address="10.3.0.21", servers=["a", "b"]) == ("a",)
