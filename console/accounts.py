"""Looks at the account behind every public-cloud site, by calls that only read.

A call that is refused leaves its fact unread and is named; the other calls go on.
"""

from __future__ import annotations

from hospital.errors import HospitalError
from hospital.estate import Estate, SiteKind
from hospital.surveyed.account import SurveyedAccount
from providers import account
from providers.access import Access
from providers.aws import Cloud

PATIENCE = 30.0  # seconds per answer of a cloud


def look(estate: Estate, access: Access) -> tuple[tuple[SurveyedAccount, ...], tuple[str, ...]]:
    """The accounts, and what did not answer."""
    seen: list[SurveyedAccount] = []
    unseen: list[str] = []
    for site in estate.sites:
        if site.kind is not SiteKind.PUBLIC_CLOUD:
            continue
        cloud = Cloud(site.endpoints.cloud, site.region, access, timeout=PATIENCE)
        try:
            facts, refused = account.survey(cloud)
        except HospitalError as error:
            unseen.append(f"{site.name}: {error}")
            continue
        seen.append(SurveyedAccount(site.name, site.endpoints.cloud, site.region, facts))
        unseen += [f"{site.name}: {each}" for each in refused]
    return tuple(seen), tuple(unseen)
