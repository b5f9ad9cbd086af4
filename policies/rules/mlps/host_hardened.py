"""A host is hardened before anything else is put on it.

Why: a machine as its vendor ships it has accounts, services and rights that nobody asked for.
Clause: GB/T 22239-2019 8.1.4.4 a and b, 8.1.4.2 b; in a cloud 8.2.4.4 a.
Fix: name the host in the Hosts resource that runs `host_harden.yml`; the component HostPlatform
does so for every host of the estate.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Scope, Severity, Text

RULE = Rule(
    id="host_hardened",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.4 a"),
        Clause("GB/T 22239-2019", "8.1.4.4 b"),
        Clause("GB/T 22239-2019", "8.1.4.2 b"),
        Clause("GB/T 22239-2019", "8.2.4.4 a"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOSTS,),
    scope=Scope.ESTATE,
    title=Text("主机均已加固", "Every host is hardened"),
    remedy=Text(
        "将主机列入执行 host_harden.yml 的 Hosts 资源",
        "name the host in the Hosts resource that runs host_harden.yml",
    ),
)

HARDENING = "host_harden.yml"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per host on which only other playbooks run."""
    hardened = {
        host
        for each in facts.resources
        if each.kind is Kind.HOSTS and each.inputs["playbook"] == HARDENING
        for host in each.inputs["hosts"]
    }
    playbook = resource.inputs["playbook"]
    for host in resource.inputs["hosts"]:
        if host not in hardened:
            yield Text(
                f"{playbook} 使用未加固的主机 {host}", f"{playbook} runs on {host}, not hardened"
            )
