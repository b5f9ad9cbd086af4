"""A server's first flight: its records and messages, up to where it waits for us.

Bytes come from a stranger, by a function that gives exactly so many or raises EOFError. All that
can be raised besides is ``Garbled``; what was said before stays in the answer.
"""

from __future__ import annotations

from collections.abc import Callable

from providers.handshake import Answer, Garbled, Offer, Say, framed, messages, read
from providers.tls13 import Opener, Shares

LARGEST_RECORD = 2**14 + 2048
LARGEST_FLIGHT = 2**18  # bytes; the largest chains that are served have some tens of thousands
MOST_RECORDS = 1000  # a stranger may send empty ones for ever
ALERT, HANDSHAKE, APPLICATION = 21, 22, 23
WARNING = 1  # level of an alert after which the server goes on

Exactly = Callable[[int], bytes]


def listen(
    exactly: Exactly, offer: Offer, answer: Answer, *, hello: bytes, shares: Shares | None = None
) -> None:
    """Put what the server says into ``answer``; ``hello`` is the record that it answers.

    Ends where the server waits, or with its alert. With ``shares`` what TLS 1.3 encrypts is read.
    """
    heard, total = bytearray(), 0
    opener: Opener | None = None
    for _ in range(MOST_RECORDS):
        if answer.done or answer.alert is not None:
            return
        header = exactly(5)
        kind, size = header[0], int.from_bytes(header[3:], "big")
        total += size
        if size > LARGEST_RECORD or total > LARGEST_FLIGHT:
            raise Garbled(f"a record of {size} bytes, {total} in all")
        body = exactly(size)
        if opener and kind == APPLICATION:
            kind, body = opener.open(header, body)
        if kind == ALERT and body[:1] != bytes([WARNING]):
            answer.alert = body[1] if len(body) > 1 else 0
        if kind != HANDSHAKE:
            continue
        heard += body
        for said, content in messages(heard):
            read(said, content, answer, protocol=offer.protocol)
            if said == Say.SERVER_HELLO and offer.protocol == "TLSv1.3":
                opener = _opener(answer, hello[5:] + framed(said, content), shares)


def _opener(answer: Answer, transcript: bytes, shares: Shares | None) -> Opener | None:
    """The rest is encrypted: what opens it, or the end of what we can read."""
    if shares is None or answer.share is None or answer.suite is None:
        answer.done = True
        return None
    return Opener(answer.suite, shares.agreed(*answer.share), transcript)
