"""What an OCI archive says of its images: for which CPUs, with which C library and locale.

Read from index, manifests, configurations and layers, without running anything. The C library shows
in the dynamic loader that a layer brings; an image without one runs static programs only. What
cannot be read stays None: an image must never pass for what nobody saw.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hospital.errors import UnavailableError
from hospital.estate import Architecture
from hospital.prechecks.facts import ImageFacts

FEATURES = "xinglin.dev/cpu-features"  # label of an image, annotation of a pod: "avx2 sse4_2"
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
_MUSL = re.compile(r"(^|/)lib/ld-musl-[a-z0-9_]+\.so\.1$")
_GLIBC = re.compile(r"(^|/)ld-linux[-a-z0-9_]*\.so\.[12]$")
_GLIBC_VERSION = re.compile(r"(^|/)libc[-.](?:so\.)?(\d+\.\d+)(?:\.so)?$")
_LARGEST_DOCUMENT = 2**22  # bytes; a manifest is some kilobytes


def read_archive(path: Path) -> tuple[ImageFacts, ...]:
    """Every image of an archive; UnavailableError when the file is none or is broken."""
    try:
        with tarfile.open(path) as archive:
            return tuple(_images(archive))
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        raise UnavailableError(str(path), f"is no OCI archive: {error}") from error


def features(text: str) -> tuple[str, ...]:
    """CPU features as a label or an annotation names them."""
    return tuple(sorted(set(re.split(r"[\s,]+", text.lower())) - {""}))


def _images(archive: tarfile.TarFile) -> Iterator[ImageFacts]:
    for reference, digest in _manifests(archive, _document(archive, "index.json"), ""):
        manifest = _document(archive, _blob(digest))
        config = _document(archive, _blob(manifest["config"]["digest"]))
        settings = config.get("config") or {}
        if config["architecture"] in list(Architecture):
            yield ImageFacts(
                reference=reference,
                architecture=Architecture(config["architecture"]),
                libc=_libc(archive, [layer["digest"] for layer in manifest["layers"]]),
                locale=_locale(settings.get("Env") or ()),
                cpu_features=features((settings.get("Labels") or {}).get(FEATURES, "")),
            )


def _manifests(
    archive: tarfile.TarFile, index: Mapping[str, Any], reference: str
) -> Iterator[tuple[str, str]]:
    """(reference, digest) of every manifest, those below a nested index too."""
    for entry in index["manifests"]:
        told = entry.get("annotations") or {}
        name = next((told[key] for key in _NAMES if key in told), reference)
        if "index" in entry["mediaType"] or "manifest.list" in entry["mediaType"]:
            yield from _manifests(archive, _document(archive, _blob(entry["digest"])), name)
        else:
            yield name, entry["digest"]


def _libc(archive: tarfile.TarFile, layers: Iterable[str]) -> str | None:
    """One of "glibc 2.31", "glibc", "musl", "static"; None when a layer cannot be read."""
    found, version = "static", ""
    for digest in layers:
        member = archive.extractfile(_blob(digest))
        if member is None:
            return None
        try:
            with tarfile.open(fileobj=member, mode="r:*") as layer:
                names = [each.name for each in layer]
        except tarfile.TarError:
            return None
        for name in names:
            if _MUSL.search(name):
                found = "musl"
            elif _GLIBC.search(name):
                found = "glibc"
            elif told := _GLIBC_VERSION.search(name):
                version = told[2]
    return f"{found} {version}" if found == "glibc" and version else found


def _locale(environment: Iterable[str]) -> str:
    """LC_ALL before LANG, as the C library takes them."""
    values = dict(each.split("=", 1) for each in environment if "=" in each)
    return values.get("LC_ALL") or values.get("LANG") or ""


def _blob(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/", 1)


def _document(archive: tarfile.TarFile, name: str) -> Any:
    member = archive.extractfile(name)
    content = (member or io.BytesIO()).read(_LARGEST_DOCUMENT)
    return json.loads(content)
