"""The record of calls shows when somebody changed it.

Why: who covers his tracks edits the record; digests that are chained and signed show it.
Clause: GB/T 22239-2019 8.1.4.3 c; GB/T 39786-2021 8.3 e. Digests are SHA-256, not SM3: said by
the provider's service.
Fix: turn on the validation of log files.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.readings import each
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="cloud_record_signed",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.3 c"),
        Clause("GB/T 39786-2021", "8.3 e"),
    ),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ACCOUNT,),
    title=Text("云审计记录可校验", "The record of calls can be checked"),
    remedy=Text(
        "启用日志文件校验",
        "turn on the validation of log files",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per trail without digests; that there is none says `cloud_calls_recorded`."""
    for trail in each(resource, "trails"):
        if not trail["validated"]:
            yield Text(f"轨迹 {trail['name']} 不可校验", f"trail {trail['name']} has no digests")
