"""The native Pulumi provider ``hospital``: the engine's calls, on plain values.

Resources are in ``providers/resources``. Errors of ours reach the user as they are, naming the
endpoint; a world that does not answer fails what must change it, but not a preview: what cannot
be seen is compared with the last known state, and the preview says so.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import grpc
import pulumi.provider.experimental.provider as engine
from pulumi.provider.experimental.property_value import Computed, PropertyValue
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN  # as the server hands it on, and takes it back

from hospital.errors import (
    DeclarationError,
    HospitalError,
    RefusedError,
    UnavailableError,
    UnsafeError,
)
from providers.access import Access
from providers.changes import ChangeKind, Difference
from providers.resources import Plain, ResourceKind, kinds

VERSION = "0.1.0"
MESSAGE_LIMIT = 400 * 1024 * 1024  # bytes; the engine's own

_KINDS = {
    ChangeKind.ADD: engine.PropertyDiffKind.ADD,
    ChangeKind.DELETE: engine.PropertyDiffKind.DELETE,
    ChangeKind.UPDATE: engine.PropertyDiffKind.UPDATE,
}
_REPLACING = {
    ChangeKind.ADD: engine.PropertyDiffKind.ADD_REPLACE,
    ChangeKind.DELETE: engine.PropertyDiffKind.DELETE_REPLACE,
    ChangeKind.UPDATE: engine.PropertyDiffKind.UPDATE_REPLACE,
}
# Not UNAVAILABLE: the engine would take that for a provider that has gone.
_CODES: dict[type[HospitalError], grpc.StatusCode] = {
    DeclarationError: grpc.StatusCode.INVALID_ARGUMENT,
    UnavailableError: grpc.StatusCode.ABORTED,
    RefusedError: grpc.StatusCode.FAILED_PRECONDITION,
    UnsafeError: grpc.StatusCode.FAILED_PRECONDITION,
}

Tell = Callable[[str, str], None]  # (urn, message) → a warning in the engine's display


class HospitalProvider(engine.Provider):
    """Check, diff, create, read, update, delete and import of all resource kinds."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._types = kinds()
        self._access: Access | None = None

    async def check(self, request: engine.CheckRequest) -> engine.CheckResponse:
        """Complete the inputs, or say everything that is wrong with them."""
        if any(map(_known_later, request.new_inputs.values())):
            return engine.CheckResponse(inputs=request.new_inputs)  # asked again when it is known
        inputs = plain_map(request.new_inputs)
        try:
            checked = await asyncio.to_thread(self._kind(request.urn).check, inputs)
        except DeclarationError as error:
            failures = [engine.CheckFailure(one.field, str(one)) for one in error.problems]
            return engine.CheckResponse(inputs=request.new_inputs, failures=failures)
        return engine.CheckResponse(inputs=property_map(checked))

    async def diff(self, request: engine.DiffRequest) -> engine.DiffResponse:
        """Declared differences, and where the world has drifted from what was declared."""
        kind = self._kind(request.urn)
        later = sorted(key for key, one in request.new_inputs.items() if _known_later(one))
        if later:  # only a preview asks so: a change that is not known, and may turn out to be none
            return engine.DiffResponse(changes=True, diffs=later)
        old, new = plain_map(request.old_state), plain_map(request.new_inputs)
        found = await asyncio.to_thread(self._differences, kind, old, new, request.urn)
        ignored = set(request.ignore_changes)
        found = [one for one in found if one[1][0] not in ignored]
        replaces = sorted({one[1][0] for one in found if _is_identity(kind, one)})
        return engine.DiffResponse(
            changes=bool(found),
            replaces=replaces,
            diffs=sorted({one[1][0] for one in found}),
            detailed_diff={property_path(one[1]): _detail(kind, one) for one in found},
            delete_before_replace=True,
        )

    async def create(self, request: engine.CreateRequest) -> engine.CreateResponse:
        """Make it; in a preview, only say what it would be."""
        kind = self._kind(request.urn)
        if request.preview and any(map(_known_later, request.properties.values())):
            return engine.CreateResponse("", request.properties)
        inputs = plain_map(request.properties)
        if not request.preview:
            await asyncio.to_thread(kind.create, inputs)
        return engine.CreateResponse(kind.id(inputs), property_map(inputs))

    async def read(self, request: engine.ReadRequest) -> engine.ReadResponse:
        """Refresh, or import when there is no state yet."""
        kind, state = self._kind(request.urn), plain_map(request.properties)
        seen = await asyncio.to_thread(kind.read, request.resource_id, state)
        if seen is None:
            return engine.ReadResponse(resource_id="")
        inputs = request.inputs or property_map(seen)
        return engine.ReadResponse(request.resource_id, property_map(seen), inputs)

    async def update(self, request: engine.UpdateRequest) -> engine.UpdateResponse:
        """Lead from one declaration to another."""
        kind = self._kind(request.urn)
        if request.preview and any(map(_known_later, request.news.values())):
            return engine.UpdateResponse(request.news)
        new = plain_map(request.news)
        if not request.preview:
            await asyncio.to_thread(kind.update, plain_map(request.olds), new)
        return engine.UpdateResponse(property_map(new))

    async def delete(self, request: engine.DeleteRequest) -> None:
        """Remove it."""
        kind, state = self._kind(request.urn), plain_map(request.properties)
        await asyncio.to_thread(kind.delete, state)

    async def get_schema(self, request: engine.GetSchemaRequest) -> engine.GetSchemaResponse:
        """Names only: our stacks have typed classes of their own (``stacks/resources.py``)."""
        types = ", ".join(f'"hospital:index:{token}": {{}}' for token in sorted(self._types))
        schema = f'{{"name": "hospital", "version": "{VERSION}", "resources": {{{types}}}}}'
        return engine.GetSchemaResponse(schema=schema)

    def _differences(
        self, kind: ResourceKind, old: Plain, new: Plain, urn: str
    ) -> list[Difference]:
        found = {one[1]: one for one in kind.diff(old, new)}
        try:
            drifted = kind.drift(new)
        except UnavailableError as error:
            self._tell(urn, f"not seen, compared with the last known state: {error}")
            drifted = ()
        for one in drifted:
            found.setdefault(one[1], one)
        return list(found.values())

    def _kind(self, urn: str) -> ResourceKind:
        token = urn.split("::")[2].rsplit("$", maxsplit=1)[-1].rpartition(":")[2]
        if token not in self._types:
            known = ", ".join(sorted(self._types))
            raise RefusedError("hospital", f"there is no resource type {token}; there are {known}")
        self._access = self._access or Access.from_environment()
        return self._types[token](self._access)


