"""An API server and the kubelets prove to each other who they are.

Why: `kubectl exec` and logs go from the API server to a kubelet. Without its authority any machine
at that address is taken for the node, and sees what is typed.
Clause: GB/T 22239-2019 8.2.4.1 (mutual authentication of management); GB/T 39786-2021 8.2 a, 8.3 b.
Fix: `--kubelet-certificate-authority`, `--kubelet-client-certificate`, `--kubelet-client-key`.
Waiver: nobody. The hub has no nodes and is not asked.
"""

from collections.abc import Iterator

from hospital.control_plane import flag, is_hub, unread
from hospital.rule import Clause, Facts, Kind, Level, Resource, Rule, Severity, Text

RULE = Rule(
    id="kubelet_reached_by_mutual_tls",
    clauses=(
        Clause("GB/T 22239-2019", "8.2.4.1"),
        Clause("GB/T 39786-2021", "8.2 a"),
        Clause("GB/T 39786-2021", "8.3 b"),
    ),
    level=Level.MANDATORY,
    severity=Severity.HIGH,
    kinds=(Kind.CLUSTER,),
    title=Text("API 服务器与 kubelet 双向认证", "API server and kubelets know each other"),
    remedy=Text(
        "设置 kubelet 的 CA 与 API 服务器的客户端证书",
        "set the kubelets' authority and the API server's client certificate",
    ),
)

FILES = ("kubelet-certificate-authority", "kubelet-client-certificate", "kubelet-client-key")


def check(resource: Resource, facts: Facts) -> Iterator[Text]:
    """One reason per proof that is missing or could not be read."""
    for name in () if is_hub(resource) else FILES:
        value = flag(resource, name)
        if value is None:
            yield unread(name)
        elif not value:
            yield Text(f"未设置 {name}", f"{name} is not set")
