"""A host's CPU is of a maker that its site names.

Why: the list of products is what is bought, assessed and reported: a CPU of another maker makes it
untrue.
Clause: 安全可靠测评工作指南（试行） CPU、操作系统; GB/T 22239-2019 8.1.10.2.
Fix: correct `products` of the site, or put the declared machine there.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_cpu_as_declared",
    clauses=(
        Clause("安全可靠测评工作指南（试行）", "CPU、操作系统"),
        Clause("GB/T 22239-2019", "8.1.10.2"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("主机处理器与声明的产品一致", "A host's CPU is one that its site names"),
    remedy=Text(
        "改正站点的 products，或更换主机", "correct the site's `products`, or replace the host"
    ),
)

MAKERS = {  # product → what the CPU says of itself in `/proc/cpuinfo`
    "cpu-hygon": ("HygonGenuine",),
    "cpu-zhaoxin": ("CentaurHauls", "Shanghai"),
    "cpu-kp920": ("0x48",),  # HiSilicon, as Arm numbers implementers
    "cpu-kp950": ("0x48",),
    "cpu-ft": ("0x70",),  # Phytium
    "cpu-loongson": ("Loongson",),
}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if the CPU is of none of the makers that the site names."""
    named = [each for each in resource.inputs["products"] if each.startswith("cpu-")]
    if not named or not MAKERS.keys() >= set(named):
        return
    found = facts_of(resource).get("cpu")
    if found is None:
        yield unread("处理器厂商", "the maker of the CPU")
    elif not any(found.strip().startswith(MAKERS[each]) for each in named):
        products = ", ".join(named)
        yield Text(
            f"站点声明 {products}，实为 {found}", f"the site names {products}, the CPU says {found}"
        )
