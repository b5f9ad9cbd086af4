"""What the templates come to with the lab's estate: configuration that its programs accept."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

SECRETS: dict[str, Any] = {
    **{
        name: {"user": name, "password": f"secret-of-'{name}'"}
        for name in ("superuser", "replication", "rewind", "patroni", "migration")
    },
    "workloads": {
        name: {"user": name.replace("-", "_"), "password": f"secret-of-{name}"}
        for name in (
            "identity",
            "integration",
            "his",
            "emr",
            "lis",
            "pacs",
            "hrp",
            "internet-hospital",
            "his-rehearsal",
        )
    },
}
OWN = [each["user"] for name, each in SECRETS["workloads"].items() if name != "his-rehearsal"]


class Render:
    """Renders a role's template for one host of the lab, as Ansible does."""

    def __init__(self, playbooks: Path, inventory: dict[str, Any]) -> None:
        self._playbooks = playbooks
        self._inventory = inventory

    def __call__(self, role: str, name: str, *, host: str, **variables: Any) -> str:
        shared = self._yaml("group_vars/all.yml") | self._yaml(f"roles/{role}/defaults/main.yml")
        groups = self._inventory["all"]["children"].values()
        own = next(group["hosts"][host] for group in groups if host in group["hosts"])
        known = {
            **{key: _trusted(value) for key, value in shared.items()},
            **self._inventory["all"]["vars"],
            **own,
            "inventory_hostname": host,
            "ansible_managed": "Managed by Ansible",
            "database_access": SECRETS,
            "recovery_public_keys": ["ssh-ed25519 AAAA operator-cloud", ""],
            **variables,
        }
        text = (self._playbooks / "roles" / role / "templates" / name).read_text(encoding="utf-8")
        rendered = Templar(loader=DataLoader(), variables=known).template(trust_as_template(text))
        return str(rendered)

    def _yaml(self, path: str) -> dict[str, Any]:
        content: dict[str, Any] = yaml.safe_load((self._playbooks / path).read_text("utf-8"))
        return content


def _trusted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _trusted(item) for key, item in value.items()}
    return trust_as_template(value) if isinstance(value, str) else value


@pytest.fixture(scope="module")
def render(playbooks: Path, lab_inventory: dict[str, Any]) -> Render:
    return Render(playbooks, lab_inventory)


def patroni(render: Render, **variables: Any) -> dict[str, Any]:
    text = render("postgresql", "patroni.yml.j2", host="cloud-db-1", **variables)
    document: dict[str, Any] = yaml.safe_load(text)
    return document


def test_patroni_speaks_only_tls_and_asks_its_own_sites_store_first(render: Render) -> None:
    document = patroni(render)
    assert document["etcd3"]["protocol"] == "https"
    assert document["etcd3"]["hosts"][0] == "10.3.0.1:2379"
    assert document["etcd3"]["use_proxies"] is True
    assert document["restapi"]["verify_client"] == "optional"
    assert document["postgresql"]["parameters"]["ssl"] == "on"


def test_no_rule_lets_anybody_in_without_tls_and_scram(render: Render) -> None:
    rules = [rule.split() for rule in patroni(render)["postgresql"]["pg_hba"]]
    ways = {(rule[0], rule[-1]) for rule in rules if rule[-1] != "reject"}
    assert ways == {("local", "peer"), ("hostssl", "scram-sha-256")}


def test_the_superuser_comes_in_locally_only(render: Render) -> None:
    rules = patroni(render)["postgresql"]["pg_hba"]
    assert rules.index("host all superuser all reject") < rules.index(
        "hostssl sameuser all 10.0.0.0/8 scram-sha-256"
    )


def test_an_application_comes_from_a_chosen_network_to_its_own_database_only(
    render: Render,
) -> None:
    document = patroni(render, postgresql_clients=["10.9.0.0/24"])
    rules = [rule.split() for rule in document["postgresql"]["pg_hba"]]
    wide = [rule for rule in rules if rule[0] == "hostssl" and not rule[3].endswith("/32")]
    assert wide == [
        ["hostssl", "postgres,his", "migration", "10.9.0.0/24", "scram-sha-256"],
        ["hostssl", f"postgres,{','.join(OWN)}", "patroni", "10.9.0.0/24", "scram-sha-256"],
        ["hostssl", "sameuser", "all", "10.9.0.0/24", "scram-sha-256"],
    ]


