"""The firmware starts only what it can verify.

Why: what is below the system sees all of it and survives its reinstallation.
Clause: GB/T 22239-2019 8.1.4.6, 8.1.3.6 (edge hosts); GB/T 39786-2021 8.3 f.
Fix: secure boot in the firmware; on a virtual machine, in its definition. The standard leaves it
to the owner, so it only advises.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_boot_verified",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.4.6"),
        Clause("GB/T 39786-2021", "8.3 f"),
        Clause("GB/T 22239-2019", "8.1.3.6"),
    ),
    level=Level.ADVISORY,
    severity=Severity.LOW,
    kinds=(Kind.HOST,),
    title=Text("主机启动经过验证", "The host's start is verified"),
    remedy=Text(
        "在固件中启用安全启动，或配置可信根",
        "turn on secure boot, or a root of trust, in the firmware",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if secure boot is off, or there is none to read."""
    state = facts_of(resource).get("secureBoot")
    if state is None:
        yield Text(
            "没有 UEFI 安全启动，或无法读取", "there is no secure boot, or it could not be read"
        )
    elif not state:
        yield Text("安全启动未启用", "secure boot is off")
