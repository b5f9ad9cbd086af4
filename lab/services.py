"""What a site runs besides its control plane: names, BMCs, the cloud's API, gate and operator.

Each is a real program with its own credentials: BIND with signed updates, an IPMI
simulator per host whose power button is the host's power, and at a public cloud an
AWS-compatible API (simulated: it proves the shape of calls and who may make them).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from hospital.estate import Estate, Host, Site
from lab import account
from lab.access import Credentials, gate, operator
from lab.machine import Bind
from lab.network import SiteNetwork
from lab.pki import write_private
from lab.places import CHECKOUT, Places
from lab.plane import LOCAL_HUB
from lab.supervision import YIELDS, Program

ACCESS = "/etc/xinglin/access"  # of the site's operator
GATE = "/etc/xinglin/admission"
GATE_PORT = 9443
COUNTER = "/etc/xinglin/counter"  # of the client that lives inside the site
ESTATE = "/etc/xinglin/estate.yaml"
LIVENESS = "http://127.0.0.1:8880/healthz"
NAMED = "/etc/bind/xinglin.conf"
ZONE = "/var/lib/bind/zone"
BMC = "/etc/xinglin/bmc"
USERS = "/etc/xinglin/cloud_users.json"


def binds(site: Site, places: Places) -> tuple[Bind, ...]:
    """The access directories that this site's programs use."""
    return (
        Bind(str(places.access(operator(site.name))), ACCESS, writable=False),
        Bind(str(places.access(gate(site.name))), GATE, writable=False),
        Bind(str(places.access("counter")), COUNTER, writable=False),
    )


def install(
    site: Site,
    network: SiteNetwork,
    *,
    estate: Estate,
    upper: Path,
    credentials: Credentials,
) -> None:
    """Write the services' configurations onto the site's disk."""
    write_private(upper / ESTATE.lstrip("/"), Path(estate.source).read_bytes(), mode=0o644)
    _names(upper, estate.domain, network, credentials.tsig)
    if site.endpoints.cloud:
        told = json.dumps(account.users(estate, site, credentials.cloud), indent=1)
        write_private(upper / USERS.lstrip("/"), told.encode())
    for host in site.hosts:
        if host.bmc:
            _bmc(upper, host, credentials.bmc)


def programs(site: Site) -> tuple[Program, ...]:
    """All of them, as far as this site has them."""
    named = Program("named", ("/usr/sbin/named", "-f", "-u", "bind", "-c", NAMED), priority=10)
    controllers = tuple(_controller(host) for host in site.hosts if host.bmc)
    cloud = (_cloud(site),) if site.endpoints.cloud else ()
    return (named, *controllers, *cloud, _gate(site), *_operator(site))


def gate_url(site: Site) -> str:
    """Where the site's admission server answers."""
    return f"https://{urlsplit(site.endpoints.kubernetes).hostname}:{GATE_PORT}"


def _names(upper: Path, domain: str, network: SiteNetwork, tsig: Mapping[str, str]) -> None:
    config = f"""options {{
  directory "/var/lib/bind";
  pid-file "/run/named.pid";
  session-keyfile "/run/named-session.key";
  listen-on {{ 127.0.0.1; {network.address}; {network.router}; }};
  listen-on-v6 {{ none; }};
  recursion no;
  allow-transfer {{ none; }};
  notify no;
  minimal-responses yes;
}};
controls {{ }};
key "{tsig["name"]}" {{ algorithm {tsig["algorithm"]}; secret "{tsig["secret"]}"; }};
zone "{domain}" {{
  type primary;
  file "{ZONE}";
  update-policy {{ grant {tsig["name"]} subdomain {domain}. A AAAA CNAME TXT; }};
}};
"""
    zone = f"""$TTL 5
@ IN SOA ns.{domain}. hostmaster.{domain}. ( 1 60 30 86400 5 )
@ IN NS ns.{domain}.
ns IN A {network.address}
"""
    group = "bind"
    path = upper / NAMED.lstrip("/")
    write_private(path, config.encode(), mode=0o640)
    shutil.chown(path, group=group)
    data = upper / ZONE.lstrip("/")
    write_private(data, zone.encode(), mode=0o644)
    for owned in (data.parent, data):
        shutil.chown(owned, user="bind", group=group)


def _bmc(upper: Path, host: Host, bmc: Mapping[str, str]) -> None:
    if not host.bmc:
        return
    power = f"{sys.executable} -m lab.chassis {host.id}"
    lan = f"""name "{host.id}"
set_working_mc 0x20
  startlan 1
    addr {host.bmc.address} {host.bmc.port}
    priv_limit admin
    allowed_auths_admin none md5
    guid {os.urandom(16).hex()}
  endlan
  chassis_control "{power}"
  user 1 false "" "" user 1 none md5
  user 2 true "{bmc["user"]}" "{bmc["password"]}" admin 10 none md5
"""
    commands = (
        "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n"
    )
    directory = upper / BMC.lstrip("/") / host.id
    write_private(directory / "lan.conf", lan.encode())
    write_private(directory / "commands", commands.encode())


def _controller(host: Host) -> Program:
    directory = f"{BMC}/{host.id}"
    command = (
        "/usr/bin/ipmi_sim",
        "-n",
        *("-c", f"{directory}/lan.conf"),
        *("-f", f"{directory}/commands"),
        *("-s", f"/run/bmc-{host.id}"),
    )
    return Program(f"bmc-{host.id}", command, environment=_python(), priority=15)


def _cloud(site: Site) -> Program:
    url = urlsplit(site.endpoints.cloud)
    command = (
        sys.executable, "-m", "lab.cloud", USERS,
        "-H", str(url.hostname), "-p", str(url.port or 80),
    )  # fmt: skip
    return Program("cloud", command, environment=_python(), priority=60, nice=YIELDS)


def _gate(site: Site) -> Program:
    listen = gate_url(site).removeprefix("https://")
    command = (
        sys.executable, "-m", "policies.admission", "--listen", listen, "--access", GATE,
    )  # fmt: skip
    return Program("admission", command, environment=_python(), priority=20)


def _operator(site: Site) -> tuple[Program, ...]:
    if not (CHECKOUT / "operators" / "main.py").exists():
        return ()
    command = (
        sys.executable, "-m", "kopf", "run", "-m", "operators.main", "--standalone",
        "--all-namespaces", f"--liveness={LIVENESS}",
    )  # fmt: skip
    environment = {
        **_python(),
        "XINGLIN_ACCESS": ACCESS,
        "XINGLIN_SITE": site.name,
        "XINGLIN_HUB": site.endpoints.hub,
        "XINGLIN_ESTATE": ESTATE,
    }
    # One that ends at once is started again ever more slowly; one that was killed, at once.
    program = Program(
        "operator", command, environment=environment, priority=70, start_seconds=5, after=LOCAL_HUB
    )
    return (program,)


def _python() -> dict[str, str]:
    return {"PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
