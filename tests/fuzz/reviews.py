"""``python -m tests.fuzz.reviews [-max_total_time=SECONDS]``: any bytes as an AdmissionReview."""

from __future__ import annotations

import json
import sys
from datetime import date

import atheris

from tests.fuzz.seeds import fuzz

with atheris.instrument_imports(include=["hospital", "policies"]):
    from policies.review import (
        API_VERSION,
        SIGNER,
        MalformedError,
        admission_rules,
        answer,
        findings,
        read,
    )

    RULES = admission_rules()

TODAY = date(2026, 11, 23)
HEAD = {"uid": "1", "kind": {"kind": "Pod"}, "operation": "CREATE"}


def once(content: bytes) -> None:
    """An answer or a MalformedError, of the bytes themselves and of them as an object."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return
    request = {**HEAD, "userInfo": {"username": SIGNER}, "object": value}
    asked = {"apiVersion": API_VERSION, "kind": "AdmissionReview", "request": request}
    for document in (value, asked):
        try:
            review = read(document)
            json.dumps(answer(review, findings(review, RULES, today=TODAY)))
        except MalformedError:
            continue


if __name__ == "__main__":
    fuzz(sys.argv, once)
