"""A survey: what somebody who may enter saw of hosts, databases, endpoints, clusters, clouds.

Who surveys needs rights that an auditor must not have (root on hosts). So the two are apart: an
administrator makes the survey (``xinglin survey``), an auditor judges it (``xinglin audit
--survey``), and whoever doubts it surveys again and compares. ``hospital/codec.py`` makes it JSON.
"""

from __future__ import annotations

from dataclasses import dataclass

from hospital.surveyed.account import SurveyedAccount
from hospital.surveyed.cluster import SurveyedCluster
from hospital.surveyed.database import SurveyedDatabase
from hospital.surveyed.endpoint import SurveyedEndpoint
from hospital.surveyed.host import SurveyedHost

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Survey:
    """Everything that was seen, and what was not; ``taken_at`` is ISO 8601 in UTC."""

    schema_version: int
    kind: str  # "Survey"
    estate: str
    taken_at: str
    by: str  # the identity that looked
    hosts: tuple[SurveyedHost, ...] = ()
    databases: tuple[SurveyedDatabase, ...] = ()
    endpoints: tuple[SurveyedEndpoint, ...] = ()
    clusters: tuple[SurveyedCluster, ...] = ()
    accounts: tuple[SurveyedAccount, ...] = ()
    unseen: tuple[str, ...] = ()  # what did not answer, with the reason
