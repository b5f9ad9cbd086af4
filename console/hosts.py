"""What ``xinglin survey`` sees of hosts: their effective settings, read by a playbook as root.

A host that does not answer, or answers what is no survey, is named and never guessed; the others
are surveyed all the same. The evidence of the run goes when it has been read: the survey is what
is kept of it, in a file that only its owner reads.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from console.desk import Desk
from hospital.codec import decode
from hospital.errors import DeclarationError, HospitalError
from hospital.estate import Estate, Host
from hospital.inventory import inventory
from hospital.surveyed.host import HostFacts, SurveyedHost
from providers.ansible import AnsibleHands, PlaybookRun, Progress

PLAYBOOK = "host_survey.yml"


Seen = tuple[tuple[SurveyedHost, ...], tuple[str, ...]]


def look(desk: Desk) -> Seen:
    """Every declared host that answered, and what did not, with its reason."""
    hosts = [host for site in desk.estate.sites for host in site.hosts]
    try:
        return sorted_out(desk.estate, _run(desk)) if hosts else ((), ())
    except HospitalError as error:
        return (), tuple(f"{host.id}: {error}" for host in hosts)


def sorted_out(estate: Estate, run: PlaybookRun) -> Seen:
    """What a run of the playbook comes to: hosts, and a line for each that is missing."""
    hosts = [host for site in estate.sites for host in site.hosts]
    found = [_read(host, run, estate=estate) for host in hosts]
    seen = tuple(each for each in found if isinstance(each, SurveyedHost))
    return seen, tuple(each for each in found if isinstance(each, str))


def _run(desk: Desk) -> PlaybookRun:
    with TemporaryDirectory(prefix="xinglin-survey-") as evidence:
        hands = AnsibleHands(desk.access, evidence=Path(evidence))
        return hands.run(
            PLAYBOOK, inventory=inventory(desk.estate), partial=True, on_progress=_tell
        )


def _tell(progress: Progress) -> None:
    typer.echo(f"  {progress.host}", err=True)


def _read(host: Host, run: PlaybookRun, *, estate: Estate) -> SurveyedHost | str:
    """The host as it was surveyed, or the line that says why it was not."""
    if host.id not in run.facts:
        return f"{host.id}: {run.missed.get(host.id, 'it reported no settings')}"
    try:
        facts = decode(HostFacts, run.facts[host.id], where=host.id)
    except DeclarationError as error:
        return f"{host.id}: {error}"
    return SurveyedHost(host, estate.site(host.site).products, facts)
