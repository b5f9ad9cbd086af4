"""Recognises secrets that stand in clear text in configuration.

Passwords, tokens and keys by the name of the setting, credentials in URLs, and private keys. A
setting that only says where the secret is (a variable, a template, a path) is none. What must
never happen: a secret's value in what is yielded, for findings are printed and kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SECRET = re.compile(
    r"""(?:^|[-_.])(?:
        password | passwd | passphrase | pwd | credentials? | token
        | (?:client|app|jwt|api|auth|shared|session|cookie|signing|access|hmac)[-_.]?secret
        | (?:api|access|secret|private|auth|signing|encryption|master)[-_.]?key
    )$ | ^secret$""",
    re.IGNORECASE | re.VERBOSE,
)
_ELSEWHERE = re.compile(
    r"""\$\{.* | \$\(.* | \$[A-Z_][A-Z0-9_]* | \$\d  # variables of shells and frameworks
    | %\(.* | %s | %\w+% | <.*> | @[\w.-]+@ | [{\[].* | [\w.]+\(.*  # templates, ENC(…), calls
    | (?:/[\w.-]+){2,}/? | [\w./-]+\.(?:key|pem|crt|cer|p12|pfx|jks|txt)  # files
    | (?:vault|env|file|secretref|ref\+\w+):.* | !(?:vault|secret|env)\b.*
    | \*+ | x{3,} | [|>][+-]? | (?i:true|false|yes|no|on|off|none|null) | ~""",
    re.DOTALL | re.VERBOSE,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # dbPassword is db_Password
_SETTING = re.compile(r"([\w.-]+)[\"']?[ \t]*[:=][ \t]*(?=[\"']?([^\s\"',;&]+))")
_COMMENT = re.compile(r"^[ \t]*(?:#|;|//).*$", re.MULTILINE)
_URL = re.compile(r"\b([a-z][a-z0-9+.-]*://[^\s/:@\"']*):([^\s/@\"']+)@", re.IGNORECASE)
_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY")
_PROGRAM = re.compile(r"\.(?:sh|bash|py|js|ts|lua|pl|rb|go|sql|tpl|tmpl|md|html?)$")


def plain_secrets(name: str, value: str) -> Iterator[str]:
    """What is secret in a setting or a file of that name, each told once and without its value.

    ``DB_PASSWORD``, ``app.yaml: password``, ``app.yaml: postgresql://his``, ``k: PRIVATE KEY``.
    """
    if len(value.splitlines()) == 1 and _is_secret(name, value.strip()):
        yield name
    else:
        yield from (f"{name}: {found}" for found in dict.fromkeys(_inside(name, value)))


def _inside(name: str, value: str) -> Iterator[str]:
    if _PRIVATE_KEY.search(value):
        yield "PRIVATE KEY"
    for address, password in _URL.findall(value):
        if not _ELSEWHERE.fullmatch(password):
            yield address
    if _PROGRAM.search(name):
        return  # a program's assignments are computed: nothing to see in `token = ask()`
    for setting, held in _SETTING.findall(_COMMENT.sub("", value)):
        if _is_secret(setting, held.rstrip("}])")):
            yield setting


def _is_secret(name: str, value: str) -> bool:
    named = _SECRET.search(_HUMP.sub("_", name)) is not None
    return named and bool(value) and _ELSEWHERE.fullmatch(value) is None
