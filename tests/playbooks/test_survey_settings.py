"""The script that reads a host: what it makes of the answers of programs and files of many systems.

Its functions are run as they are, with programs replaced by what they print elsewhere.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from hospital.codec import camel, decode
from hospital.surveyed.host import HostFacts

SCRIPT = Path(__file__).parents[2] / "playbooks" / "roles" / "survey" / "files" / "settings.sh"
TEXT = SCRIPT.read_text(encoding="utf-8")
FUNCTIONS = TEXT.partition("\nfact kernel")[0]


def shell(text: str, **given: str) -> str:
    """What ``text`` prints after the script's functions; each of ``given`` prints its text."""
    fakes = "".join(f"{name}() {{ printf '%s' \"${name}_says\"; }}\n" for name in given)
    done = subprocess.run(
        ["sh", "-s"],
        input=f"{FUNCTIONS}\n{fakes}{text}\n",
        env={f"{name}_says": said for name, said in given.items()},
        capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


def value(text: str, **given: str) -> Any:
    return json.loads(shell(text, **given))


def test_what_it_prints_here_is_a_survey_with_every_field_that_is_known() -> None:
    done = subprocess.run(["sh", SCRIPT], capture_output=True, text=True, check=True, timeout=60)
    said = json.loads(done.stdout)
    decode(HostFacts, said)
    assert set(said) == {camel(name) for name in HostFacts.__dataclass_fields__}
    assert said["homes"]
    assert said["processes"]


def test_no_hash_and_no_key_is_printed() -> None:
    shadow = "li:$6$salt$secrethash:20000:0:90:7:::\nopen::20000:::::\nshut:!$y$j9T$x:1::::::\n"
    passwd = "li:x:1000:1000::/home/li:/bin/bash\nopen:x:1001:1::/:/bin/sh\nshut:x:5:5::/:/bin/sh\n"
    read = FUNCTIONS.partition("\naccounts() {")[2].partition("\n}")[0]
    assert "/etc/shadow /etc/passwd" in read
    with TemporaryDirectory() as place:
        for name, text in (("shadow", shadow), ("passwd", passwd)):
            Path(place, name).write_text(text, encoding="utf-8")
        said = shell(read.replace("/etc/", f"{place}/"))
    assert "secret" not in said
    found = {each["name"]: each for each in json.loads(said)}
    assert {name: each["password"] for name, each in found.items()} == {
        "li": "set",
        "open": "none",
        "shut": "locked",
    }
    assert (found["li"]["hash"], found["li"]["maxDays"]) == ("6", 90)
    assert found["open"]["maxDays"] == 99999


def test_hostile_text_stays_text() -> None:
    hostile = 'a"b\\c\td\x01é\n'
    assert value("name | listed", name=hostile) == ['a"b\\c d???']


def test_a_key_given_twice_keeps_both_values_or_only_the_last() -> None:
    lines = "hostkey /a\nhostkey /b\nport 22\nflag\n"
    assert value("said | table", said=lines) == {"hostkey": "/a /b", "port": "22", "flag": ""}
    assert value("said | table last", said=lines)["hostkey"] == "/b"
    assert value("said | table", said="") is None


def test_settings_are_read_without_comments_and_spaces() -> None:
    lines = "# minlen = 6\nminlen = 8\nminlen=12 # longer\nenforce_for_root\n"
    assert value("settings x", cat=lines) == {"minlen": "12", "enforce_for_root": ""}


@pytest.mark.parametrize(
    ("rules", "policy"),
    [
        ("", "accept"),
        (
            "table inet f {\n chain input {\n  type filter hook input priority 0; policy drop;\n",
            "drop",
        ),
        (
            "chain input {\n type filter hook input priority 0; policy accept;\n"
            " tcp dport 22 accept\n reject with icmpx admin-prohibited\n }\n",
            "drop",
        ),
        (
            "chain input {\n type filter hook input priority 0; policy accept;\n"
            " ip saddr 10.1.0.11 tcp dport 5432 drop\n }\n",
            "accept",
        ),
        (
            "chain forward {\n type filter hook forward priority 0; policy drop;\n }\n"
            "chain input {\n type filter hook input priority 0; policy accept;\n }\n",
            "accept",
        ),
        ("chain output {\n drop\n }\n", "accept"),
    ],
)
def test_a_firewall_drops_by_default_only_if_its_input_does(rules: str, policy: str) -> None:
    given = {"nft": rules, "iptables": "-P INPUT ACCEPT\n"}
    assert shell("have() { [ $1 != firewall-cmd ]; }\ninput_policy", **given).strip() == policy


def test_a_firewall_of_iptables_is_read_too() -> None:
    chosen = "have() { [ $1 = iptables ]; }\ninput_policy"
    assert shell(chosen, iptables="-P INPUT DROP\n").strip() == "drop"
    refused = "-P INPUT ACCEPT\n-A INPUT -p tcp -j ACCEPT\n-A INPUT -j REJECT --reject-with x\n"
    assert shell(chosen, iptables=refused).strip() == "drop"


def test_logs_are_kept_for_rotations_times_the_period() -> None:
    rotation = (
        "weekly\nrotate 4\n"
        "/var/log/messages\n/var/log/secure {\n  rotate 26\n  missingok\n}\n"
        "/var/log/cron {\n  daily\n  rotate 400\n  maxage 30\n}\n"
        "/var/log/nginx/*.log {\n  daily\n}\n"
        "/var/log/syslog {\n  missingok\n}\n"
    )
    said = shell("log_days | sort -u", cat=rotation).split("\n")
    assert [line for line in said if line] == [
        "/var/log/cron 30",
        "/var/log/messages 182",
        "/var/log/secure 182",
        "/var/log/syslog 28",
    ]


def test_sockets_are_told_with_address_port_and_program() -> None:
    lines = (
        'tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=7,fd=3))\n'
        "tcp LISTEN 0 128 [::]:22 [::]:*\n"
        'udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:* users:(("resolved",pid=9,fd=1))\n'
    )
    assert value("listening", ss=lines) == [
        {"protocol": "tcp", "address": "0.0.0.0", "port": 22, "program": "sshd"},
        {"protocol": "tcp", "address": "::", "port": 22, "program": ""},
        {"protocol": "udp", "address": "127.0.0.53", "port": 53, "program": "resolved"},
    ]
    assert value("listening", ss="") == []


def test_only_who_ever_logged_in_has_a_day() -> None:
    lines = (
        "Username         Port     From             Latest\n"
        "root             pts/0    10.9.0.5         Tue Nov  3 10:00:00 +0800 2026\n"
        "daemon                                     **Never logged in**\n"
    )
    assert shell("lines | last_logins", lines=lines) == "root 2026-11-03\n"


def test_rules_of_sudo_are_joined_and_freed_of_comments() -> None:
    lines = "# NOPASSWD: ALL\n\nli  ALL=(ALL) \\\n  NOPASSWD: ALL\n@includedir /etc/sudoers.d\n"
    said = set(shell("sudo_rules", cat=lines).splitlines())
    assert said == {"li ALL=(ALL) NOPASSWD: ALL", "@includedir /etc/sudoers.d"}


@pytest.mark.parametrize(
    ("command", "text", "said"),
    [
        ("getenforce", "Enforcing", "selinux enforcing"),
        ("getenforce", "Permissive", "selinux permissive"),
        ("getstatus", "KySec status: Normal\nexec control: on\n", "kysec status: normal"),
        ("true", "", "none"),
    ],
)
def test_mandatory_access_control_is_told_of_every_kind(command: str, text: str, said: str) -> None:
    only = f"have() {{ [ $1 = {command} ]; }}\nmandatory_access"
    assert shell(only, **{command: text}).strip() == said


@pytest.mark.parametrize(
    ("leap", "answer"),
    [("Leap status     : Normal", True), ("Leap status : Not synchronised", False)],
)
def test_a_clock_is_in_step_if_chrony_says_so(leap: str, answer: bool) -> None:
    text = "running=chronyd\nhave() { true; }\nclock"
    assert value(text, chronyc=f"Stratum : 3\n{leap}\n", timedatectl="yes\n") is answer


@pytest.mark.parametrize(("said", "answer"), [("yes\n", True), ("no\n", False), ("", None)])
def test_without_chrony_the_kernel_says_whether_a_clock_is_in_step(
    said: str, answer: bool | None
) -> None:
    assert value("running=ntpd\nclock", timedatectl=said) is answer


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ("enabled 2\nfailure 1\npid 412\n", "2"),
        ("enabled 1\nfailure 1\npid 0\n", "0"),
        ("enabled 0\nfailure 1\npid 412\n", "0"),
        ("", "null"),
    ],
)
def test_an_audit_that_nobody_writes_down_is_off(lines: str, state: str) -> None:
    assert shell("lines | audit_state | number", lines=lines).strip() == state
