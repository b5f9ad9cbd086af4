"""SM2 signatures over SM3 (GB/T 32918.2, default identity of GM/T 0009) by OpenSSL's program.

The library ``cryptography`` hashes SM3 but knows no SM2, and the pure Python packages for it work
with a private key in variable time. OpenSSL 3 does neither, and is what an auditor has at hand to
check us with. A signature holds a random number: the same bytes are never signed alike.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from hospital.errors import DeclarationError, Problem, RefusedError

OPENSSL = "openssl"
IDENTITY = "1234567812345678"  # GM/T 0009-2012: what is signed with if nothing was agreed
_SCHEME = ("-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{IDENTITY}")


def generate() -> bytes:
    """A new private key, PKCS#8 in PEM form."""
    return _run("genpkey", "-algorithm", "SM2")


def public(private: bytes) -> bytes:
    """The public half, PEM; RefusedError if ``private`` is no key."""
    return _run("pkey", "-pubout", said=private)


def sign(key: Path, body: bytes) -> bytes:
    """The signature of ``body``, DER; RefusedError if ``key`` is no SM2 key in PEM form."""
    with TemporaryDirectory() as directory:
        message = Path(directory) / "message"
        message.write_bytes(body)
        return _run("pkeyutl", "-sign", "-inkey", str(key), "-in", str(message), *_SCHEME)


def verifies(key: bytes, body: bytes, signature: bytes) -> bool:
    """Whether the owner of the public ``key`` (PEM) signed ``body``."""
    with TemporaryDirectory() as directory:
        paths = [Path(directory) / name for name in ("key", "message", "signature")]
        for path, content in zip(paths, (key, body, signature), strict=True):
            path.write_bytes(content)
        pem, message, signed = map(str, paths)
        words = ("-verify", "-pubin", "-inkey", pem, "-in", message, "-sigfile", signed)
        return _ended("pkeyutl", *words, *_SCHEME).returncode == 0


def _run(*words: str, said: bytes = b"") -> bytes:
    done = _ended(*words, said=said)
    if done.returncode:
        raise RefusedError(OPENSSL, f"{words[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _ended(*words: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run([OPENSSL, *words], input=said, capture_output=True, check=False)
    except FileNotFoundError as error:
        problem = Problem("PATH", OPENSSL, "is not there", "install OpenSSL 3 or newer")
        raise DeclarationError((problem,)) from error
