"""The name of a workload, at every site's own DNS server.

That the name exists is shape; what it answers is place. Creation gives a first answer where
there is none and afterwards only operators change it.
"""

from __future__ import annotations

from hospital.errors import UnavailableError
from providers.dns import DnsNames
from providers.resources import Plain, ResourceKind


class DnsRecordKind(ResourceKind):
    """A name known to every listed server; ``address`` is its first answer."""

    token = "DnsRecord"
    required = (("zone", str), ("name", str), ("address", str), ("servers", list))
    identity = frozenset({"zone", "name"})

    def id(self, inputs: Plain) -> str:
        """``<zone>/<name>@<server>``."""
        return f"{inputs['zone']}/{inputs['name']}@{inputs['servers'][0]}"

    def create(self, inputs: Plain) -> None:
        """Give the name an answer at every server that has none; all must take it."""
        names, servers = self._names(inputs), inputs["servers"]
        known = {server: names.answer(inputs["name"], server=server) for server in servers}
        # Where the name is known already, that is where the workload is: it may have moved.
        present = next(filter(None, known.values()), inputs["address"])
        missing = [server for server in servers if not known[server]]
        if missing:
            took = names.point(inputs["name"], address=present, servers=missing)
            _all_must(missing, took, inputs["name"])

    def read(self, id: str, state: Plain) -> Plain | None:  # noqa: A002
        """Which servers know the name; None if none does."""
        zone, _, rest = id.partition("/")
        name, _, server = rest.partition("@")
        inputs = state or {"zone": zone, "name": name, "servers": [server], "address": ""}
        names = self._names(inputs)
        known = {one: names.answer(name, server=one) for one in inputs["servers"]}
        answers = [answer for answer in known.values() if answer]
        if not answers:
            return None
        servers = [one for one in inputs["servers"] if known[one]]
        return inputs | {"servers": servers, "address": inputs["address"] or answers[0]}

    def update(self, old: Plain, new: Plain) -> None:
        """New servers learn the present answer, servers that left forget the name."""
        self.create(new)
        left = [server for server in old["servers"] if server not in new["servers"]]
        if left:
            took = self._names(old).remove(old["name"], servers=left)
            _all_must(left, took, old["name"])

    def delete(self, state: Plain) -> None:
        """Every server forgets the name."""
        took = self._names(state).remove(state["name"], servers=state["servers"])
        _all_must(state["servers"], took, state["name"])

    def _names(self, inputs: Plain) -> DnsNames:
        return DnsNames(inputs["zone"], self.access, timeout=2.0)


def _all_must(wanted: list[str], took: tuple[str, ...], name: str) -> None:
    missing = [server for server in wanted if server not in took]
    if missing:
        raise UnavailableError(", ".join(missing), f"no answer while changing {name}")
