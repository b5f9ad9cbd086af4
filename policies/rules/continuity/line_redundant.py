"""A site is joined to the others by more than one line.

Why: one excavator cuts one line; the site then looks lost, and a failover moves what was well.
Clause: GB/T 22239-2019 8.1.2.1 e (redundant lines). Advisory: a line that is declared once may be
two cables, which a declaration does not show.
Fix: add a line by another way, and declare each line of its own.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text
from hospital.surroundings import lines

RULE = Rule(
    id="line_redundant",
    clauses=(Clause("GB/T 22239-2019", "8.1.2.1 e"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.SITE,),
    scope=Scope.ESTATE,
    title=Text("站点线路冗余", "A site has more than one line"),
    remedy=Text(
        "增加不同路由的线路，并在 links 中逐条声明",
        "add a line by another way and declare each under `links`",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when a single line joins the site; none at all is `site_is_linked`'s matter."""
    name = resource.inputs["site"]["name"]
    found = lines(facts, name)
    if len(found) == 1:
        other = next(end for end in found[0]["sites"] if end != name)
        yield Text(
            f"站点 {name} 仅有到 {other} 的一条线路", f"{name} has one line only, to {other}"
        )
