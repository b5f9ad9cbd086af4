"""A database server as it runs: what ``playbooks/postgresql_survey.yml`` asks PostgreSQL itself.

Asked on the host as its administrator over the local socket, so no password travels and no row of
a patient is read: settings, access rules, roles and grants only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hospital.estate import Database


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What one member says of itself."""

    settings: Mapping[str, str]  # `pg_settings`: name → value in effect, units as PostgreSQL's


@dataclass(frozen=True, slots=True)
class SurveyedDatabase:
    """A declared database at one of its members."""

    database: Database
    host: str  # host id of the member
    facts: DatabaseFacts
