"""How a rule speaks of facts that a survey read, or could not read.

What nobody could read must never look compliant: a rule says so, and it is a finding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hospital.rule import Plain, Resource, Text


def each(resource: Resource, part: str) -> tuple[Plain, ...]:
    """The items of a list among the facts; none if it could not be read (see ``unread``)."""
    return tuple(resource.inputs["facts"].get(part) or ())


def unread(resource: Resource, part: str, zh: str) -> Iterator[Text]:
    """One reason if a part of the facts is not there."""
    if resource.inputs["facts"].get(part) is None:
        yield Text(f"未能读取{zh}", f"{part}: could not be read")


def amiss(value: bool | None, said: Text, *, good: bool = True) -> Iterator[Text]:
    """``said`` if a fact is not as it should be; that nobody knows, if it could not be read."""
    if value is None:
        yield Text(f"未能读取，不能排除：{said.zh}", f"could not be read, not ruled out: {said.en}")
    elif value is not good:
        yield said


def asks_less(resource: Resource, enough: Collection[str], said: Text) -> Iterator[Text]:
    """``said`` if an endpoint asks callers for a certificate in none of the ways ``enough``.

    Nothing of an endpoint that took no handshake (``hospital.surveyed.endpoint.Asked``).
    """
    seen, address = resource.inputs["facts"], resource.inputs["address"]
    asked = seen.get("clientCertificate")
    if not seen["protocols"] or asked in enough:
        return
    if asked is None:
        zh, en = "是否要求客户端证书未能读取", "whether it asks for a certificate could not be read"
        yield Text(f"{address} {zh}", f"{address}: {en}")
    else:
        yield said
