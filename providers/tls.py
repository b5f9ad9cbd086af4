"""Probes an endpoint: which protocols and suites it takes, what it shows, what it says in clear.

A stranger's look, as an assessor's scanner takes it: no credential and nothing changed; each
handshake is broken off, which a server may log. TLS from SSLv3 to 1.3, and TLCP (GB/T 38636-2020);
with PostgreSQL, after its own `SSLRequest`. What must never happen: a hostile server that keeps us
or fills our memory, and a silence that looks like compliance.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from ipaddress import ip_address

from hospital.surveyed.endpoint import Asked, Certificate, EndpointFacts, Shown
from providers.certificates import certificate
from providers.handshake import VERSIONS, Answer, Garbled, Offer, registry
from providers.line import Line, Reply, Target
from providers.tls13 import OPENABLE, Shares

PATIENCE = 3.0  # seconds for one conversation; inside a hospital an answer takes milliseconds
BUDGET = 90.0  # seconds for an endpoint: 40 to 80 conversations
AT_ONCE = 100  # suites in one hello: old servers refuse more than 128
MOST_SECONDS = 2**31 - 1  # that a header is believed to ask for
TLS13, TLCP = "TLSv1.3", "TLCP"
PROTOCOLS = (*VERSIONS, TLS13, TLCP)

Found = Mapping[str, Sequence[Answer]]  # by protocol: an answer per accepted suite


def probe(target: Target, *, patience: float = PATIENCE, budget: float = BUDGET) -> EndpointFacts:
    """What the endpoint answers.

    UnavailableError if it cannot be reached, or needs longer than ``budget`` seconds.
    """
    line = Line(target, patience, time.monotonic() + budget)
    with line.connected():
        pass
    name = server_name(target.names[0])
    found = {each: tuple(_accepted(line, each, name)) for each in PROTOCOLS}
    found = {protocol: answers for protocol, answers in found.items() if answers}
    looks = {one: _look(line, found, server_name(one)) for one in target.names}
    reply = line.through(name) if found else None
    return _facts(target, found, looks, reply, line)


def _facts(
    target: Target,
    found: Found,
    looks: Mapping[str, Answer],
    reply: Reply | None,
    line: Line,
) -> EndpointFacts:
    classic = [answer for protocol in VERSIONS for answer in found.get(protocol, ())]
    extended = [answer for one in VERSIONS if one != "SSLv3" for answer in found.get(one, ())]
    everything = [*looks.values(), *(one for answers in found.values() for one in answers)]
    asks = any(answer.requests_certificate for answer in everything)
    sizes = [answer.dh_bits for answer in classic if answer.dh_bits is not None]
    return EndpointFacts(
        protocols=tuple(found),
        suites={protocol: _named(answers) for protocol, answers in found.items()},
        shown=tuple(_all_shown(target, found, looks)),
        plaintext=line.in_clear(encrypted=bool(found)),
        client_certificate=_asked(asks, found, reply) if _was_heard(everything) else None,
        renegotiation_secure=all(one.renegotiation for one in extended) if extended else None,
        dh_bits=min(sizes, default=None),
        hsts_seconds=None if reply is None or reply.hsts is None else min(reply.hsts, MOST_SECONDS),
    )


def server_name(name: str) -> str:
    """What goes into the hello: a DNS name; "" for an address (RFC 6066)."""
    try:
        ip_address(name)
    except ValueError:
        return name
    return ""


def _accepted(line: Line, protocol: str, name: str) -> Iterator[Answer]:
    """An answer per suite that the server takes: what it took is left out of the next offer."""
    offered = registry().offers[protocol]
    for first in range(0, len(offered), AT_ONCE):
        left = list(offered[first : first + AT_ONCE])
        while left:
            shares = Shares().public if protocol == TLS13 else ()
            offer = Offer(protocol, tuple(left), name, shares)
            answer = line.converse(offer)
            if answer.silent:  # once more, for a lost packet must not look like a refusal
                answer = line.converse(offer)
            if answer.silent:
                return
            if answer.version != offer.version or answer.suite not in left:
                break
            left.remove(answer.suite)
            yield answer


def _look(line: Line, found: Found, name: str) -> Answer:
    """What is shown to a caller of that name, by the newest protocol that shows it in clear."""
    for protocol in (*reversed(VERSIONS), TLS13):
        if protocol not in found:
            continue
        if protocol == TLS13:
            shares = Shares()
            return line.converse(Offer(TLS13, OPENABLE, name, shares.public), shares=shares)
        names = registry().names
        codes = (answer.suite for answer in found[protocol] if answer.suite is not None)
        suites = tuple(code for code in codes if "_anon_" not in names[code])  # these show none
        if suites:
            return line.converse(Offer(protocol, suites, name))
    return Answer()


def _all_shown(target: Target, found: Found, looks: Mapping[str, Answer]) -> Iterator[Shown]:
    if any(protocol != TLCP for protocol in found):
        yield from _grouped("TLS", {name: look.certificates for name, look in looks.items()})
    if TLCP in found:
        answer = found[TLCP][0]  # it is not told a name, so that all names see the same
        yield from _grouped(TLCP, dict.fromkeys(target.names, answer.certificates))


def _grouped(protocol: str, chains: Mapping[str, tuple[bytes, ...]]) -> Iterator[Shown]:
    for chain in dict.fromkeys(chains.values()):
        names = tuple(name for name, shown in chains.items() if shown == chain)
        yield Shown(protocol, names, _readable(chain))


def _readable(chain: Iterable[bytes]) -> tuple[Certificate, ...]:
    """All of it or nothing: a chain with a gap would be judged by what is left."""
    try:
        return tuple(certificate(der) for der in chain)
    except Garbled:
        return ()


def _named(answers: Iterable[Answer]) -> tuple[str, ...]:
    names = registry().names
    return tuple(names[answer.suite] for answer in answers if answer.suite is not None)


def _was_heard(answers: Iterable[Answer]) -> bool:
    """Whether somebody spoke to the end of where a request for a certificate would stand."""
    return any(
        answer.done and (answer.certificates or answer.requests_certificate) for answer in answers
    )


def _asked(asks: bool, found: Found, reply: Reply | None) -> Asked:
    if not asks:
        return Asked.NOT
    if reply is None or set(found) == {TLCP}:
        return Asked.REQUESTED  # the weaker word, where we could not go through
    return reply.asked
