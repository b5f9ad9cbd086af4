"""No compiler, debugger, sniffer or old server is installed.

Why: whoever gets in builds and runs there what was not brought along.
Clause: GB/T 22239-2019 8.1.4.4 a.
Fix: remove the packages; build elsewhere and bring packages.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_minimal",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 a"),),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.HOST,),
    title=Text("主机只装所需程序", "The host holds only what it needs"),
    remedy=Text("卸载编译器、抓包工具与旧服务程序", "remove compilers, sniffers and old servers"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason that names all of them."""
    there = facts_of(resource).get("programs")
    if there is None:
        yield unread("已安装程序", "the installed programs")
    elif there:
        names = ", ".join(there)
        yield Text(f"装有不需要的程序：{names}", f"programs that a server does not need: {names}")
