"""SSH offers SM4 and SM3 for the channel through which the host is managed.

Why: at level 3 this channel is to be protected by approved cryptography; AES is strong, and not
approved.
Clause: GB/T 39786-2021 8.3 b.
Fix: an OpenSSH that holds `sm4-ctr`, `hmac-sm3` and `sm2-sm3`, or an approved SSL VPN in front of
it, which no rule sees from here: therefore it only advises.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="ssh_offers_national_algorithms",
    clauses=(Clause("GB/T 39786-2021", "8.3 b"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.HOST,),
    title=Text("SSH 提供国密算法", "SSH offers the national algorithms"),
    remedy=Text(
        "使用支持 SM2/SM3/SM4 的 OpenSSH（如 openEuler），或经国密 SSL VPN 管理",
        "use an OpenSSH with SM2, SM3 and SM4, or manage through an approved SSL VPN",
    ),
)

WANTED = {"ciphers": "sm4", "macs": "sm3", "kexalgorithms": "sm2"}


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per list without an algorithm of the SM family."""
    settings = facts_of(resource).get("sshd")
    if settings is None:
        yield unread("sshd 的生效设置", "the settings of sshd")
        return
    for key, name in WANTED.items():
        if name not in settings.get(key, ""):
            yield Text(f"sshd 的 {key} 不含 {name} 算法", f"sshd: {key} holds no {name}")
