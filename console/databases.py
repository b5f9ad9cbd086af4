"""Databases for ``xinglin survey``: what PostgreSQL says of itself at every member.

One run of the playbook for each member, so that one that fails hides no other. The artifacts of the
runs are not evidence of anything that was done, and are not kept.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from console.desk import Desk
from hospital.codec import decode
from hospital.errors import HospitalError, RefusedError
from hospital.estate import Database
from hospital.inventory import inventory
from hospital.surveyed.database import DatabaseFacts, SurveyedDatabase
from providers.ansible import AnsibleHands

PLAYBOOK = "postgresql_survey.yml"
PRODUCTS = ("db-postgresql",)  # those that the playbook knows how to ask

Seen = tuple[tuple[SurveyedDatabase, ...], tuple[str, ...]]
"""What was seen, and what was not, with the reason."""


def look(desk: Desk) -> Seen:
    """Every member of every declared database."""
    seen: list[SurveyedDatabase] = []
    unseen: list[str] = []
    with TemporaryDirectory(prefix="xinglin-survey-") as place:
        hands = AnsibleHands(desk.access, evidence=Path(place))
        for database in desk.estate.databases:
            for host in database.members:
                try:
                    seen.append(_member(desk, hands, database, host=host))
                except HospitalError as error:
                    unseen.append(f"{database.name}@{host}: {error}")
    return tuple(seen), tuple(unseen)


def _member(desk: Desk, hands: AnsibleHands, database: Database, *, host: str) -> SurveyedDatabase:
    if database.product not in PRODUCTS:
        raise RefusedError(database.product, "没有该产品的查看方法 / there is no way to survey it")
    run = hands.run(PLAYBOOK, inventory=inventory(desk.estate), limit=(host,))
    facts = decode(DatabaseFacts, run.facts.get(host), where=f"{PLAYBOOK} at {host}")
    return SurveyedDatabase(database, host, facts)
