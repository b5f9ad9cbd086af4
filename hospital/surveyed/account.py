"""A cloud account as its provider's API shows it: identities, logs, keys, buckets, networks.

Read by calls that only read (``providers/aws.py``). In the lab the provider is simulated (moto).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the API answered."""

    account: str  # the provider's number of it


@dataclass(frozen=True, slots=True)
class SurveyedAccount:
    """The account behind a public-cloud site."""

    site: str
    endpoint: str  # URL of the API
    facts: AccountFacts
