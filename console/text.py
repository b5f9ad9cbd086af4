"""Bytes of a stranger's file as text, piece by piece, and what may be said of it on a terminal.

A byte or a character that cannot be read exactly is refused with its line; nothing is replaced by
a question mark, for the object that is judged must be the one that will run.
"""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from hospital.errors import DeclarationError, Problem

CHUNK = 1 << 16  # bytes
LONGEST = 80  # characters of somebody else's text within a message

# YAML's own, but for U+FEFF: one parser skips a byte order mark within a file, the other takes it
# for the start of a key.
_ALLOWED = re.compile(
    "[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]*"
)


def refusal(
    where: str, message: str, *, field: str = "(file)", remedy: str = ""
) -> DeclarationError:
    """The error that says one problem."""
    return DeclarationError((Problem(where, field, message, remedy),))


def shown(text: str) -> str:
    """The beginning of ``text``, printable: how a message quotes what a stranger wrote."""
    return printable(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")


def printable(text: str) -> str:
    """``text``, escaped if any of it would act on a terminal instead of being read."""
    return text if text.isprintable() else repr(text)


class Text:
    """The text of a stream in UTF-8, or in UTF-16 with its mark, as the YAML parser reads it.

    Raises DeclarationError with ``name:line`` where it cannot be read.
    """

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._line = 1
        self._encoding = ""
        self._decoder: codecs.IncrementalDecoder | None = None

    def read(self, _: int = CHUNK) -> str:
        """The next piece, of any length; "" only at the end."""
        while chunk := self._stream.read(CHUNK):
            if text := self._checked(chunk):
                return text
        return self._checked(b"")

    def _checked(self, chunk: bytes) -> str:
        text = self._decoded(chunk)
        if not _ALLOWED.fullmatch(text):
            raise self._forbidden(text)
        self._line += text.count("\n")
        return text

    def _forbidden(self, text: str) -> DeclarationError:
        good = _ALLOWED.match(text)
        assert good is not None  # of any length
        end = good.end()
        message = f"holds U+{ord(text[end]):04X}, which YAML forbids there"
        return refusal(self._after(text[:end]), message)

    def _decoded(self, chunk: bytes) -> str:
        if self._decoder is None:
            # Windows PowerShell writes UTF-16 when it redirects.
            marked = chunk[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            self._encoding = "UTF-16" if marked else "UTF-8"
            self._decoder = codecs.getincrementaldecoder("utf-16" if marked else "utf-8-sig")()
        try:
            return self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(error.encoding, "ignore")
            message = f"is not {self._encoding}"
            raise refusal(self._after(before), message, remedy="save it as UTF-8") from error

    def _after(self, text: str) -> str:
        line = self._line + text.count("\n")
        return f"{self._name}:{line}"
