"""No service listens that takes names and passwords, or files, in the clear.

Why: who sees the line has the password; most of these ask for none at all.
Clause: GB/T 22239-2019 8.1.4.4 b, 8.1.4.1 c.
Fix: stop and remove the service; SSH and SFTP do the same with encryption.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.host_settings import facts_of, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="host_no_plaintext_service",
    clauses=(Clause("GB/T 22239-2019", "8.1.4.4 b"), Clause("GB/T 22239-2019", "8.1.4.1 c")),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.HOST,),
    title=Text("不提供明文远程服务", "No service that shows passwords listens"),
    remedy=Text(
        "停用 telnet、FTP、rsh、TFTP 等，改用 SSH、SFTP",
        "stop telnet, FTP, rsh, TFTP and the like; use SSH and SFTP",
    ),
)

TCP = {  # ports as IANA gives them
    **{21: "FTP", 23: "telnet", 79: "finger", 111: "rpcbind", 139: "NetBIOS"},
    **{512: "rexec", 513: "rlogin", 514: "rsh", 873: "rsync", 5900: "VNC", 6000: "X11"},
}
SERVICES = {"tcp": TCP, "udp": {69: "TFTP", 111: "rpcbind"}}
LOCAL = ("127.", "::1")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per such service that other machines can call."""
    sockets = facts_of(resource).get("listening")
    if sockets is None:
        yield unread("监听端口", "what listens")
    for each in sockets or ():
        name = SERVICES.get(each["protocol"], {}).get(each["port"])
        if name and not each["address"].startswith(LOCAL):
            at = f"{each['address']}:{each['port']}"
            yield Text(f"{name} 在 {at} 监听", f"{name} listens at {at}")