def test_timing_is_the_fastest_that_patroni_accepts_unless_told_otherwise(render: Render) -> None:
    dcs = patroni(render)["bootstrap"]["dcs"]
    assert (dcs["ttl"], dcs["loop_wait"], dcs["retry_timeout"]) == (20, 1, 3)
    assert patroni(render, patroni_ttl=30)["bootstrap"]["dcs"]["ttl"] == 30


def test_synchronous_mode_follows_the_declaration_and_is_never_strict(render: Render) -> None:
    assert patroni(render)["bootstrap"]["dcs"]["synchronous_mode"] is True
    loose = patroni(render, database_synchronous=False)["bootstrap"]["dcs"]
    assert loose["synchronous_mode"] is False
    assert loose["synchronous_mode_strict"] is False


def test_what_watches_a_cluster_looks_into_databases_that_can_move_with_it(render: Render) -> None:
    def grants(**variables: Any) -> list[str]:
        sql = render("postgresql", "roles.sql.j2", host="cloud-db-1", **variables)
        return [line for line in sql.splitlines() if 'DATABASE "his"' in line]

    assert grants() == [
        'REVOKE ALL ON DATABASE "his" FROM PUBLIC;',
        'GRANT CONNECT ON DATABASE "his" TO "patroni";',
    ]
    alone = [{"name": "cloud-db-1", "address": "10.3.0.11"}]
    assert grants(database_members=alone)[1] == 'REVOKE CONNECT ON DATABASE "his" FROM "patroni";'
    rules = patroni(render, database_members=alone)["postgresql"]["pg_hba"]
    assert "hostssl postgres patroni 10.0.0.0/8 scram-sha-256" in rules
    looked_at = patroni(render, migration_databases=[], migration_peers=[])
    assert "wal_level" not in str(looked_at["bootstrap"]["dcs"])
    assert (
        f"hostssl postgres,{','.join(OWN)} patroni 10.0.0.0/8 scram-sha-256"
        in (looked_at["postgresql"]["pg_hba"])
    )


def test_statements_make_a_role_and_a_database_for_each_workload(render: Render) -> None:
    names = ["his", "internet-hospital"]
    sql = render("postgresql", "roles.sql.j2", host="cloud-db-1", database_workloads=names)
    for user in ("his", "internet_hospital"):
        assert f"format('CREATE DATABASE %I OWNER %I', '{user}', '{user}')" in sql
        assert f"format('CREATE ROLE %I LOGIN', '{user}')" in sql
    assert "'secret-of-''patroni'''" in sql, "a quote in a password stays inside its string"
    assert "pg_signal_backend" not in sql, "nobody may cancel another's commit"
    assert "REVOKE ALL ON DATABASE postgres FROM PUBLIC;" in sql


def test_where_a_workload_may_arrive_its_role_is_made_closed(render: Render) -> None:
    sql = render("postgresql", "roles.sql.j2", host="campus-arm-db-1")
    assert "format('CREATE ROLE %I NOLOGIN', 'his')" in sql
    assert "format('CREATE ROLE %I LOGIN', 'his_rehearsal')" in sql
    altered = [line for line in sql.splitlines() if "ALTER ROLE" in line]
    assert altered
    assert all("LOGIN" not in line for line in altered), "what a migration closed stays closed"


def test_only_a_cluster_that_a_migration_touches_is_made_ready_for_it(render: Render) -> None:
    ready = patroni(render)
    assert ready["bootstrap"]["dcs"]["postgresql"]["parameters"]["wal_level"] == "logical"
    assert ready["bootstrap"]["dcs"]["ignore_slots"] == [{"type": "logical", "plugin": "pgoutput"}]
    assert ready["postgresql"]["parameters"]["max_slot_wal_keep_size"] == "2GB"
    left = patroni(render, migration_databases=[], migration_peers=[])
    assert "parameters" not in left["bootstrap"]["dcs"]["postgresql"]
    assert "max_slot_wal_keep_size" not in left["postgresql"]["parameters"]
    assert not [rule for rule in left["postgresql"]["pg_hba"] if "migration" in rule]


def test_a_subscription_may_come_from_the_other_end_wherever_clients_are(render: Render) -> None:
    rules = patroni(render, postgresql_clients=["10.9.0.0/24"])["postgresql"]["pg_hba"]
    assert "hostssl postgres,his migration 10.2.0.11/32 scram-sha-256" in rules


