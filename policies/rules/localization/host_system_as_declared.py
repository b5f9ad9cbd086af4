"""A host runs an operating system that its site names.

Why: what is reported as domestic must be what runs; Debian on a host of a Kylin site is neither
listed nor known to the inventory.
Clause: 安全可靠测评工作指南（试行） CPU、操作系统; GB/T 22239-2019 8.1.10.2.
Fix: correct `products` of the site, or install what it names. Kylin's desktop carries the same ID
as its server and is told apart by NAME.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_system_as_declared",
    clauses=(
        Clause("安全可靠测评工作指南（试行）", "CPU、操作系统"),
        Clause("GB/T 22239-2019", "8.1.10.2"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("主机操作系统与声明的产品一致", "A host runs the system that its site names"),
    remedy=Text(
        "改正站点的 products，或换装所声明的操作系统",
        "correct the site's `products`, or install the system that it names",
    ),
)

SYSTEMS = {  # product → ID and beginning of NAME in `/etc/os-release`
    "os-kylin-s": ("kylin", "Kylin Linux Advanced Server"),
    "os-uos-s": ("uos", "U"),
    "os-openeuler": ("openEuler", "openEuler"),
    "os-anolis": ("anolis", "Anolis"),
    "os-kylinsec": ("kylinsec", "Kylin"),
    "os-tencentos": ("tencentos", "TencentOS"),
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if none of the site's systems, as far as they can be told, is this one."""
    named = [each for each in resource.inputs["products"] if each.startswith("os-")]
    if not named or not SYSTEMS.keys() >= set(named):
        return
    release = facts_of(resource).get("release")
    if release is None:
        yield unread("操作系统", "the operating system")
        return
    found, name = release.get("ID", ""), release.get("NAME", "")
    if not any(found == SYSTEMS[each][0] and name.startswith(SYSTEMS[each][1]) for each in named):
        products = ", ".join(named)
        yield Text(
            f"站点声明 {products}，实为 {name}", f"the site names {products}, it runs {name}"
        )
