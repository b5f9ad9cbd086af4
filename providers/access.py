"""The access directory: everything that proves who a component is, in one place.

One directory per identity (``docs/architecture.md``, "Credentials"), named by the
environment variable ``XINGLIN_ACCESS``. It never holds an endpoint, and nothing
read from it may enter a log, an event, Pulumi state or evidence.
"""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hospital.errors import DeclarationError, Problem

VARIABLE = "XINGLIN_ACCESS"


@dataclass(frozen=True, slots=True)
class Access:
    """The credentials of one identity; reading is lazy, so an identity needs only what it uses."""

    directory: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Access:
        """The directory that ``XINGLIN_ACCESS`` names; DeclarationError if unset or absent."""
        named = environment.get(VARIABLE, "")
        if not named:
            raise _missing(
                "environment",
                VARIABLE,
                "is not set",
                remedy="set it to an identity's access directory, such as "
                "<state>/lab/access/pulumi after `xinglin lab up`",
            )
        if not Path(named).is_dir():
            raise _missing(
                named,
                VARIABLE,
                "names no directory",
                remedy="start the lab with `xinglin lab up`, or correct the variable",
            )
        return cls(Path(named).resolve())

    def path(self, name: str) -> Path:
        """The file ``name`` of this identity; DeclarationError that names it if it is not there."""
        path = self.directory / name
        if not path.is_file():
            raise _missing(
                str(path),
                name,
                "this identity has no such credential",
                remedy=f"identity {self.directory.name!r} may not be entitled to it: use another "
                f"identity's directory in {VARIABLE}, or issue the file",
            )
        return path

    def holds(self, name: str) -> bool:
        """Whether this identity is entitled to ``name``."""
        return (self.directory / name).is_file()

    def document(self, name: str) -> dict[str, Any]:
        """A JSON credential such as ``tsig.json``; DeclarationError if absent or not an object."""
        path = self.path(name)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            # The error's text would quote the file, so only its place is told.
            place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "bytes"
            raise _missing(str(path), place, "is not JSON", remedy="issue it again") from None
        if not isinstance(content, dict):
            raise _missing(str(path), name, "is not a JSON object", remedy="issue it again")
        return content

    def tls(self) -> ssl.SSLContext:
        """Context of a client that trusts our CA only and shows this identity's certificate."""
        context = ssl.create_default_context(cafile=str(self.path("ca.crt")))
        context.load_cert_chain(self.path("tls.crt"), self.path("tls.key"))
        return context


def _missing(where: str, field: str, message: str, *, remedy: str) -> DeclarationError:
    return DeclarationError((Problem(where=where, field=field, message=message, remedy=remedy),))
