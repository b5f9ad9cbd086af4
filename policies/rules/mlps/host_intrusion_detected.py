"""A program that notices intrusion and tells somebody runs on the host.

Why: an intruder works for weeks before doing harm; what watches only the border does not see it.
Clause: GB/T 22239-2019 8.1.4.4 f, 8.1.3.3 d (edge hosts), 8.2.3.2 b (edge hosts in a cloud).
Fix: run the agent of the hospital's security platform; one that is not known here is added to
`AGENTS` with its process.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, running, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_intrusion_detected",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.4 f"),
        Clause("GB/T 22239-2019", "8.1.3.3 d"),
        Clause("GB/T 22239-2019", "8.2.3.2 b"),
    ),
    level=Level.ADVISORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("主机入侵检测在运行", "Intrusion into the host is watched for"),
    remedy=Text(
        "运行主机入侵检测代理（Elkeid、Wazuh、Falco 等）",
        "run an agent that detects intrusion (Elkeid, Wazuh, Falco, ...)",
    ),
)

AGENTS = (  # processes: Elkeid, Wazuh and OSSEC, Falco, Tetragon, clouds' own, Sangfor, Qi An Xin
    *("elkeid-agent", "wazuh-agentd", "ossec-agentd", "ossec-syscheckd", "falco", "tetragon"),
    *("AliYunDun", "hostguard", "YDService", "edr_agent", "qaxsafed"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if none of the known agents runs."""
    if facts_of(resource).get("processes") is None:
        yield unread("运行的程序", "what runs")
    elif not running(facts_of(resource), AGENTS):
        yield Text(
            "没有已知的入侵检测代理在运行", "no agent against intrusion that is known here runs"
        )