class TellErrors(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Our errors as they are, for every call at one point."""

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        """Wrap the call's handler."""
        handler = await continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler

        async def call(request: Any, context: Any) -> Any:
            try:
                return await handler.unary_unary(request, context)
            except HospitalError as error:
                await context.abort(_code(error), str(error))

        return grpc.unary_unary_rpc_method_handler(
            call, handler.request_deserializer, handler.response_serializer
        )


def _code(error: HospitalError) -> grpc.StatusCode:
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)))


def serve(engine_address: str) -> None:
    """Serve the engine until it interrupts us; prints the port, as the engine expects."""

    async def run() -> None:
        limits = [
            ("grpc.max_receive_message_length", MESSAGE_LIMIT),
            ("grpc.max_send_message_length", MESSAGE_LIMIT),
        ]
        server = grpc.aio.server(options=limits, interceptors=[TellErrors()])
        provider = HospitalProvider(_teller(engine_address))
        servicer = ProviderServicer([], VERSION, provider, engine_address)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        print(port, flush=True)
        await server.wait_for_termination()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        return


def _teller(address: str) -> Tell:
    stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def tell(urn: str, message: str) -> None:
        warning = engine_pb2.LogSeverity.WARNING
        stub.Log(engine_pb2.LogRequest(severity=warning, message=message, urn=urn))

    return tell


def plain_map(values: Mapping[str, PropertyValue]) -> Plain:
    """Pulumi's values as plain ones; whole numbers become integers again."""
    return {key: _plain(value) for key, value in values.items() if not key.startswith("__")}


def property_map(values: Mapping[str, Any]) -> dict[str, PropertyValue]:
    """The inverse of ``plain_map``."""
    return {key: _property(value) for key, value in values.items()}


def property_path(path: Iterable[str]) -> str:
    """A path as the engine writes it: ``objects[3].spec["a/b"]``."""
    text = ""
    for part in path:
        if part.isdigit():
            text += f"[{part}]"
        elif re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", part):
            text += f".{part}" if text else part
        else:
            text += f'["{part}"]'
    return text


def _known_later(value: PropertyValue) -> bool:
    """Whether some of it is the output of what is still to be made."""
    inner = value.value
    if isinstance(inner, Mapping):
        return any(map(_known_later, inner.values()))
    return (
        isinstance(inner, Computed)
        or inner == UNKNOWN
        or (isinstance(inner, tuple | list) and any(map(_known_later, inner)))
    )


def _plain(value: PropertyValue) -> Any:
    inner = value.value
    if isinstance(inner, Computed) or inner == UNKNOWN:
        raise RefusedError("hospital", "inputs that are known only later are not supported")
    if isinstance(inner, Mapping):
        return {key: _plain(item) for key, item in inner.items()}
    if isinstance(inner, tuple):
        return [_plain(item) for item in inner]
    if isinstance(inner, float) and inner.is_integer():
        return int(inner)
    return inner


def _property(value: Any) -> PropertyValue:
    if isinstance(value, Mapping):
        return PropertyValue({key: _property(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return PropertyValue([_property(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def _is_identity(kind: ResourceKind, one: Difference) -> bool:
    path = ".".join(one[1])
    return any(path == field or path.startswith(f"{field}.") for field in kind.identity)


def _detail(kind: ResourceKind, one: Difference) -> engine.PropertyDiff:
    table = _REPLACING if _is_identity(kind, one) else _KINDS
    return engine.PropertyDiff(table[one[0]], input_diff=False)
