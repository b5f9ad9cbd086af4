"""Secrets are encrypted before they are written to etcd.

Why: etcd's files and its backups hold every database password. Without a provider they lie there in
clear; with `identity` as the first provider too, although the flag is set.
Clause: GB/T 39786-2021 8.4 e (secrecy of stored data), GB/T 22239-2019 8.1.4.8 b.
Fix: `--encryption-provider-config` with a cipher before `identity`, then write all Secrets again.
Waiver: nobody.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="secrets_encrypted_in_store",
    clauses=(Clause("GB/T 39786-2021", "8.4 e"), Clause("GB/T 22239-2019", "8.1.4.8 b")),
    level=Level.MANDATORY,
    severity=Severity.CRITICAL,
    kinds=(Kind.CLUSTER,),
    title=Text("Secret 加密后写入 etcd", "Secrets are encrypted before etcd has them"),
    remedy=Text(
        "配置 --encryption-provider-config，首个提供者须为加密",
        "set --encryption-provider-config with a cipher as the first provider",
    ),
)

PLAIN = ""  # the prefix of the provider `identity`, which encrypts nothing


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason without a provider, and one if Secrets were written in clear all the same."""
    value = flag(resource, "encryption-provider-config")
    writers = resource.inputs["facts"].get("secretWriters")
    if value is None or writers is None:
        yield unread("encryption-provider-config, apiserver_storage_transformation")
    elif not value:
        yield Text("未配置静态加密", "no encryption provider is configured")
    elif PLAIN in writers:
        yield Text("Secret 仍以明文写入 etcd", "Secrets are still written to etcd in clear")
