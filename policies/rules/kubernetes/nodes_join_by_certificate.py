"""A machine becomes a node by a certificate of its own, not by a token that anybody may carry.

Why: a bootstrap token is meant for the minutes of an installation. It lies in a Secret and in
shells' histories, and whoever holds it can bring a machine of theirs into the cluster.
Clause: GB/T 22239-2019 8.1.3.1 b (unknown devices do not join the inside).
Fix: `--enable-bootstrap-token-auth=false` when all nodes have joined; `kubeadm` sets it to true.
Waiver: not needed, it only advises.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="nodes_join_by_certificate",
    clauses=(Clause("GB/T 22239-2019", "8.1.3.1 b"),),
    level=Level.ADVISORY,
    severity=Severity.MEDIUM,
    kinds=(Kind.CLUSTER,),
    title=Text("节点凭证书加入集群", "A node joins by a certificate of its own"),
    remedy=Text(
        "节点全部加入后设置 --enable-bootstrap-token-auth=false",
        "set --enable-bootstrap-token-auth=false when all nodes have joined",
    ),
)

FLAG = "enable-bootstrap-token-auth"


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason if bootstrap tokens open the cluster, or nobody could read whether."""
    value = flag(resource, FLAG)
    if value is None:
        yield unread(FLAG)
    elif value != "false":
        yield Text("引导令牌可用于加入集群", "a bootstrap token lets a machine join")
