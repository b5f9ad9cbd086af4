"""The programs that the lab runs: found on PATH at a fitting version, or built once.

They are built from Go modules whose every dependency is pinned by checksum (``toolchain/``,
``service/``), into a cache outside the checkout. What is there under the same key (sources,
pins, flags, compiler, architecture) is not built again. Nothing is downloaded but modules.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hospital.errors import RefusedError, UnavailableError
from lab import arm64
from lab.images import Image, pack
from lab.pki import write_private
from lab.places import CHECKOUT, Places
from stacks.estate import read_estate

KUBERNETES = "v1.37.2"
KWOK = "v0.8.0"
PULUMI = "3.259.0"  # equals the Python SDK's version in pyproject.toml
_MINOR = re.escape(KUBERNETES.rsplit(".", 1)[0] + ".")  # flags differ between minor versions
MULTICALL = {
    "etcd": (("--version",), r"etcd Version: 3\.(6|7)\."),
    "kube-apiserver": (("--version",), _MINOR),
    "kube-controller-manager": (("--version",), _MINOR),
    "kube-scheduler": (("--version",), _MINOR),
    "kube-proxy": (("--version",), _MINOR),
    "kubelet": (("--version",), _MINOR),
    "kubectl": (("version", "--client"), _MINOR),
}

_KUBE_FLAGS = (
    f"-s -w -X k8s.io/component-base/version.gitVersion={KUBERNETES}"
    " -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37"
    f" -X k8s.io/client-go/pkg/version.gitVersion={KUBERNETES}"
)
_PULUMI_FLAGS = f"-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version={PULUMI}"
_RCLONE_FLAGS = "-s -w -X github.com/rclone/rclone/fs.Version=v1.76.0"  # else it says -DEV

TELL_EVERY = 15.0  # seconds

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Tool:
    """One program: how to recognise it on PATH, and how to build it."""

    name: str
    module: str  # directory below lab/
    package: str
    flags: str = "-s -w"
    architecture: str = "amd64"
    on_path: str = ""  # program to look for; empty: always built
    version: tuple[str, ...] = ()  # arguments that make it tell its version
    fitting: str = ""  # pattern in what it tells


TOOLS = (
    Tool("kube", "toolchain/kubernetes", "./cmd/kube", _KUBE_FLAGS),
    Tool("kwok", "toolchain/kubernetes", "sigs.k8s.io/kwok/cmd/kwok", on_path="kwok",
         version=("--version",), fitting=re.escape(KWOK)),
    Tool("kubelet-arm64", "toolchain/kubernetes", "k8s.io/kubernetes/cmd/kubelet", _KUBE_FLAGS,
         architecture="arm64"),
    Tool("pulumi", "toolchain/pulumi", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
         _PULUMI_FLAGS, on_path="pulumi", version=("version",), fitting=re.escape(PULUMI)),
    *(
        Tool(f"{name}-{architecture}", "service", package, architecture=architecture)
        for architecture in ("amd64", "arm64")
        for name, package in (("service", "."), ("pause", "./cmd/pause"))
    ),
)  # fmt: skip


TLCP = Tool("tlcp", "tlcp", ".")
"""A server of TLCP: tests talk to it, a lab does without."""

RCLONE = Tool("rclone", "toolchain/rclone", ".", _RCLONE_FLAGS,
              on_path="rclone", version=("version",), fitting=r"rclone v1\.7[6-9]\.")  # fmt: skip
"""Moves files (`providers/mover.py`): built when somebody first moves some, not with a lab."""

VERSITYGW = Tool("versitygw", "toolchain/versitygw", "github.com/versity/versitygw/cmd/versitygw")
"""A server of S3 over a directory: tests and a benchmark move files to it."""


def have(tool: Tool, places: Places, say: Say = print) -> Path:
    """One tool, built if it must be; UnavailableError says why it cannot be had."""
    places.tools.mkdir(parents=True, exist_ok=True)
    _ensure(tool, places, say)
    return places.tools / tool.name


def ensure(places: Places, say: Say = print, *, foreign: Iterable[str] = ()) -> None:
    """Have every tool and image in the cache; UnavailableError says what cannot be had.

    ``foreign`` are versions of PostgreSQL for arm64; a mirror that does not answer is only told.
    """
    places.tools.mkdir(parents=True, exist_ok=True)
    installed = _kubernetes_on_path(places)
    for tool in TOOLS:
        if not (installed and tool.name == "kube"):
            _ensure(tool, places, say)
    for name in MULTICALL:
        _link(places.tools / name, installed.get(name, "kube"))
    _language_host(places)
    _stages(places)
    for architecture in ("amd64", "arm64"):
        for name in ("service", "pause"):
            binary = places.tools / f"{name}-{architecture}"
            pack(Image(name, architecture, binary), places.images)
    for version in foreign:
        try:
            arm64.ensure(version, places, say)
        except UnavailableError as error:
            say(f"! no PostgreSQL {version} for arm64, its cluster cannot start: {error}")


def _ensure(tool: Tool, places: Places, say: Say) -> None:
    target = places.tools / tool.name
    found = _on_path(tool, places)
    if found:
        _link(target, str(found))
        return
    key = _key(tool)
    record = target.with_suffix(".key")
    if target.is_file() and record.is_file() and record.read_text() == key:
        return
    say(f"build {tool.name} ({tool.package}, {tool.architecture})")
    arguments = ("-trimpath", "-ldflags", tool.flags, "-o", f"{target}.new", tool.package)
    _build(tool, arguments, say)
    Path(f"{target}.new").replace(target)  # a running lab keeps the program it started
    record.write_text(key)


def _on_path(tool: Tool, places: Places) -> Path | None:
    program = shutil.which(tool.on_path) if tool.on_path else None
    if not program or Path(program).is_relative_to(places.tools):
        return None
    told = subprocess.run([program, *tool.version], capture_output=True, text=True, check=False)
    return Path(program) if re.search(tool.fitting, told.stdout + told.stderr) else None


def _kubernetes_on_path(places: Places) -> dict[str, str]:
    """All seven programs where they are installed at a fitting version, or nothing."""
    found = {}
    for name, (arguments, fitting) in MULTICALL.items():
        tool = Tool(name, "", "", on_path=name, version=arguments, fitting=fitting)
        program = _on_path(tool, places)
        if not program:
            return {}
        found[name] = str(program)
    return found


def _key(tool: Tool) -> str:
    """Whatever changes the program changes its key."""
    module = CHECKOUT / "lab" / tool.module
    digest = hashlib.sha256()
    sources = sorted(module.rglob("*.go")) if tool.package.startswith(".") else []
    for path in (module / "go.mod", module / "go.sum", *sources):
        digest.update(f"{path.relative_to(module)}\0".encode())
        digest.update(path.read_bytes())
    compiler = _go(("env", "GOVERSION"), module=tool.module).strip()
    digest.update(json.dumps([tool.package, tool.flags, tool.architecture, compiler]).encode())
    return digest.hexdigest()


def _build(tool: Tool, arguments: tuple[str, ...], say: Say) -> None:
    """Build, saying now and then how many packages are compiled: the largest takes minutes."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [_compiler(), "build", "-v", *arguments],
            cwd=CHECKOUT / "lab" / tool.module,
            env=_environment(tool.architecture),
            stdout=log,
            stderr=log,
        )
        while True:
            try:
                process.wait(timeout=TELL_EVERY)
                break
            except subprocess.TimeoutExpired:
                compiled = _text(log).count("\n")
                seconds = time.monotonic() - began
                say(f"  {tool.name}: {compiled} packages compiled in {seconds:.0f} s")
            except BaseException:
                process.terminate()
                process.wait()
                raise
        if process.returncode:
            raise RefusedError(f"go build {tool.package}", _text(log).strip()[-2000:])