def test_recovery_can_run_one_command_and_nothing_else(render: Render) -> None:
    door = {"door_user": "xinglin-recovery", "door_command": "/usr/local/sbin/xinglin-reception"}
    text = render("door", "authorized_keys.j2", host="cloud-db-1", **door)
    keys = text.strip().splitlines()
    assert keys == [
        'restrict,command="sudo -n /usr/local/sbin/xinglin-reception '
        '\\"$SSH_ORIGINAL_COMMAND\\"" ssh-ed25519 AAAA operator-cloud'
    ]
    sudoers = render("door", "sudoers.j2", host="cloud-db-1", **door).strip().splitlines()
    assert sudoers[1:] == [
        "xinglin-recovery ALL=(root) NOPASSWD: /usr/local/sbin/xinglin-reception"
    ]


def ways(configuration: str, name: str) -> list[str]:
    """Where a backend leads, and by what its servers are judged."""
    found = configuration.partition(f"backend {name}\n")[2].partition("\n\n")[0].splitlines()
    lines = [line.strip() for line in found]
    return [line for line in lines if line.startswith(("server", "default-server", "option"))]


def test_an_edge_leads_to_hosts_where_a_workload_has_them_and_to_pods_elsewhere(
    render: Render,
) -> None:
    home, cloud = (
        render("haproxy", "haproxy.cfg.j2", host=f"{site}-edge-1")
        for site in ("campus-x86", "cloud")
    )
    assert ways(home, "lis-hospital-test") == [
        "option httpchk GET /readyz",
        "default-server check inter 1s rise 1 fall 10",
        "server campus-x86-app-1 10.1.0.31:30105",
        "server campus-x86-app-2 10.1.0.32:30105",
    ]
    assert ways(cloud, "lis-hospital-test") == ["server node 10.3.0.1:30105"]
    assert ways(home, "his-hospital-test") == ["server node 10.1.0.1:30103"]


def test_an_edge_asks_for_certificates_only_where_clients_are_declared(render: Render) -> None:
    closed = render("haproxy", "haproxy.cfg.j2", host="cloud-edge-1")
    assert " verify optional ca-file /etc/xinglin/tls/ca.crt\n" in closed
    denies = [line.strip() for line in closed.splitlines() if "http-request deny" in line]
    assert denies == [
        "http-request deny status 403 unless { ssl_c_used 1 } { ssl_c_verify 0 }"
        " { ssl_c_s_dn(O) -m str -- 'hospital:counter' 'xinglin:operators' }"
    ]
    open_ = render("haproxy", "haproxy.cfg.j2", host="cloud-edge-1", edge_clients=[])
    assert "verify optional" not in open_
    assert "http-request deny" not in open_


APP = "campus-x86-app-1"
LIS = {"name": "lis", "plays": "lis", "port": 30105, "database": {"name": "db", "port": 5432}}


def test_settings_survive_the_shell_and_lead_to_the_database_over_verified_tls(
    render: Render, tmp_path: Path
) -> None:
    password = "it's $HOME/`id` & more?"
    access = {"workloads": {"lis": {"user": "lis", "password": password}}}
    text = render("application", "settings.env.j2", host=APP, workload=LIS, database_access=access)
    path = tmp_path / "lis.env"
    path.write_text(text, encoding="utf-8")
    told = subprocess.run(
        ["sh", "-euac", f'. {path}; printf "%s\\n" "$DATABASE_URL" "$WORKLOAD" "$SITE" "$LISTEN"'],
        capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"},
    ).stdout.splitlines()  # fmt: skip
    url = urlsplit(told[0])
    assert (url.hostname, url.port, unquote(url.password or "")) == ("db", 5432, password)
    assert "sslmode=verify-full" in url.query
    assert told[1:] == ["lis", "campus-x86", "10.1.0.31:30105"]


def test_what_others_place_does_not_start_by_itself(render: Render) -> None:
    names = {"service_name": "hospital-lis", "service_command": "/x", "host_logs": "/y"}
    for placed, says in ((True, "autostart=false"), (False, "autostart=true")):
        text = render("service", "program.conf.j2", host=APP, service_placed=placed, **names)
        assert says in text.splitlines()


