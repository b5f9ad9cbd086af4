"""The endpoints of the running lab, probed again, are those that the rules were tried on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.endpoints import endpoints, look
from hospital.codec import encode
from hospital.estate import Estate
from hospital.inventory import inventory
from lab.health import Desk
from lab.places import Places
from providers.access import Access
from providers.ansible import AnsibleHands

pytestmark = [pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(600)]

KEPT = Path(__file__).parents[1] / "policies" / "surveys" / "endpoints.json"
DEPLOY = ("haproxy_deploy.yml", "postgresql_deploy.yml")
DAYS = {"notBefore", "notAfter"}  # each lab issues its own certificates


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key not in DAYS}
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sorted(value)  # which suite is preferred hangs on the processor
    return [timeless(item) for item in value] if isinstance(value, list) else value


def test_the_lab_answers_as_it_did_when_it_was_surveyed(
    lab: Places, desk: Desk, estate: Estate, tmp_path: Path
) -> None:
    hands = AnsibleHands(Access(lab.access("pulumi")), evidence=tmp_path)
    for playbook in DEPLOY:
        desk.ask(
            lambda _, name=playbook: hands.run(name, inventory=inventory(estate), variables={})
        )
    seen, unseen = desk.ask(lambda _: look(estate))
    assert unseen == ()
    kept = json.loads(KEPT.read_text(encoding="utf-8"))["endpoints"]
    assert timeless(encode(seen)) == timeless(kept)
    wanted = [each.name for each in endpoints(estate) if each.required]
    assert [each.name for each in seen] == wanted
