"""The kernel's guards against exploits and leaks are on.

Why: they turn a flaw in one program, which will come, into a crash instead of a way to root; a
dump of a privileged program holds secrets.
Clause: GB/T 22239-2019 8.2.4.4 a, 8.1.4.10 a (what a program that held credentials leaves behind).
Fix: a file in `/etc/sysctl.d`, then `sysctl --system`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_kernel_guarded",
    clauses=(
        Clause("GB/T 22239-2019", "8.2.4.4 a"),
        Clause("GB/T 22239-2019", "8.1.4.10 a"),
    ),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("内核防护已开启", "The kernel's guards are on"),
    remedy=Text("在 /etc/sysctl.d 中设置所列参数", "set the named parameters in `/etc/sysctl.d`"),
)

WANTED = {  # parameter → values that guard
    "kernel.randomize_va_space": {"2"},
    "kernel.kptr_restrict": {"1", "2"},
    "kernel.dmesg_restrict": {"1"},
    "fs.suid_dumpable": {"0"},
    "fs.protected_hardlinks": {"1"},
    "fs.protected_symlinks": {"1"},
    "kernel.yama.ptrace_scope": {"1", "2", "3"},
}
OPTIONAL = {"kernel.yama.ptrace_scope"}  # not in every kernel


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per guard that is off or that the kernel does not show."""
    found = facts_of(resource).get("sysctl") or {}
    for key, values in WANTED.items():
        if key not in found and key not in OPTIONAL:
            yield unread(f"内核参数 {key}", key)
        elif key in found and found[key] not in values:
            yield Text(f"内核参数 {key} 为 {found[key]}", f"{key} is {found[key]}")
