"""The database takes connections from chosen addresses only, never from everywhere.

Why: the day a firewall is opened by mistake, this list is what is left between the Internet and
every record.
Clause: GB/T 22239-2019 8.1.4.4 c, 8.1.3.2 c.
Fix: name in pg_hba.conf the networks that applications and administrators come from.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.hba import EVERYWHERE, admitting, from_afar, source
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_sources_limited",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 c"), Clause("GB/T 22239-2019", "8.1.3.2 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("数据库限制连接来源", "The database limits where connections come from"),
    remedy=Text(
        "pg_hba.conf 中写明应用与管理终端所在网段",
        "name in pg_hba.conf the networks of applications and administrators",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per line that admits from all addresses, or from such as are public."""
    for line in admitting(resource.inputs["facts"]["access"]):
        network = source(line)
        wide = line["address"] == EVERYWHERE or (network is not None and not network.is_private)
        if from_afar(line) and wide:
            number, origin = line["line"], network or EVERYWHERE
            yield Text(
                f"pg_hba.conf 第 {number} 行允许来自 {origin} 的连接",
                f"line {number} of pg_hba.conf admits from {origin}",
            )
