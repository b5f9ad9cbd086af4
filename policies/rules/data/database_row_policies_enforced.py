"""Row policies that somebody wrote are switched on.

Why: PostgreSQL keeps a policy and ignores it until row security is enabled for its table: who reads
the definition believes that each ward sees its own patients only.
Clause: GB/T 22239-2019 8.1.4.2 f, 8.1.4.11 b; GB/T 39725-2020, level 4 is for those who treat.
Fix: `ALTER TABLE ... ENABLE ROW LEVEL SECURITY`, or drop the policy.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_row_policies_enforced",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.2 f"),
        Clause("GB/T 39725-2020", "第4级数据"),
        Clause("GB/T 22239-2019", "8.1.4.11 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("行级策略已启用", "Row policies are switched on"),
    remedy=Text(
        "ALTER TABLE … ENABLE ROW LEVEL SECURITY，或删除策略",
        "ALTER TABLE ... ENABLE ROW LEVEL SECURITY, or drop the policy",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per table whose policies do nothing."""
    for database in resource.inputs["facts"]["databases"]:
        for table in database["idlePolicies"]:
            name = f"{database['name']}.{table}"
            yield Text(f"{name} 的行级策略未启用", f"the row policies of {name} are not enabled")
