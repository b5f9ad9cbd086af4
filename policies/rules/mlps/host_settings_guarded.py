"""Only root can change accounts, rights, jobs and the directories of programs.

Why: whoever may write there sets their own rights, or has root run what they like.
Clause: GB/T 22239-2019 8.1.4.2 e, 8.1.4.2 f.
Fix: `chown root FILE; chmod go-w FILE`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import GROUP_WRITES, OTHERS_WRITE, facts_of, mode_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_settings_guarded",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.2 e"), Clause("GB/T 22239-2019", "8.1.4.2 f")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("配置与程序目录仅 root 可写", "Only root writes settings and programs"),
    remedy=Text("执行 chown root 与 chmod go-w", "`chown root`, `chmod go-w`"),
)

GUARDED = (
    *("/etc/passwd", "/etc/group", "/etc/sudoers", "/etc/ssh/sshd_config"),
    *("/etc/pam.d", "/etc/profile", "/etc/cron"),
    *("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per file or directory that somebody else can write."""
    files = facts_of(resource).get("files")
    if files is None:
        yield unread("文件权限", "the modes of files")
    for path, held in (files or {}).items():
        mode, (_, owner, group) = mode_of(held), held.split()
        others = mode & OTHERS_WRITE or (mode & GROUP_WRITES and group != "root")
        if path.startswith(GUARDED) and (others or owner != "root"):
            yield Text(f"{path} 的权限为 {held}", f"{path} is {held}")
