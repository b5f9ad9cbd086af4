"""Every record of the database says when, who, in which database and from where.

Why: a line without its user or address is proof of nothing against anybody.
Clause: GB/T 22239-2019 8.1.4.3 b.
Fix: `log_line_prefix = '%m [%p] %u@%d %h '`, or csvlog or jsonlog in `log_destination`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_records_complete",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.3 b"),),
    level=Level.MANDATORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.DATABASE,),
    title=Text("数据库日志内容完整", "Records of the database are complete"),
    remedy=Text(
        "log_line_prefix 含 %m %u %d %h，或使用 csvlog、jsonlog",
        "have %m %u %d %h in log_line_prefix, or use csvlog or jsonlog",
    ),
)

STRUCTURED = ("csvlog", "jsonlog")  # these hold all of it
NEEDED = (
    (("%m", "%t", "%n"), Text("时间", "time")),
    (("%u",), Text("用户", "user")),
    (("%d",), Text("数据库", "database")),
    (("%h", "%r"), Text("来源地址", "address")),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per thing that a record does not say."""
    settings = resource.inputs["facts"]["settings"]
    prefix = settings.get("log_line_prefix", "")
    if any(kind in settings.get("log_destination", "") for kind in STRUCTURED):
        return
    for signs, what in NEEDED:
        if not any(sign in prefix for sign in signs):
            yield Text(
                f"log_line_prefix 缺少{what.zh}（{signs[0]}）",
                f"log_line_prefix lacks the {what.en} ({signs[0]})",
            )
