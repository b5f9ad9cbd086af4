"""The target shows a certificate for the workload's name: else every browser warns."""

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
    certificates = known(facts.certificates, "certificates")
    name = facts.estate.host_name(facts.workload.name)
    shown = [each for each in certificates if each.purpose == "ingress"]
    known(next(iter(shown), None), "certificates of the ingress")
    wrong = [each.place for each in shown if not _covers(each.names, name)]
    if wrong:
        return failed(f"{listed(wrong)} 的证书不含 {name}", f"no {name} at {listed(wrong)}")
    return passed(f"证书包含 {name}", f"certificates name {name}")


def _covers(names: tuple[str, ...], name: str) -> bool:
    return name in names or f"*.{name.split('.', 1)[1]}" in names


CHECK = Precheck(
    id="certificate_names",
    part=Part.NETWORK,
    title=Text("目标证书包含域名", "The target's certificate has the name"),
    severity=Severity.BLOCKING,
    remedy=Text("为目标入口签发包含该域名的证书", "issue the ingress a certificate with that name"),
    function=check,
)
