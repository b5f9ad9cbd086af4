"""PostgreSQL for arm64 hosts on an amd64 machine: Debian's own packages, beside the native ones.

A host of the lab is a native machine; only its PostgreSQL is of the architecture that the host
is declared with, run by the emulation that ``lab/emulation.py`` registers. Debian's paths of two
architectures do not collide, so what a host needs is bound into it and nothing is installed.

Packages come from the mirror that this machine's apt uses, their signatures checked by apt
against the keys that this machine trusts. Which versions were taken is written down beside them
and they are kept: a lab changes its PostgreSQL when its cache is removed, never by itself.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from hospital.errors import UnavailableError
from hospital.estate import Architecture, Estate, Host, HostRole
from lab.machine import Bind
from lab.places import Places

SUITE = "forky"  # the Debian release that has the newest PostgreSQL, for arm64 too
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LOADER = "ld-linux-aarch64.so.1"
LIBRARIES = "lib/aarch64-linux-gnu"
RECORD = "packages.json"
_NEEDED = re.compile(r"(lib(?!perl|systemd-shared).*|zlib1g|postgresql(-client)?-\d+)")

Say = Callable[[str], None]


def versions(estate: Estate) -> tuple[str, ...]:
    """Major versions of PostgreSQL that arm64 hosts of the estate run and this machine cannot."""
    if platform.machine() in ("aarch64", "arm64"):
        return ()
    found = {
        database.version
        for database in estate.databases
        for member in database.members
        if _is_foreign(estate.host(member))
    }
    return tuple(sorted(found))


def binds(host: Host, estate: Estate, places: Places) -> tuple[Bind, ...]:
    """What the host must see of the unpacked packages; nothing if they are not there."""
    version = next((one.version for one in estate.databases if host.id in one.members), "")
    root = _root(version, places)
    if version not in versions(estate) or not _is_foreign(host) or not (root / RECORD).exists():
        return ()
    usr = root / "usr"
    shown = (f"lib/postgresql/{version}", f"share/postgresql/{version}", LIBRARIES)
    return (
        *(Bind(str(usr / path), f"/usr/{path}", writable=False) for path in shown),
        Bind(str(usr / LIBRARIES / LOADER), f"/lib/{LOADER}", writable=False),
    )


def ensure(version: str, places: Places, say: Say = print) -> None:
    """Have PostgreSQL of a major version in the cache; UnavailableError says why not."""
    root = _root(version, places)
    if (root / RECORD).exists():
        return
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as scratch:
        apt = _Apt(Path(scratch), _mirror())
        say(f"PostgreSQL {version} for arm64: ask the mirror what it has")
        apt.update()
        packages = apt.needed(f"postgresql-{version}")
        told = f"{packages[f'postgresql-{version}']} of Debian {SUITE}, {len(packages)} packages"
        say(f"  {told}, {apt.size(packages) / 1e6:.0f} MB")
        unpacked = apt.unpacked(packages)
        (unpacked / RECORD).write_text(json.dumps(packages, indent=1), encoding="utf-8")
        shutil.rmtree(root, ignore_errors=True)
        unpacked.rename(root)


def _is_foreign(host: Host) -> bool:
    return HostRole.DATABASE in host.roles and host.architecture is Architecture.ARM64


def _root(version: str, places: Places) -> Path:
    return places.cache / "toolchain" / "arm64" / f"postgresql-{version}"


def _mirror() -> str:
    """The Debian mirror that this machine's apt was given."""
    form = "$(LABEL) $(REPO_URI)"
    lines = _run("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()
    found = [line.split()[1] for line in lines if line.startswith("Debian ")]
    if not found:
        raise UnavailableError("apt", "none of its sources is Debian, or apt-get update never ran")
    return found[0]


class _Apt:
    """An apt of its own: its lists, its architecture, nothing of this machine's packages."""

    def __init__(self, scratch: Path, mirror: str) -> None:
        self._scratch = scratch
        for directory in ("lists/partial", "cache/archives/partial", "packages", "root"):
            (scratch / directory).mkdir(parents=True)
        for file in ("status", "preferences"):
            (scratch / file).touch()
        signed = f" signed-by={KEYRING}" if KEYRING.exists() else ""
        source = f"deb [arch=arm64{signed}] {mirror} {SUITE} main\n"
        (scratch / "sources.list").write_text(source, encoding="utf-8")
        (scratch / "apt.conf").write_text(_CONFIGURATION.replace("@", str(scratch)), "utf-8")
        self._environment = {**os.environ, "APT_CONFIG": str(scratch / "apt.conf"), "LC_ALL": "C"}

    def update(self) -> None:
        """Read the mirror's index; apt refuses one that is not signed by whom it trusts."""
        self._ask("update", "-q")

    def needed(self, package: str) -> dict[str, str]:
        """Name → version of the package and the libraries below it; nobody installs anything."""
        told = self._ask("install", "--simulate", "--no-install-recommends", "-y", package)
        lines = re.findall(r"^Inst (\S+) \((\S+) .*\[arm64\]\)", told, re.MULTILINE)
        chosen = {name: version for name, version in lines if _NEEDED.fullmatch(name)}
        if package not in chosen:
            raise UnavailableError(package, f"Debian {SUITE} has none for arm64")
        return dict(sorted(chosen.items()))

    def size(self, packages: dict[str, str]) -> int:
        """How many bytes are to be downloaded."""
        told = self._ask("download", "--print-uris", *_exactly(packages))
        return sum(int(line.split()[2]) for line in told.splitlines() if line.startswith("'"))

    def unpacked(self, packages: dict[str, str]) -> Path:
        """The directory with the packages' files, downloaded and checked by apt."""
        self._ask("download", "-q", *_exactly(packages))
        for archive in sorted((self._scratch / "packages").glob("*.deb")):
            _run("dpkg-deb", "--extract", str(archive), str(self._scratch / "root"))
        return self._scratch / "root"

    def _ask(self, *arguments: str) -> str:
        inside = self._scratch / "packages"
        return _run("apt-get", *arguments, environment=self._environment, directory=inside)


def _exactly(packages: dict[str, str]) -> list[str]:
    return [f"{name}={version}" for name, version in packages.items()]


_CONFIGURATION = """
Dir::Etc::sourcelist "@/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "@/preferences";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "@";
Dir::State::lists "@/lists";
Dir::State::status "@/status";
Dir::Cache "@/cache";
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
"""


def _run(
    *command: str, environment: dict[str, str] | None = None, directory: Path | None = None
) -> str:
    try:
        done = subprocess.run(
            command, env=environment, cwd=directory, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise UnavailableError(command[0], "is not installed") from error
    if done.returncode:
        raise UnavailableError(" ".join(command[:2]), done.stderr.strip()[-1000:])
    return done.stdout
