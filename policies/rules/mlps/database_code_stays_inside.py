"""Nothing is installed in the database that reaches out of it, unless somebody needs it.

Why: an untrusted language, a foreign table or dblink makes one flaw of an application a way to the
host's files and to other servers.
Clause: GB/T 22239-2019 8.1.4.4 a.
Fix: `DROP EXTENSION`, or keep it and write down which application needs it.
Waiver: not needed: advisory, because an application may well need it.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="database_code_stays_inside",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 a"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.DATABASE,),
    title=Text("数据库未装对外扩展", "Nothing in the database reaches out of it"),
    remedy=Text("删除不需要的扩展与语言", "drop the extensions and languages that nobody needs"),
)

REACHING = ("adminpack", "dblink", "file_fdw", "postgres_fdw")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per database with such extensions or languages."""
    for database in resource.inputs["facts"]["databases"]:
        found = [each for each in REACHING if each in database["extensions"]]
        found += database["untrustedLanguages"]
        if found:
            name, told = database["name"], ", ".join(found)
            yield Text(f"数据库 {name} 装有 {told}", f"{told} is installed in {name}")
