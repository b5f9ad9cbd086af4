"""The host's operating system is of a release whose flaws are still mended.

Why: after its last day no flaw in it is closed any more, however loudly known.
Clause: GB/T 22239-2019 8.1.4.4 e, 8.1.10.5.
Fix: upgrade. Vendors that sell longer support say so in `SUPPORT_END` of `/etc/os-release`; a
release that is not in the table is judged by its listing instead.
Waiver: nobody.
"""

from collections.abc import Iterator
from datetime import date

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_system_supported",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 e"), Clause("GB/T 22239-2019", "8.1.10.5")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("操作系统仍获支持", "The operating system is still supported"),
    remedy=Text("升级到仍获支持的版本", "upgrade to a release that is supported"),
)

LAST_DAY = {
    "debian 10": date(2024, 6, 30),  # https://wiki.debian.org/LTS
    "debian 11": date(2026, 8, 31),
    "debian 12": date(2028, 6, 30),
    "ubuntu 18.04": date(2023, 5, 31),  # https://ubuntu.com/about/release-cycle
    "ubuntu 20.04": date(2025, 5, 31),
    "centos 7": date(2024, 6, 30),  # https://www.centos.org/centos-linux-eol/
    "centos 8": date(2021, 12, 31),
    "rhel 7": date(2024, 6, 30),  # https://access.redhat.com/support/policy/updates/errata
    "rhel 8": date(2029, 5, 31),
    "rhel 9": date(2032, 5, 31),
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the release has had its last day, or nobody can say which it is."""
    release = facts_of(resource).get("release")
    if release is None:
        yield unread("操作系统版本", "the release of the system")
        return
    names = (release.get("VERSION_ID", ""), release.get("VERSION_ID", "").partition(".")[0])
    known = (LAST_DAY.get(f"{release.get('ID')} {name}") for name in names)
    last = next((day for day in known if day), date.max)
    if "SUPPORT_END" in release:
        last = date.fromisoformat(release["SUPPORT_END"])
    if last < facts.today:
        name = release.get("PRETTY_NAME", release.get("ID", ""))
        yield Text(f"{name} 已于 {last} 停止支持", f"{name} has had no support since {last}")
