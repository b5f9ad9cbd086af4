"""SSH agrees to no algorithm that is broken or wearing thin.

Why: what an administrator types, passwords of databases among it, goes through this channel.
Clause: GB/T 39786-2021 8.3 b; GB/T 22239-2019 8.1.4.1 c, 8.1.5.4 b.
Fix: run `host_harden.yml`; by hand, drop CBC, RC4, 3DES, MD5, SHA-1 and groups below 2048 bits.
Waiver: nobody.
"""

from collections.abc import Iterator
from re import compile as pattern

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="ssh_algorithms_strong",
    clauses=(
        Clause("GB/T 39786-2021", "8.3 b"),
        Clause("GB/T 22239-2019", "8.1.4.1 c"),
        Clause("GB/T 22239-2019", "8.1.5.4 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("SSH 只使用强密码算法", "SSH agrees to strong algorithms only"),
    remedy=Text(
        "在 Ciphers、MACs、KexAlgorithms、HostKeyAlgorithms 中去掉弱算法",
        "take the weak ones out of `Ciphers`, `MACs`, `KexAlgorithms`, `HostKeyAlgorithms`",
    ),
)

LISTS = ("ciphers", "macs", "kexalgorithms", "hostkeyalgorithms")
WEAK = pattern(  # SHA-1, MD5, DES, RC4, CBC (CVE-2008-5161), 64-bit tags, groups of 1024 bits
    r"arcfour|3des|des-cbc|blowfish|cast128|-cbc|md5|sha1|umac-64|group1-|ssh-dss|ssh-rsa$|ssh-rsa-cert|none"
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per list that holds weak algorithms."""
    settings = facts_of(resource).get("sshd") or {}
    for key in LISTS:
        if key not in settings:
            yield unread(f"sshd 的 {key}", f"sshd: {key}")
            continue
        weak = ", ".join(name for name in settings[key].split(",") if WEAK.search(name))
        if weak:
            yield Text(f"sshd 的 {key} 含弱算法 {weak}", f"sshd: {key} holds {weak}")
