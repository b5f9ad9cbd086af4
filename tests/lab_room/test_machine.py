"""What is written for a machine is what it is started from; its supervisord reads what we write."""

from __future__ import annotations

from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from lab.machine import Bind, Machine, Plug, start_command
from lab.supervision import Program, configuration


def test_a_machines_description_survives_the_disk(tmp_path: Path) -> None:
    machine = Machine(
        name="db-1",
        init=("/bin/init", "--now"),
        disk="/disks/db-1",
        binds=(Bind("/a"), Bind("/b", "/c", writable=False)),
        plug=Plug(bridge="lan", peer="v-db-1", address="10.1.0.11/24"),
        setup=(("ip", "route"),),
        environment={"XINGLIN_MACHINE": "db-1"},
    )
    machine.write(tmp_path / "machines" / "db-1.json")

    assert Machine.read(tmp_path / "machines" / "db-1.json") == machine


def test_a_machine_without_a_plug_is_read_back_too(tmp_path: Path) -> None:
    machine = Machine(name="lab", init=("/bin/init",))
    machine.write(tmp_path / "lab.json")

    assert Machine.read(tmp_path / "lab.json") == machine


def test_a_machine_is_started_from_its_description() -> None:
    assert start_command(Path("/x/db-1.json"))[-3:] == ("-m", "lab.machine", "/x/db-1.json")


def read(text: str, tmp_path: Path) -> ServerOptions:
    file = tmp_path / "supervisord.conf"
    file.write_text(text)
    options = ServerOptions()
    options.realize(args=["-c", str(file)], doc="")
    return options


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_supervisord_understands_every_program(tmp_path: Path) -> None:
    program = Program(
        "strange",
        ("/bin/echo", "100% of it", 'a "quoted" word'),
        environment={"XINGLIN_SITE": "cloud"},
        stop_signal="KILL",
        priority=7,
    )
    options = read(configuration((program,), logs=str(tmp_path)), tmp_path)

    (group,) = options.process_group_configs
    (found,) = group.process_configs
    assert found.name == "strange"
    assert found.command == "/bin/echo '100% of it' 'a \"quoted\" word'"
    assert found.environment["XINGLIN_SITE"] == "cloud"
    assert found.priority == 7


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_playbooks_may_add_programs_to_a_host(tmp_path: Path) -> None:
    more = tmp_path / "conf.d"
    more.mkdir()
    (more / "patroni.conf").write_text("[program:patroni]\ncommand=/bin/true\n")
    text = configuration((), logs=str(tmp_path), includes=f"{more}/*.conf")

    assert [one.name for one in read(text, tmp_path).process_group_configs] == ["patroni"]


@pytest.mark.parametrize("after", ["", "127.0.0.1:6443"])
def test_a_program_may_wait_for_what_it_needs(after: str) -> None:
    section = Program("kubelet", ("/bin/kubelet", "--a b"), after=after).section()
    command = next(line for line in section.splitlines() if line.startswith("command="))

    assert ("until" in command) is bool(after)
    assert ("/dev/tcp/127.0.0.1/6443" in command) is bool(after)
    assert "/bin/kubelet" in command
