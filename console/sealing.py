"""Seals what ``xinglin audit`` wrote, and verifies such seals (``xinglin evidence verify PATH``).

The identity that audits signs: that of ``XINGLIN_ACCESS``, or of the lab's auditor for what is
live, or that of ``--sign-with``. Without one the record is written and says that nobody signed it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typer

from hospital.errors import DeclarationError, Problem
from hospital.sealing import Digest, sealing
from lab.places import CHECKOUT, Places
from providers import seal
from providers.access import VARIABLE, Access

NAME = "xinglin"


def digests(paths: Iterable[Path | None]) -> list[Digest]:
    """Of every file that is read: a directory's each, an absent or standard input's none."""
    return [each for path in paths if path for each in _input(path)]


def sealed(
    directory: Path,
    report: Mapping[str, Any],
    *,
    inputs: Sequence[Digest],
    sign_with: Path | None = None,
) -> None:
    """Seal the reports in ``directory``; DeclarationError if ``sign_with`` holds no keys."""
    access = _signer(sign_with, live=report["source"]["kind"].startswith("live"))
    sealer = None if access is None else seal.Sealer(access)
    record = sealing(
        tool=_tool(),
        audit={key: report[key] for key in ("date", "source", "verdict")},
        inputs=list(inputs),
        files=list(seal.files(directory, pattern="*").values()),
        signer="" if sealer is None else sealer.name,
    )
    written = seal.seal(directory, record, sealer=sealer)
    typer.echo(f"写入 / wrote {directory / seal.RECORD}: {written}", err=True)
    if sealer is None:
        typer.echo("无签名密钥，证据未签名 / no key to sign with: evidence is not signed", err=True)


def verified(place: Path, *, keys: Path | None, head: str) -> tuple[int, tuple[str, ...]]:
    """How many audits are at ``place``, and all that is wrong with them.

    DeclarationError if there is none, or nobody said whose signatures count.
    """
    trusted = keys or _trusted()
    count, problems = seal.problems(place, keys=trusted, head=head)
    if not count and not problems:
        remedy = "write it with `xinglin audit --output DIR`"
        problem = Problem(str(place), "(directory)", "holds no evidence of an audit", remedy)
        raise DeclarationError((problem,))
    return count, problems


def _signer(given: Path | None, *, live: bool) -> Access | None:
    if given is not None:
        return Access(given)
    if os.environ.get(VARIABLE):
        found = Access.from_environment()
    elif live:
        found = Access(Places.from_environment().access("auditor"))
    else:
        return None
    return found if found.holds("evidence.key") and found.holds(seal.SM2_KEY) else None


def _trusted() -> Path:
    if os.environ.get(VARIABLE):
        found = Access.from_environment().directory / seal.AUDIT_KEYS
    else:
        found = Places.from_environment().access("auditor") / seal.AUDIT_KEYS
    if not found.is_dir():
        problem = Problem(str(found), "--keys", "is no directory of public keys", "give --keys DIR")
        raise DeclarationError((problem,))
    return found


def _input(path: Path) -> list[Digest]:
    """A file by its name, a directory by every file in it; standard input is read only once."""
    if path.is_dir():
        return [seal.digest(path / name, f"{path.name}/{name}") for name in seal.files(path)]
    return [seal.digest(path, path.name)] if path.is_file() else []


def _tool() -> dict[str, str]:
    """Which program judged; the commit only where it runs from a checkout."""
    tool = {"name": NAME, "version": version(NAME)}
    if (CHECKOUT / ".git").exists():
        words = ("describe", "--always", "--abbrev=40", "--dirty", "--exclude=*")
        done = subprocess.run(
            ["git", "-C", str(CHECKOUT), *words], capture_output=True, text=True, check=False
        )
        tool |= {"commit": done.stdout.strip()} if done.returncode == 0 else {}
    return tool
