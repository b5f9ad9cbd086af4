"""A host as it is: what ``playbooks/host_survey.yml`` reads from its own settings, as root.

Effective settings, not the files that should have made them so: ``sshd -T`` rather than
``sshd_config``. Nothing secret is among them: no hash of a password, no key. How each is read
is in ``playbooks/roles/survey/files/settings.sh``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hospital.estate import Host


@dataclass(frozen=True, slots=True)
class Account:
    """One account that the host itself keeps (``/etc/passwd``, ``/etc/shadow``)."""

    name: str
    uid: int
    home: str
    shell: str
    password: str  # "none" (anybody may enter), "locked", "set"
    hash: str  # how a set password is kept, as crypt(5) marks it: "6", "y", "sm3", …; "des"
    changed: int  # day of the last change of the password, counted from 1970-01-01; 0 never
    max_days: int  # days until it must be changed; 99999 never


@dataclass(frozen=True, slots=True)
class Listening:
    """One socket that takes calls."""

    protocol: str  # "tcp", "udp"
    address: str  # "0.0.0.0", "*" and "::" are all addresses
    port: int
    program: str  # "" if nobody said


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The settings in effect; a name says its unit, None says that it could not be read."""

    kernel: str  # `uname -r`
    machine: str  # `uname -m`
    cpu: str | None = None  # vendor as the CPU itself says: "HygonGenuine", "0x48"
    release: Mapping[str, str] | None = None  # `/etc/os-release`: ID, NAME, VERSION_ID, …
    sshd: Mapping[str, str] | None = None  # `sshd -T`
    ssh_keys: tuple[str, ...] | None = None  # "file kind bits": of the host, of who may enter
    accounts: tuple[Account, ...] | None = None
    last_logins: Mapping[str, str] | None = None  # account → day; whoever never came is not in it
    homes: Mapping[str, str] | None = None  # directory → "mode owner"
    definitions: Mapping[str, str] | None = None  # `/etc/login.defs`: PASS_*, UMASK, …
    pam: tuple[str, ...] | None = None  # "service type control module arguments"
    password_quality: Mapping[str, str] | None = None  # `pwquality.conf`; None if it sets nothing
    lockout: Mapping[str, str] | None = None  # `faillock.conf`; None if it sets nothing
    shell_idle_seconds: int | None = None  # TMOUT of a login shell; None: it never ends
    shell_idle_fixed: bool | None = None  # whether the user cannot change it
    sudo: tuple[str, ...] | None = None  # lines of sudoers and what it includes
    files: Mapping[str, str] | None = None  # file or directory that is there → "mode owner group"
    audit_enabled: int | None = None  # 0 off or nobody writes it down, 1 on, 2 locked; None: none
    audit_rules: tuple[str, ...] | None = None  # `auditctl -l`
    processes: tuple[str, ...] | None = None  # names as the kernel keeps them, 15 characters
    listening: tuple[Listening, ...] | None = None
    input_policy: str | None = None  # what no rule of the firewall lets in: "drop", "accept"
    log_days: Mapping[str, int] | None = None  # logrotate: log of the system → days kept
    log_targets: tuple[str, ...] | None = None  # where logs are sent, as the sender is told
    journal_persistent: bool | None = None  # None: no journald runs
    clock_synchronized: bool | None = None  # as the daemon says; None: none, or it does not say
    sysctl: Mapping[str, str] | None = None  # of the kernel, and of the host's network
    mandatory_access: str | None = None  # "selinux enforcing", "apparmor <profiles>", "none", …
    secure_boot: bool | None = None  # None: no UEFI, or it cannot be read
    malware_signatures: date | None = None  # day of ClamAV's newest; None: it is not there
    security_updates: int | None = None  # known to be missing by the lists that are there
    package_lists: date | None = None  # day of those lists
    data_devices: Mapping[str, str] | None = None  # directory → "encrypted", "plain", "unknown"
    programs: tuple[str, ...] | None = None  # compilers, sniffers and old servers that are there


@dataclass(frozen=True, slots=True)
class SurveyedHost:
    """A declared host and what was read from it."""

    host: Host
    products: tuple[str, ...]  # of its site, ids in the 信创 catalogue
    facts: HostFacts
