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

SERVICES = {  # port → service; IANA
    **{("tcp", 21): "FTP", ("tcp", 23): "telnet", ("udp", 69): "TFTP", ("tcp", 79): "finger"},
    **{("tcp", 111): "rpcbind", ("udp", 111): "rpcbind", ("tcp", 139): "NetBIOS"},
    **{("tcp", 512): "rexec", ("tcp", 513): "rlogin", ("tcp", 514): "rsh", ("tcp", 873): "rsync"},
    **{("tcp", 5900): "VNC", ("tcp", 6000): "X11"},
}
LOCAL = ("127.", "::1")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per such service that other machines can call."""
    sockets = facts_of(resource).get("listening")
    if sockets is None:
        yield unread("监听端口", "what listens")
    for each in sockets or ():
        name = SERVICES.get((each["protocol"], each["port"]))
        if name and not each["address"].startswith(LOCAL):
            at = f"{each['address']}:{each['port']}"
            yield Text(f"{name} 在 {at} 监听", f"{name} listens at {at}")
