"""All sites' name servers give one answer, the source's: else clients are split already."""

from __future__ import annotations

from hospital.prechecks.check import (
    Answer,
    Part,
    Precheck,
    Severity,
    failed,
    known,
    listed,
    passed,
)
from hospital.prechecks.facts import Facts
from hospital.rule import Text


def check(facts: Facts) -> Answer:
    name = known(facts.name, "name")
    answers = known(name.answers, "name.answers")
    wanted = (facts.here.endpoints.ingress,)
    known(next(iter(answers), None), "name.answers")
    other = [
        f"{site}: {', '.join(each) or '-'}" for site, each in answers.items() if each != wanted
    ]
    if other:
        return failed(
            f"{name.name} 应为 {wanted[0]}：{listed(other)}",
            f"{name.name} should be {wanted[0]}: {listed(other)}",
        )
    return passed(f"{name.name} 均为 {wanted[0]}", f"{name.name} is {wanted[0]} everywhere")


CHECK = Precheck(
    id="dns_answers",
    part=Part.NETWORK,
    title=Text("域名解析一致", "Every name server gives the source"),
    severity=Severity.WARNING,
    remedy=Text("修复不一致的域名服务器", "mend the name server that differs"),
    function=check,
)
