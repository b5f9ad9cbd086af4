"""Where there is an encrypted channel, nobody is served without it.

Why: a client that is set up wrongly, or led astray, goes on in clear and nobody notices: the
encrypted way beside it protects only those who ask for it.
Clause: GB/T 22239-2019 8.1.2.2 b, 8.1.4.8 a; 8.1.4.1 c for ways of administration.
Fix: refuse callers without TLS: `hostssl` lines only in `pg_hba.conf`, no HTTP at an https port.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="plaintext_refused",
    clauses=(
        Clause("GB/T 22239-2019", "8.1.2.2 b"),
        Clause("GB/T 22239-2019", "8.1.4.8 a"),
        Clause("GB/T 22239-2019", "8.1.4.1 c"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.ENDPOINT,),
    title=Text("加密端口拒绝明文", "An encrypted port serves nobody in clear"),
    remedy=Text(
        "拒绝未加密的连接：pg_hba.conf 仅用 hostssl，https 端口不答复 HTTP",
        "refuse callers without TLS: only hostssl in pg_hba.conf, no HTTP at an https port",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason when the port goes on in clear, or nobody could read what it does."""
    seen, address = resource.inputs["facts"], resource.inputs["address"]
    if not seen["protocols"]:
        return  # `endpoint_takes_tls` says so
    plaintext = seen.get("plaintext")
    if plaintext is None:
        yield Text(f"{address} 对明文的反应未能读取", f"{address}: plain text could not be tried")
    elif plaintext == "answered":
        yield Text(f"{address} 也接受明文", f"{address} also serves callers in clear")
