"""Makes ``third_gate`` importable in this room, and starts what it describes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from third_gate import OPEN, PROTECTED, Api, Program, eventually  # noqa: E402

from policies.webhook import WORKLOAD_LABEL, configuration  # noqa: E402


def _adapters() -> ModuleType:
    path = HERE.parent / "providers" / "conftest.py"
    spec = importlib.util.spec_from_file_location("policies_api_server", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ADAPTERS = _adapters()


@pytest.fixture(scope="session")
def adapters() -> ModuleType:
    """What starts real API servers."""
    return ADAPTERS


@pytest.fixture
def authority(tmp_path: Path) -> Any:
    """A throw-away CA."""
    return ADAPTERS.Authority(tmp_path / "pki")


@pytest.fixture
def program(authority: Any, tmp_path: Path) -> Iterator[Program]:
    """The gate by itself, not started yet."""
    made = Program(authority.issue("admission"), ADAPTERS.free_port(), tmp_path / "log")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A real API server with a workload's namespace and another one."""
    for server in ADAPTERS.running_server(tmp_path_factory.mktemp("apiserver")):
        tls = server.admin.tls()
        with httpx.Client(base_url=server.endpoint, verify=tls, trust_env=False) as client:
            made = Api(server, client)
            for name, labels in ((PROTECTED, {WORKLOAD_LABEL: "his"}), (OPEN, {})):
                metadata = {"name": name, "labels": labels}
                made.make({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
            yield made


@pytest.fixture(scope="session")
def gate_port() -> int:
    return int(ADAPTERS.free_port())


@pytest.fixture
def gate(api: Api, gate_port: int, tmp_path: Path) -> Iterator[Program]:
    """The gate, which the API server asks from the first line of the test on."""
    made = Program(api.server.authority.issue("admission"), gate_port, tmp_path / "log")
    with ExitStack() as ending:  # whatever fails, the program ends
        ending.callback(made.stop)
        made.start()
        authority = (made.access / "ca.crt").read_text(encoding="utf-8")
        asks = api.make(configuration(made.url, authority))
        ending.callback(eventually, lambda: not api.refusal(PROTECTED))
        ending.callback(api.delete, asks)
        for namespace in (PROTECTED, OPEN):
            eventually(lambda where=namespace: "no_privileged_container" in api.refusal(where))
        yield made
