"""No security update is known to be missing, and somebody looked lately.

Why: a flaw for which there is an update is one for which there is an exploit.
Clause: GB/T 22239-2019 8.1.4.4 e, 8.1.10.5.
Fix: `apt-get update` or `dnf makecache`, test, install. A test takes time, so it only advises.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import days_since, facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_updates_installed",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 e"), Clause("GB/T 22239-2019", "8.1.10.5")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("安全更新已安装", "Security updates are installed"),
    remedy=Text(
        "更新软件源后测试并安装安全更新", "refresh the lists, test and install the security updates"
    ),
)

MOST = 30  # days since the lists were fetched; practice


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per update state that is bad: missing ones, old lists, unknown."""
    count, day = (facts_of(resource).get(key) for key in ("securityUpdates", "packageLists"))
    if count is None or day is None:
        yield unread("待装安全更新", "missing security updates")
        return
    if count:
        yield Text(f"有 {count} 个安全更新未安装", f"{count} security updates are not installed")
    if days_since(day, facts.today) > MOST:
        yield Text(f"软件清单停在 {day}", f"the lists of packages are of {day}")
