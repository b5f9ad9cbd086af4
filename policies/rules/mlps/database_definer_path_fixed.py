"""A function that runs with a superuser's rights looks only where it was told to.

Why: SECURITY DEFINER without a fixed search_path finds a caller's own table or operator first, and
runs it as superuser: the old way from any account to all.
Clause: GB/T 22239-2019 8.1.4.2 d, 8.1.4.4 e.
Fix: `ALTER FUNCTION ... SET search_path = pg_catalog, pg_temp`, or another owner.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_definer_path_fixed",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 d"), Clause("GB/T 22239-2019", "8.1.4.4 e")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.DATABASE,),
    title=Text("提权函数固定搜索路径", "Functions with a superuser's rights fix their search path"),
    remedy=Text(
        "ALTER FUNCTION … SET search_path，或改由低权限角色拥有",
        "ALTER FUNCTION ... SET search_path, or change its owner",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per such function."""
    for database in resource.inputs["facts"]["databases"]:
        for function in database["openDefiners"]:
            name = f"{database['name']}.{function}"
            yield Text(
                f"{name} 以超级用户身份运行且未固定 search_path",
                f"{name} runs as superuser without a fixed search_path",
            )
