"""Hosts as a playbook leaves them.

The inputs hold a digest of all playbooks, so that a changed playbook shows in a preview, and
nothing secret: playbooks read the access directory themselves. ``refresh`` is the check mode
of the playbook, which is slow; a plain preview never contacts a host. Deleting the resource
leaves the host as it is: machines are not ours to wipe.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from providers.ansible import PLAYBOOKS, AnsibleHands
from providers.resources import Plain, ResourceKind

STATE = "XINGLIN_STATE"  # docs/architecture.md


class HostsKind(ResourceKind):
    """A playbook and the hosts it was run on."""

    token = "Hosts"
    required = (("playbook", str), ("hosts", list), ("inventory", dict))
    identity = frozenset({"playbook"})

    def check(self, inputs: Plain) -> Plain:
        """Adds the digest."""
        checked = super().check(inputs)
        return {"variables": {}} | checked | {"digest": digest(PLAYBOOKS)}

    def id(self, inputs: Plain) -> str:
        """The playbook's name; a host that comes or goes is an update."""
        return str(inputs["playbook"])

    def create(self, inputs: Plain) -> None:
        """Run the playbook."""
        self._run(inputs, check=False)

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002
        """Check mode: what would change makes the digest differ, so that the next up runs it."""
        if not state:
            return None
        pending = self._run(state, check=True)
        return state if pending == 0 else state | {"digest": f"{pending} tasks would change"}

    def delete(self, state: Plain) -> None:
        """Forget it."""

    def _run(self, inputs: Plain, *, check: bool) -> int:
        evidence = Path(os.environ.get(STATE) or "/var/lib/xinglin") / "evidence" / "playbooks"
        evidence.mkdir(parents=True, exist_ok=True)
        run = AnsibleHands(self.access, evidence=evidence).run(
            inputs["playbook"],
            inventory=inputs["inventory"],
            variables=inputs.get("variables"),
            limit=tuple(inputs["hosts"]),
            check=check,
        )
        return run.total_changed


def digest(directory: Path) -> str:
    """SHA-256 over names and contents of all playbooks and roles."""
    total = hashlib.sha256()
    for path in sorted(item for item in directory.rglob("*") if item.is_file()):
        if path.suffix == ".md":
            continue
        total.update(f"{path.relative_to(directory)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
