"""A site's nodes: one real node that runs real pods, and simulated ones beside it.

The real node is containerd, runc, a bridge network, kubelet and kube-proxy (nftables).
On an ARM site the kubelet is a true arm64 program under emulation, so the node says
``arm64``; emulation is machine-wide, so a wrapper around runc refuses programs of the
other architecture, as the real hardware would. KWOK plays the nodes that one machine
cannot hold; they are tainted, so no hospital workload can land on them by mistake.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import yaml

from hospital.estate import Architecture, Site
from lab.access import Credentials
from lab.machine import Bind
from lab.native import RUNC
from lab.network import SiteNetwork
from lab.pki import write_private
from lab.places import CHECKOUT, Places
from lab.plane import LOCAL_API, LOGS, PKI, kubeconfig
from lab.supervision import YIELDS, Program
from lab.toolchain import stages

CONTAINERD = "/run/containerd/containerd.sock"
RUNTIME = "/usr/local/sbin/runc-native"
SIMULATED = "xinglin.dev/simulated"
EMULATED = "xinglin.dev/emulated"
SIMULATED_PER_ARCHITECTURE = 2

# What the kubelet wants of the kernel. These settings are the whole machine's, so the
# site sees files with the wanted values instead, and nothing outside changes.
KERNEL = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}


def architecture(site: Site) -> Architecture:
    """Of the site's real node: its first declared one."""
    return site.architectures[0]


def name(site: str) -> str:
    """The real node's name."""
    return f"{site}-node-1"


def simulated(site: Site) -> tuple[tuple[str, Architecture], ...]:
    """Names and architectures of the nodes that KWOK plays."""
    return tuple(
        (f"{site.name}-simulated-{one.value}-{number}", one)
        for one in site.architectures
        for number in range(1, SIMULATED_PER_ARCHITECTURE + 1)
    )


def binds(disk: Path) -> tuple[Bind, ...]:
    """Directories that an overlay cannot carry, from the site's disk, and the kernel's faces."""
    data = {part: disk / "data" / part for part in ("containerd", "kubelet", "etcd", "hub")}
    for directory in data.values():
        directory.mkdir(parents=True, exist_ok=True)
    faces = disk / "kernel"
    for setting, value in KERNEL.items():
        write_private(faces / setting, f"{value}\n".encode(), mode=0o644)
    return (
        *(Bind(str(source), f"/var/lib/{part}") for part, source in data.items()),
        *(Bind(str(faces / setting), f"/proc/sys/{setting}") for setting in KERNEL),
    )


def install(
    site: Site, network: SiteNetwork, *, upper: Path, credentials: Credentials, control_group: str
) -> None:
    """Write the node's configuration onto the site's disk."""
    pki = upper / PKI.lstrip("/")
    me = name(site.name)
    certificate = credentials.authority.issue(
        f"system:node:{me}", organizations=("system:nodes",), names=(me, network.address)
    )
    certificate.write(pki, "kubelet")
    kubeconfig(upper, "kubelet")
    for path, content in {
        "etc/containerd/config.toml": _containerd(),
        "etc/cni/net.d/10-pods.conflist": json.dumps(_pod_network(network), indent=1),
        "etc/kubernetes/kubelet.yaml": yaml.safe_dump(_kubelet(network, control_group)),
        "etc/kubernetes/proxy.yaml": yaml.safe_dump(_proxy(network, me)),
    }.items():
        write_private(upper / path, content.encode(), mode=0o644)
    wrapper = CHECKOUT / "lab" / "native.py"
    line = shlex.join([sys.executable, "-I", "-S", str(wrapper), architecture(site).value])
    # Only a new container can be of the wrong architecture; for all else Python costs 25 ms.
    runtime = f"""#!/bin/sh
for word; do case $word in create|run) exec {line} "$@";; esac; done
exec {RUNC} "$@"
"""
    write_private(upper / RUNTIME.lstrip("/"), runtime.encode(), mode=0o755)


def programs(site: Site, network: SiteNetwork, places: Places) -> tuple[Program, ...]:
    """What runs the node, in the order in which it starts."""
    me, arch = name(site.name), architecture(site)
    emulated = arch is not Architecture.AMD64
    kubelet = f"kubelet-{arch.value}" if emulated else "kubelet"
    labels = [f"xinglin.dev/site={site.name}"] + ([f"{EMULATED}=true"] if emulated else [])
    return (
        Program(
            "containerd", ("/usr/bin/containerd",), priority=20, nice=YIELDS, stop_seconds=2
        ),
        Program("images", _import(places, arch), autorestart="unexpected", start_seconds=0),
        Program(
            "kubelet",
            (
                f"{places.tools}/{kubelet}",
                "--config=/etc/kubernetes/kubelet.yaml",
                f"--kubeconfig={PKI}/kubelet.conf",
                f"--hostname-override={me}",
                f"--node-ip={network.address}",
                f"--node-labels={','.join(labels)}",
            ),
            priority=40,
            nice=0 if emulated else YIELDS,  # emulation makes it slow enough
            after=LOCAL_API,
        ),
        Program("proxy", (f"{places.tools}/kube-proxy", "--config=/etc/kubernetes/proxy.yaml"),
                priority=40, nice=YIELDS),
        kwok(network, places),
    )  # fmt: skip


