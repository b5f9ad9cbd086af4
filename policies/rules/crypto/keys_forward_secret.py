"""A key that is stolen tomorrow opens nothing that was recorded today.

Why: without Diffie-Hellman per session the server's key opens all of its past: records of patients
are worth keeping for years until it leaks. Advisory: no clause asks for it, and TLCP's usual
suite (ECC) has none; that one is not told.
Clause: GB/T 39786-2021 8.2 c; GB/T 22239-2019 8.1.4.8 a.
Fix: take out the suites whose names begin with `TLS_RSA_`, `TLS_ECDH_` and `TLS_DH_`.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.ciphers import TLCP, broken, forward_secret, listed, suites
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="keys_forward_secret",
    clauses=(Clause("GB/T 39786-2021", "8.2 c"), Clause("GB/T 22239-2019", "8.1.4.8 a")),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.ENDPOINT,),
    title=Text("会话密钥前向安全", "Session keys are forward secret"),
    remedy=Text(
        "移除 TLS_RSA_、TLS_ECDH_、TLS_DH_ 套件",
        "take out the suites TLS_RSA_, TLS_ECDH_ and TLS_DH_",
    ),
)


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per endpoint, with the suites; those that are broken anyway are told elsewhere."""
    found = [
        suite
        for protocol, suite in suites(resource.inputs["facts"])
        if protocol != TLCP and not broken(suite) and not forward_secret(protocol, suite)
    ]
    if found:
        address, names = resource.inputs["address"], listed(found)
        yield Text(f"{address} 接受 {names}", f"{address} accepts {names}")
