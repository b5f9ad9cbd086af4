"""When is a site or a database host taken for lost: suspicion, agreement, quorum.

Suspicion is cheap and often wrong (elections age every heartbeat, a loaded
machine misses probes), so nothing here acts on one sign or one observer. A wrong
suspicion must never cost more than a needless move: what keeps data safe is the
fence or the withdrawal in ``recovery``, not the accuracy of this module.
"""

from __future__ import annotations

from hospital.estate import Estate
from hospital.story import DatabaseSeen, Seen

SITE_SILENCE_SECONDS = 1.5
"""Age of a site's heartbeat beyond which it is suspect.

Measured together with failing probes from both others: 1.4 to 2.5 s to agree, no
false suspicion under load; without the probes there would be some.
"""

HOST_SILENCE_SECONDS = 0.75
"""Silence of a database host beyond which it is suspect.

Three missed probes at the observers' 0.25 s: connections to Patroni's port, where a host that
refuses them lives (``providers/patroni.py``).
"""

OBSERVERS_NEEDED = 2
"""How many observers must agree, none of them the suspect itself (invariant I5)."""


def lost_sites(seen: Seen) -> frozenset[str]:
    """Sites whose heartbeat is old and which two other sites cannot reach.

    An observer that still reaches the site outweighs all others: then it is a broken
    link, not a lost site.
    """
    found: set[str] = set()
    for site in {each.site for each in seen.sites}:
        others = [each for each in seen.sites if each.site == site and each.observer != site]
        silent = [
            each
            for each in others
            if not each.reachable and each.silent_seconds > SITE_SILENCE_SECONDS
        ]
        agreeing = {each.observer for each in silent}
        if len(agreeing) >= OBSERVERS_NEEDED and len(silent) == len(others):
            found.add(site)
    return frozenset(found)


def lost_hosts(estate: Estate, seen: Seen) -> frozenset[str]:
    """Database hosts at lost sites, and those that two observers found silent."""
    gone = lost_sites(seen)
    found = {host.id for site in estate.sites if site.name in gone for host in site.hosts}
    for host in {each.host for each in seen.hosts}:
        views = [each for each in seen.hosts if each.host == host and each.observer not in gone]
        silent = {
            each.observer
            for each in views
            if not each.reachable and each.silent_seconds >= HOST_SILENCE_SECONDS
        }
        if len(silent) >= OBSERVERS_NEEDED and len(silent) == len({v.observer for v in views}):
            found.add(host)
    return frozenset(found)


def database_seen(seen: Seen, database: str) -> DatabaseSeen | None:
    """What is seen of a database; None if nobody could see it."""
    return next((each for each in seen.databases if each.database == database), None)


def evidence_of_loss(seen: Seen, site: str) -> str:
    """One line for the action's reason: who did not reach the site, and for how long."""
    views = sorted(
        (each for each in seen.sites if each.site == site and each.observer != site),
        key=lambda each: each.observer,
    )
    told = ", ".join(f"{each.observer} ({each.silent_seconds:.1f} s)" for each in views)
    return f"site {site} is silent to {told}"