@pytest.fixture(params=["systemd", "supervisord"])
def placing(render: Render, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    script = tmp_path / "xinglin-place"
    told = {"ansible_service_mgr": request.param, "application_workloads": [LIS]}
    told["application_supervisor"] = str(tmp_path / "nobody.sock")
    script.write_text(render("application", "xinglin-place.sh.j2", host=APP, **told), "utf-8")
    return script


@pytest.mark.parametrize(
    "asked",
    ["", "start", "status", "start his", "restart lis", "start lis lis", "status lis his",
     "start lis; id", "start $(id)", "status *", "start ../lis"],
)  # fmt: skip
def test_the_placing_command_refuses_what_it_is_not_for(placing: Path, asked: str) -> None:
    done = subprocess.run(
        ["sh", placing, asked], capture_output=True, text=True, check=False, timeout=5
    )
    assert done.returncode == 2
    assert done.stdout.startswith('{"error": "')


def placed(placing: Path, asked: str, codes: dict[str, int]) -> tuple[int, str, list[str]]:
    """Exit code and answer beside programs that end with ``codes``, and which of them ran."""
    calls = placing.parent / "calls"
    for name, code in codes.items():
        program = placing.parent / name
        program.write_text(f"#!/bin/sh\necho {name} >> {calls}\nexit {code}\n")
        program.chmod(0o755)
    done = subprocess.run(
        ["sh", placing, asked], capture_output=True, text=True, check=False, timeout=5,
        env={"PATH": f"{placing.parent}:/usr/bin:/bin"},
    )  # fmt: skip
    return done.returncode, done.stdout, calls.read_text().split()


def test_a_workload_is_not_started_where_the_firewall_takes_no_rules(placing: Path) -> None:
    code, said, ran = placed(placing, "start lis", {"nft": 1, "systemctl": 0, "curl": 0})
    assert code == 1
    assert "firewall" in said
    assert ran == ["nft"]


def test_a_workload_on_a_host_is_reached_from_the_edge_and_the_host_itself(render: Render) -> None:
    rules = render("application", "reach.nft.j2", host=APP, application_workloads=[LIS])
    assert (
        "tcp dport 30105 ip saddr != { 127.0.0.0/8, 10.1.0.31, 10.1.0.21 } reject with tcp reset"
        in rules
    )


def test_a_supervisor_that_says_nothing_is_trouble_and_not_a_workload_that_is_stopped(
    placing: Path,
) -> None:
    for asked in ("status lis", "start lis", "stop lis"):
        code, said, _ = placed(placing, asked, {"systemctl": 7, "curl": 7, "nft": 0})
        assert (code, said[:9]) == (1, '{"error":'), asked


@pytest.fixture
def reception(render: Render, tmp_path: Path) -> Path:
    script = tmp_path / "xinglin-reception"
    peers = ["10.1.0.11", "10.3.0.11"]
    text = render("reception", "xinglin-reception.sh.j2", host="cloud-db-1", reception_peers=peers)
    script.write_text(text, encoding="utf-8")
    return script


@pytest.mark.parametrize(
    "asked",
    [
        "withdraw 192.0.2.1",  # no member
        "withdraw 10.3.0.11",  # the host itself
        "explode 10.1.0.11",
        "withdraw",
        "",
        "withdraw 10.1.0.11 10.1.0.11",
        "withdraw 10.1.0.11; id",
        "withdraw $(id)",
        "withdraw *",
        "shutdown 10.1.0.11",
        "shutdown; id",
    ],
)
def test_the_withdrawal_command_refuses_what_it_is_not_for(reception: Path, asked: str) -> None:
    done = subprocess.run(
        ["sh", reception, asked], capture_output=True, text=True, check=False, timeout=5
    )
    assert done.returncode == 2
    assert done.stdout.startswith('{"error": "')


def test_haproxy_accepts_its_configuration(render: Render, tmp_path: Path) -> None:
    if not shutil.which("haproxy", path="/usr/sbin:/usr/bin"):
        pytest.skip("HAProxy is not installed here")
    certificate = tmp_path / "all.pem"
    openssl = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    subprocess.run(
        [*openssl, "-nodes", "-subj", "/CN=x", "-keyout", "key.pem", "-out", "ca.crt"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    certificate.write_bytes(
        (tmp_path / "ca.crt").read_bytes() + (tmp_path / "key.pem").read_bytes()
    )
    text = render(
        "haproxy",
        "haproxy.cfg.j2",
        host="cloud-edge-1",
        haproxy_certificate=str(certificate),
        host_tls=str(tmp_path),
    )
    configuration = tmp_path / "haproxy.cfg"
    configuration.write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["/usr/sbin/haproxy", "-c", "-f", configuration],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "ALERT" not in done.stderr
    assert "10.3.0.1:30101" in text, "routes lead to the site's own node"
    for name, port in (("hospital-db", 5432), ("hospital-db-arm", 5433)):
        assert f"listen {name}\n    mode tcp\n    bind 10.3.0.21:{port}\n" in text
