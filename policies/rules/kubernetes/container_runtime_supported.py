"""Containers run on a version of containerd that its community still mends.

Why: the runtime is the wall between pods; a flaw in it lets one hospital system into another.
Advisory: a distribution may go on mending what the community has left.
Clause: GB/T 22239-2019 8.1.4.4 e (known flaws are found and closed), 8.1.10.5.
Fix: upgrade containerd, or show the distribution's support of it.
Waiver: nobody.
"""

from collections.abc import Iterator
from datetime import date

from hospital.control_plane import nodes, series
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="container_runtime_supported",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 e"), Clause("GB/T 22239-2019", "8.1.10.5")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("容器运行时仍获支持", "The container runtime is still supported"),
    remedy=Text(
        "升级 containerd，或出示发行版的维护承诺",
        "upgrade containerd, or show who mends it",
    ),
)

# https://containerd.io/releases/, read on 2026-11-25 (1.7: "September 2026"); later ones are taken
# as supported.
LAST_DAY = {
    (1, 6): date(2025, 8, 23),
    (1, 7): date(2026, 9, 30),
    (2, 0): date(2025, 11, 7),
    (2, 1): date(2026, 5, 5),
    (2, 2): date(2026, 11, 6),
}
OLDEST = (1, 6)  # whatever is older has had its last day


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per node whose containerd has had its last day; other runtimes are not known."""
    for node in nodes(resource) or ():
        product, _, version = node["runtime"].partition("://")
        number = series(version)
        if product != "containerd" or number is None:
            continue
        if number < OLDEST or LAST_DAY.get(number, date.max) < facts.today:
            zh = f"{node['name']} 的 containerd {version} 已停止支持"
            yield Text(zh, f"{node['name']} runs containerd {version}, no longer supported")
