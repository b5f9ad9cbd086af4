"""A Kubernetes control plane as it runs: what its API server says of itself.

Read with an auditor's rights from the API server (``/flagz``, ``/version``), never from files that
may say something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What the API server said."""

    version: str  # "v1.37.2"
    flags: Mapping[str, str]  # name without dashes → value in effect, as `/flagz` prints it


@dataclass(frozen=True, slots=True)
class SurveyedCluster:
    """The site's own cluster, or the hub's API server at that site."""

    name: str  # "site@<site>" or "hub@<site>"
    site: str
    endpoint: str  # https URL
    facts: ClusterFacts