def _text(log: IO[str]) -> str:
    log.seek(0)
    return log.read()


def _go(arguments: tuple[str, ...], *, module: str) -> str:
    done = subprocess.run(
        [_compiler(), *arguments],
        cwd=CHECKOUT / "lab" / module,
        env=_environment("amd64"),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RefusedError(f"go {' '.join(arguments)}", done.stderr.strip()[-2000:])
    return done.stdout


def _compiler() -> str:
    found = shutil.which("go", path=f"{os.environ.get('PATH', '')}:/usr/local/go/bin")
    if not found:
        remedy = "install Go 1.26 or newer, or put the programs on PATH at a fitting version"
        raise UnavailableError("go", f"the Go compiler is not installed: {remedy}")
    return found


def _environment(architecture: str) -> dict[str, str]:
    ours = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOOS": "linux", "GOARCH": architecture}
    return {**os.environ, **ours}


def _module(name: str, *, required_by: str) -> Path:
    """Where the sources of a pinned module are, downloaded if need be."""
    told = json.loads(_go(("mod", "download", "-json", name), module=required_by))
    return Path(told["Dir"])


def _language_host(places: Places) -> None:
    """What lets Pulumi run Python: the official host beside an official CLI, or ours.

    The script that runs the program itself comes with the SDK's sources.
    """
    host, runner = "pulumi-language-python", "pulumi-language-python-exec"
    official = (places.tools / "pulumi").resolve().with_name(host)
    for name in (host, runner):
        (places.tools / name).unlink(missing_ok=True)
    if official.exists() and official.parent != places.tools:
        for name in (host, runner):
            _link(places.tools / name, str(official.with_name(name)))
        return
    sources = _module("github.com/pulumi/pulumi/sdk/v3", required_by="toolchain/pulumi")
    script = (sources / "python" / "cmd" / runner).read_bytes()
    write_private(places.tools / runner, script, mode=0o755)
    ours = CHECKOUT / "lab" / "toolchain" / host
    line = f'#!/bin/sh\nexec {sys.executable} {ours} "$@"\n'
    write_private(places.tools / host, line.encode(), mode=0o755)


def _stages(places: Places) -> None:
    """How KWOK's nodes and pods live, as KWOK itself ships it, in one file."""
    sources = _module("sigs.k8s.io/kwok", required_by="toolchain/kubernetes")
    wanted = ("node/fast", "node/heartbeat-with-lease", "pod/fast")
    files = [
        file
        for part in wanted
        for file in sorted((sources / "kustomize" / "stage" / part).glob("*.yaml"))
        if file.name != "kustomization.yaml"
    ]
    text = "\n---\n".join(file.read_text(encoding="utf-8") for file in files)
    stages(places).write_text(text, encoding="utf-8")


def stages(places: Places) -> Path:
    """KWOK's configuration in the cache."""
    return places.tools / "kwok-stages.yaml"


def main() -> None:
    """``python -m lab.toolchain``: have everything, and say what took how long."""
    began = time.monotonic()
    estate = read_estate(CHECKOUT / "stacks" / "estates" / "lab.yaml")
    ensure(
        Places.from_environment(),
        lambda text: print(f"{time.monotonic() - began:6.1f} s  {text}"),
        foreign=arm64.versions(estate),
    )
    print(f"{time.monotonic() - began:6.1f} s  toolchain: all there")


def _link(link: Path, target: str) -> None:
    if link.is_symlink() and link.readlink() == Path(target):
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)


if __name__ == "__main__":
    main()
