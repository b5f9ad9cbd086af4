"""A database product runs on the CPUs of its members.

Why: several products of the catalogue have no build for LoongArch; that is found out on the day of
the installation, after the machines were bought.
Clause: GB/T 20988-2025, data backup and standby processing system; GB/T 22239-2019 8.1.9.3.
Fix: choose a product that is built for the members' architecture, or other hosts.
Waiver: nobody; it would not start.
"""

from collections.abc import Iterator

from hospital.catalogue import CATALOGUE
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_product_runs_on_members",
    clauses=(
        Clause("GB/T 20988-2025", "备用数据处理系统"),
        Clause("GB/T 22239-2019", "8.1.9.3"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.SITE,),
    title=Text("数据库产品支持成员主机的架构", "A database product runs on its members' CPUs"),
    remedy=Text(
        "更换支持该架构的数据库产品，或更换主机",
        "choose a product built for that architecture, or other hosts",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database and host of this site; the others have the same architecture."""
    site = resource.inputs["site"]
    hosts = {f"{site['name']}-{host['name']}": host for host in site.get("hosts", ())}
    for database in resource.inputs.get("databases", ()):
        product = CATALOGUE.get(database["product"])
        for member in database["members"] if product else ():
            arch = hosts[member]["architecture"] if member in hosts else None
            if product and arch and arch not in product.architectures:
                yield Text(
                    f"{product.id} 不支持成员 {member} 的架构 {arch}",
                    f"{product.id} does not run on {member} ({arch})",
                )