def kwok(network: SiteNetwork, places: Places) -> Program:
    """The player of simulated nodes."""
    command = (
        f"{places.tools}/kwok",
        f"--kubeconfig={PKI}/kwok.conf",
        f"--config={stages(places)}",
        f"--manage-nodes-with-label-selector={SIMULATED}=true",
        "--node-lease-duration-seconds=40",
        f"--node-ip={network.address}",
        f"--cidr={network.pods}",
    )
    return Program("kwok", command, priority=50, nice=YIELDS, after=LOCAL_API)


def simulated_nodes(site: Site) -> list[dict[str, Any]]:
    """The Node objects that KWOK keeps alive."""
    return [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": node,
                "labels": {
                    SIMULATED: "true",
                    "kubernetes.io/arch": arch.value,
                    "kubernetes.io/os": "linux",
                    "kubernetes.io/hostname": node,
                    "xinglin.dev/site": site.name,
                },
            },
            "spec": {"taints": [{"key": SIMULATED, "value": "true", "effect": "NoSchedule"}]},
        }
        for node, arch in simulated(site)
    ]


def _import(places: Places, arch: Architecture) -> tuple[str, ...]:
    """Wait for containerd, then import this architecture's images; done is done."""
    archives = " ".join(
        shlex.quote(str(places.images / f"{image}-{arch.value}.tar"))
        for image in ("pause", "service")
    )
    ctr = f"ctr --address {CONTAINERD} --namespace k8s.io"
    platform = f"--platform linux/{arch.value}"
    script = (
        f"until {ctr} version >/dev/null 2>&1; do sleep 0.2; done; "
        f"set -e; for archive in {archives}; do {ctr} images import {platform} $archive; done"
    )
    return ("/bin/sh", "-c", script)


def _containerd() -> str:
    return f"""version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.tracing.processor.v1.otlp", "io.containerd.internal.v1.tracing"]

[grpc]
address = "{CONTAINERD}"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "xinglin.dev/pause:1"
restrict_oom_score_adj = true
disable_apparmor = true
tolerate_missing_hugetlb_controller = true
disable_hugetlb_controller = true
stream_server_address = "127.0.0.1"

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "/etc/cni/net.d"

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
BinaryName = "{RUNTIME}"
SystemdCgroup = false
"""


def _pod_network(network: SiteNetwork) -> dict[str, Any]:
    return {
        "cniVersion": "1.0.0",
        "name": "pods",
        "plugins": [
            {
                "type": "bridge",
                "bridge": "cni0",
                "isGateway": True,
                "hairpinMode": True,
                "ipam": {
                    "type": "host-local",
                    "ranges": [[{"subnet": network.pods}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                    # Below /run: pods do not survive a power cycle, so neither may their leases.
                    "dataDir": "/run/cni-leases",
                },
            }
        ],
    }


def _kubelet(network: SiteNetwork, control_group: str) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": network.address,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{PKI}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{PKI}/kubelet.crt",
        "tlsPrivateKeyFile": f"{PKI}/kubelet.key",
        "containerRuntimeEndpoint": f"unix://{CONTAINERD}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": control_group,
        "failCgroupV1": False,
        "failSwapOn": False,
        "protectKernelDefaults": True,
        "clusterDNS": [network.address],
        "clusterDomain": "cluster.local",
        "resolvConf": "/etc/resolv.conf",
        "maxPods": 60,
        # Each kubelet believes that it owns the machine.
        "systemReserved": {"memory": "2Gi"},
        # The disk is shared with everything else; its fullness is not this node's business.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%"},
        "logging": {"format": "text"},
        "containerLogMaxSize": "5Mi",
        "containerLogMaxFiles": 2,
        "podLogsDir": f"{LOGS}/pods",
        "shutdownGracePeriod": "0s",
    }


def _proxy(network: SiteNetwork, me: str) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "hostnameOverride": me,
        "clusterCIDR": network.pods,
        "clientConnection": {"kubeconfig": f"{PKI}/proxy.conf"},
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
        "nodePortAddresses": [f"{network.address}/32"],
        # Settings of the whole machine: leave them as they are.
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
        "nftables": {"minSyncPeriod": "100ms", "syncPeriod": "30s"},
    }
