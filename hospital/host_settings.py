"""The settings of a surveyed host as rules ask for them: one reading of sshd, PAM, files, programs.

Pure, over the plain ``facts`` of a host (``hospital/surveyed/host.py``). What could not be read is
said, and never taken for a setting that would do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from hospital.rule import Plain, Resource, Text

ANYWHERE = frozenset({"0.0.0.0", "*", "::"})  # as sockets show it
NO_SHELLS = frozenset({"nologin", "false", "sync", "shutdown", "halt"})
GROUP_WRITES, OTHERS_WRITE, OTHERS_READ = 0o020, 0o002, 0o004


class Stack(NamedTuple):
    """What PAM asks on one occasion: the type of its lines, and the services that hold them."""

    kind: str
    services: frozenset[str]


ALL_LOGINS = Stack("auth", frozenset({"common-auth", "system-auth", "password-auth"}))
ALL_PASSWORDS = Stack("password", frozenset({"common-password", "system-auth", "password-auth"}))


def facts_of(resource: Resource) -> Plain:
    """What was read from the host."""
    facts: Plain = resource.inputs["facts"]
    return facts


def unread(zh: str, en: str) -> Text:
    """The finding about what nobody could read."""
    return Text(f"未能读取：{zh}", f"{en} could not be read")


def sshd_unlike(resource: Resource, wanted: Mapping[str, Collection[str]]) -> Iterator[Text]:
    """One reason per setting of sshd that is in effect with another value than those wanted."""
    settings = facts_of(resource).get("sshd")
    if settings is None:
        yield unread("sshd 的生效设置", "the settings of sshd")
        return
    for key, values in wanted.items():
        found = settings.get(key, "not set")
        if found not in values:
            yield Text(f"sshd 的 {key} 为 {found}", f"sshd: {key} is {found}")


def sshd_number(resource: Resource, key: str) -> int | None:
    """A setting of sshd that is a number; None if it could not be read."""
    found = (facts_of(resource).get("sshd") or {}).get(key, "")
    return int(found) if found.isdecimal() else None


def module(facts: Plain, name: str, stack: Stack) -> Plain | None:
    """The arguments of a PAM module that the stack asks; None if it does not."""
    for line in facts.get("pam", ()):
        service, kind, *_ = line.split()
        if service in stack.services and kind.lstrip("-") == stack.kind and f"{name}.so" in line:
            words = line.partition(f"{name}.so")[2].split()
            return {key: value for key, _, value in (word.partition("=") for word in words)}
    return None


def running(facts: Plain, names: Iterable[str]) -> list[str]:
    """Which of these programs run; the kernel keeps 15 characters of a name."""
    there = set(facts.get("processes", ()))
    return sorted(name for name in names if name[:15] in there)


def logs_in(account: Plain) -> bool:
    """Whether the account's shell lets somebody work."""
    return account["shell"].rpartition("/")[2] not in NO_SHELLS


def people(facts: Plain) -> list[Plain]:
    """Accounts that a person can enter with a password."""
    accounts = facts.get("accounts", ())
    return [each for each in accounts if each["password"] == "set" and logs_in(each)]


def mode_of(entry: str) -> int:
    """The mode in "640 root shadow"."""
    return int(entry.split(maxsplit=1)[0], 8)


def days_since(day: str, today: date) -> int:
    """Days from an ISO day to today."""
    return (today - date.fromisoformat(day)).days
