"""A host as it is: what ``playbooks/host_survey.yml`` reads from its own settings, as root.

Effective settings, not the files that should have made them so: ``sshd -T`` rather than
``sshd_config``. Nothing secret is among them: no hash of a password, no key.
"""

from __future__ import annotations

from dataclasses import dataclass

from hospital.estate import Host


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The settings in effect; a name says its unit, None says that it could not be read."""

    kernel: str  # `uname -r`
    machine: str  # `uname -m`


@dataclass(frozen=True, slots=True)
class SurveyedHost:
    """A declared host and what was read from it."""

    host: Host
    facts: HostFacts
