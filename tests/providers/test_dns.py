"""The DNS adapter: what dnspython can raise becomes one of ours.

What it does is shown against a real BIND in ``tests/stacks/test_engine.py``.
"""

from __future__ import annotations

import dns.exception
import dns.message
import dns.query
import dns.tsig
import pytest

from hospital.errors import HospitalError, RefusedError, UnavailableError
from providers.dns import answers


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
