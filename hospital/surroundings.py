"""The estate around a resource: what the rules that compare resources ask of all of them.

Pure, over the plain inputs that every gate hands in (``policies/intake.py``, and of our own nouns
``policies/nouns.py``). What is not among the resources is not known, which is not the same as
absent: no function here makes anything up.
"""

from __future__ import annotations

from datetime import timedelta

from hospital.codec import decode
from hospital.rule import Facts, Kind, Plain


def sites(facts: Facts) -> dict[str, Plain]:
    """The fields of every known site, by name."""
    return _named(facts, Kind.SITE, "site")


def workloads(facts: Facts) -> dict[str, Plain]:
    """The fields of every known workload, by name: once, at however many sites it stands.

    A rehearsal is none: it serves nobody and promises nothing.
    """
    found = _named(facts, Kind.WORKLOAD, "workload")
    return {name: each for name, each in found.items() if not each.get("rehearses")}


def plans(facts: Facts) -> dict[str, Plain]:
    """The fields of every known recovery plan, by name."""
    return _named(facts, Kind.PLAN, "plan")


def databases(facts: Facts) -> dict[str, Plain]:
    """The fields of every database that a known site holds, by name."""
    held = (each.inputs for each in facts.resources if each.kind is Kind.SITE)
    return {item["name"]: item for inputs in held for item in inputs.get("databases", ())}


def users(facts: Facts, database: str) -> list[Plain]:
    """The known workloads that keep their data in the database of that name."""
    return [each for each in workloads(facts).values() if each["database"] == database]


def holders(facts: Facts, database: Plain) -> list[Plain]:
    """The known sites of the database's members, in the members' order, each once."""
    found = (site_of(facts, member) for member in database["members"])
    return list({site["name"]: site for site in found if site is not None}.values())


def site_of(facts: Facts, host: str) -> Plain | None:
    """The site that holds the host of that id; None if no known site does."""
    for name, site in sites(facts).items():
        if any(host == f"{name}-{each['name']}" for each in site.get("hosts", ())):
            return site
    return None


def on_hosts(workload: Plain, site: Plain) -> bool:
    """Whether a workload runs on hosts of that site, so that its cluster need not hold it."""
    names = {f"{site['name']}-{host['name']}" for host in site.get("hosts", ())}
    return not names.isdisjoint(workload.get("hosts", ()))


def lines(facts: Facts, site: str) -> list[Plain]:
    """The links that have an end at the site of that name, whichever site declares them."""
    held = (each.inputs for each in facts.resources if each.kind is Kind.SITE)
    links = (link for inputs in held for link in inputs.get("links", ()))
    return [link for link in links if site in link["sites"]]


def span(text: str) -> timedelta:
    """A duration as the inputs spell it: ``300s``, ``6ms``. DeclarationError if it is none."""
    return decode(timedelta, text)


def _named(facts: Facts, kind: Kind, key: str) -> dict[str, Plain]:
    found = (each.inputs[key] for each in facts.resources if each.kind is kind)
    return {item["name"]: item for item in found}
