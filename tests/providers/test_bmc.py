"""Power over IPMI: what pyghmi can raise, and that a fence is never assumed."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyghmi import exceptions as sdk

from hospital.errors import DeclarationError, HospitalError, RefusedError, UnavailableError
from hospital.estate import Architecture, Bmc, Host, HostRole
from providers.access import Access
from providers.bmc import BmcHands, answers

CLASSES = sorted(
    (one for one in vars(sdk).values() if isinstance(one, type) and issubclass(one, Exception)),
    key=lambda one: one.__name__,
)


def made(kind: type[Exception]) -> Exception:
    error = kind.__new__(kind)
    Exception.__init__(error, "said")
    return error


@pytest.mark.parametrize("kind", CLASSES)
def test_every_exception_of_pyghmi_becomes_one_of_ours(kind: type[Exception]) -> None:
    with pytest.raises(HospitalError, match="BMC of db-1"), answers("BMC of db-1"):
        raise made(kind)


def test_a_wrong_password_is_a_refusal_and_silence_is_not() -> None:
    with pytest.raises(RefusedError), answers("bmc"):
        raise sdk.IpmiException("Incorrect password provided")
    with pytest.raises(UnavailableError), answers("bmc"):
        raise sdk.IpmiException("timeout")


def host(bmc: Bmc | None) -> Host:
    return Host("db-1", "campus-x86", "10.1.0.11", Architecture.AMD64, (HostRole.DATABASE,), bmc)


@pytest.fixture
def access(tmp_path: Path) -> Access:
    (tmp_path / "bmc.json").write_text('{"user": "u", "password": "p"}', encoding="utf-8")
    return Access(tmp_path)


def test_a_host_without_a_bmc_cannot_be_fenced(access: Access) -> None:
    with pytest.raises(DeclarationError, match="campus-x86-db-1: bmc: has no BMC"):
        BmcHands(access).power_off(host(None))


def test_a_bmc_that_is_silent_is_given_up_in_time_and_never_counts_as_off(
    access: Access, socket_enabled: Any
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        hands = BmcHands(access, timeout=timedelta(milliseconds=200))
        dead = host(Bmc("127.0.0.1", silent.getsockname()[1]))
        with pytest.raises(UnavailableError, match=r"BMC of campus-x86-db-1 at 127\.0\.0\.1"):
            hands.power_off(dead)
        hands.close()


@pytest.fixture
def simulator(tmp_path: Path, access: Access, socket_enabled: Any) -> Iterator[Host]:
    """A real IPMI simulator on the loopback interface, whose power is a file."""
    if not shutil.which("ipmi_sim"):
        pytest.skip("ipmi_sim (Debian's openipmi) is not installed")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    power = tmp_path / "power"
    power.write_text("1")
    button = tmp_path / "button"
    button.write_text(
        f'#!/bin/sh\nshift\ncase "$1 $2" in "get power") echo "power:$(cat {power})";;'
        f' "set power") printf %s "$3" >{power};; esac\n'
    )
    button.chmod(0o755)
    (tmp_path / "lan.conf").write_text(
        f'name "db-1"\nset_working_mc 0x20\n  startlan 1\n    addr 127.0.0.1 {port}\n'
        f"    priv_limit admin\n    allowed_auths_admin none md5\n    guid {'ab' * 16}\n"
        f'  endlan\n  chassis_control "{button} db-1"\n'
        '  user 1 false "" "" user 1 none md5\n  user 2 true "u" "p" admin 10 none md5\n'
    )
    (tmp_path / "commands").write_text(
        "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n"
    )
    process = subprocess.Popen(
        ["ipmi_sim", "-n", "-c", str(tmp_path / "lan.conf"), "-f", str(tmp_path / "commands"),
         "-s", str(tmp_path / "state")],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield host(Bmc("127.0.0.1", port))
    finally:
        process.kill()
        process.wait()


def test_power_is_set_and_read_back_as_often_as_asked(access: Access, simulator: Host) -> None:
    hands = BmcHands(access, timeout=timedelta(seconds=10))
    seen = []
    for act in (None, hands.power_off, hands.power_off, hands.power_on):
        if act:
            act(simulator)
        seen.append(hands.is_on(simulator))
    hands.close()
    assert seen == [True, False, False, True]
