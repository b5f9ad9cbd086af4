"""Hashes of passwords and the keys of the host can be read by root alone.

Why: a copied hash is guessed offline, and a copied key lets another machine pass for this one.
Clause: GB/T 22239-2019 8.1.4.8 b, 8.1.4.2 f.
Fix: `chmod 600 FILE; chown root FILE`; `/etc/shadow` may be 640 with the group `shadow`.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, mode_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_secret_files_private",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.8 b"), Clause("GB/T 22239-2019", "8.1.4.2 f")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.HOST,),
    title=Text("口令与密钥文件仅特权者可读", "Files with secrets are read by the privileged only"),
    remedy=Text(
        "执行 chmod 600（shadow 可为 640 root:shadow）",
        "`chmod 600`; `shadow` may be 640 root:shadow",
    ),
)

SECRET = ("/etc/shadow", "/etc/gshadow", "/etc/security/opasswd", "/etc/ssh/ssh_host_")
READERS = {"root", "shadow", "ssh_keys"}  # groups: of root, of Debian, of older RHEL
BEYOND, GROUP = 0o037, 0o040  # what nobody else may do, what a trusted group may


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per file that others can reach."""
    files = facts_of(resource).get("files")
    if files is None:
        yield unread("文件权限", "the modes of files")
    for path, held in (files or {}).items():
        mode, (_, owner, group) = mode_of(held), held.split()
        shared = mode & BEYOND or (mode & GROUP and group not in READERS) or owner != "root"
        if path.startswith(SECRET) and shared:
            yield Text(f"{path} 的权限为 {held}", f"{path} is {held}")
