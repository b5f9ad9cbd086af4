"""A host: a bare machine with SSH, a supervisor and its own certificate; playbooks do the rest.

What playbooks expect of it is in ``playbooks/README.md``. It sees the checkout's Python
environment (Patroni runs from it) but neither other machines' disks nor anybody's access
directory.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hospital.estate import Estate, Host
from lab.access import Credentials, HostKeys
from lab.machine import Bind, Machine
from lab.network import SiteNetwork, host_commands, host_plug, site_network
from lab.pki import write_private
from lab.places import CHECKOUT, Places
from lab.supervision import CONFIGURATION, INCLUDES, Program, configuration

LOGS = "/var/log/xinglin"
RECOVERY_USER = "xinglin-recovery"
RECOVERY_ID = 701
RECOVERY_HOME = "/var/lib/xinglin-recovery"

SSHD = """# One way in: keys. Playbooks harden this further.
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/authorized_keys/%u
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
X11Forwarding no
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
Include /etc/ssh/sshd_config.d/*.conf
"""


def describe(
    host: Host,
    *,
    network: SiteNetwork,
    places: Places,
    root: str,
    programs: tuple[Bind, ...] = (),
) -> Machine:
    """The host as a machine of its site; ``root`` is where the site sees the bare root.

    ``programs`` are those of its architecture that this machine has not installed.
    """
    return Machine(
        name=host.id,
        init=init_command(),
        disk=str(places.disk(host.id)),
        lower=root,
        hidden=(str(places.state), str(places.cache)),
        binds=(
            *runtime_binds(),
            *programs,
            Bind(str(places.logs(host.id)), LOGS),
            Bind(str(places.disk(host.id) / "data" / "postgresql"), "/var/lib/postgresql"),
        ),
        plug=host_plug(host, network),
        setup=(*host_commands(network), ("mkdir", "-p", "/run/sshd", "/run/lock", "/run/user")),
        environment={"XINGLIN_MACHINE": host.id, "XINGLIN_LAB": str(places.lab)},
    )


def install(host: Host, *, estate: Estate, places: Places, credentials: Credentials) -> None:
    """Write the new host's disk; only while it is off."""
    disk = places.disk(host.id)
    upper = disk / "upper"
    for directory in (places.logs(host.id), disk / "data" / "postgresql", upper / "etc/ssh"):
        directory.mkdir(parents=True, exist_ok=True)
    postgresql = Path("/var/lib/postgresql")
    if postgresql.exists():  # the package's user owns its home
        owner = postgresql.stat()
        os.chown(disk / "data" / "postgresql", owner.st_uid, owner.st_gid)
    open_way(upper)
    identify(upper, host.id, estate)
    _ssh(upper, credentials.hosts[host.id], credentials)
    _accounts(upper)
    tls = upper / "etc/xinglin/tls"
    credentials.hosts[host.id].certificate.write(tls)
    write_private(tls / "ca.crt", credentials.trusted, mode=0o644)
    sshd = Program("sshd", ("/usr/sbin/sshd", "-D", "-e"), priority=10)
    supervise(upper, (sshd,), includes=INCLUDES)
    (upper / "opt").mkdir(exist_ok=True)
    (upper / "opt/xinglin").symlink_to(sys.prefix)  # playbooks: `patroni_environment`


def init_command() -> tuple[str, ...]:
    """supervisord as the first process of a machine that has its own disk."""
    return (sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "-c", CONFIGURATION)


def runtime_binds() -> tuple[Bind, ...]:
    """The checkout and its Python environment, live and read-only.

    An overlay may keep stale copies of what changes below it, so they are bound.
    """
    binds = [Bind(str(CHECKOUT), writable=False)]
    environment = Path(sys.prefix)
    if not environment.is_relative_to(CHECKOUT):
        binds.append(Bind(str(environment), writable=False))
    return tuple(binds)


def supervise(upper: Path, programs: tuple[Program, ...], *, includes: str = "") -> None:
    """Write the machine's supervisord configuration, and ``supervisorctl`` onto its PATH."""
    text = configuration(programs, logs=LOGS, includes=includes)
    write_private(upper / CONFIGURATION.lstrip("/"), text.encode())
    (upper / "etc/supervisor/conf.d").mkdir(parents=True, exist_ok=True)
    control = f'#!/bin/sh\nexec {sys.executable} -m supervisor.supervisorctl "$@"\n'
    write_private(upper / "usr/local/bin/supervisorctl", control.encode(), mode=0o755)


def identify(upper: Path, name: str, estate: Estate) -> None:
    """Host name, the names of the machines around it, and the servers that know all others."""
    hosts = [(host.address, host.id) for site in estate.sites for host in site.hosts]
    sites = [(site_network(site).address, site.name) for site in estate.sites]
    known = "".join(f"{address}\t{one}\n" for address, one in (*sites, *hosts))
    own = [site for site in estate.sites if name == site.name or name.startswith(f"{site.name}-")]
    servers = "".join(f"nameserver {site_network(site).address}\n" for site in own[:1])
    write_private(
        upper / "etc/resolv.conf", f"search {estate.domain}\n{servers}".encode(), mode=0o644
    )
    write_private(upper / "etc/hostname", f"{name}\n".encode(), mode=0o644)
    write_private(upper / "etc/hosts", f"127.0.0.1\tlocalhost {name}\n{known}".encode(), mode=0o644)


def open_way(upper: Path) -> None:
    """Let unprivileged users reach the Python that runs Patroni, wherever it was installed."""
    for way in (Path(sys.base_prefix), Path(sys.prefix), CHECKOUT):
        for part in reversed(way.parents):
            if part != part.parent and not part.stat().st_mode & 0o001:
                directory = upper / str(part).lstrip("/")
                directory.mkdir(parents=True, exist_ok=True)
                directory.chmod(0o711)


def _ssh(upper: Path, keys: HostKeys, credentials: Credentials) -> None:
    write_private(upper / "etc/ssh/sshd_config", SSHD.encode(), mode=0o644)
    (upper / "etc/ssh/sshd_config.d").mkdir(parents=True, exist_ok=True)
    write_private(upper / "etc/ssh/ssh_host_ed25519_key", keys.ssh_private)
    allowed = "".join(f"{key}\n" for key in credentials.root_keys)
    write_private(upper / "etc/ssh/authorized_keys/root", allowed.encode(), mode=0o644)
    # The machine's own key file must not let its owner into the hosts.
    (upper / "root").mkdir(mode=0o711, exist_ok=True)
    ssh = upper / "root/.ssh"
    ssh.mkdir(mode=0o700, exist_ok=True)
    write_private(ssh / "authorized_keys", b"")


def _accounts(upper: Path) -> None:
    """The user of the forced command; its keys are the playbook's to write."""
    lines = {
        "passwd": f"{RECOVERY_USER}:x:{RECOVERY_ID}:{RECOVERY_ID}::{RECOVERY_HOME}:/bin/sh",
        "group": f"{RECOVERY_USER}:x:{RECOVERY_ID}:",
        "shadow": f"{RECOVERY_USER}:*:20000:0:99999:7:::",
    }
    for name, line in lines.items():
        existing = Path("/etc", name)
        content = existing.read_text(encoding="utf-8").rstrip("\n")
        mode = existing.stat().st_mode & 0o777
        write_private(upper / "etc" / name, f"{content}\n{line}\n".encode(), mode=mode)
    home = upper / RECOVERY_HOME.lstrip("/")
    home.mkdir(parents=True, mode=0o755, exist_ok=True)
    os.chown(home, RECOVERY_ID, RECOVERY_ID)
