"""Container images without a registry: one static program, packed as an OCI archive.

An archive holds one manifest and no platform, since containerd picks a platform only
below an index with several: an image of the wrong architecture is then refused when it
starts, as in life. The same program always gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOBODY = 65532
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"


@dataclass(frozen=True, slots=True)
class Image:
    """An image that runs one static program as an unprivileged user."""

    name: str
    architecture: str
    program: Path

    @property
    def reference(self) -> str:
        """The name by which pods ask for it, the same at every site."""
        return f"xinglin.dev/{self.name}:1"

    def archive(self, directory: Path) -> Path:
        """Where ``pack`` puts it."""
        return directory / f"{self.name}-{self.architecture}.tar"


def pack(image: Image, directory: Path) -> Path:
    """Write the OCI archive of ``image``, unless it is newer than its program."""
    archive = image.archive(directory)
    if archive.exists() and archive.stat().st_mtime > image.program.stat().st_mtime:
        return archive
    directory.mkdir(parents=True, exist_ok=True)
    layer = _layer(image)
    config = _json(_config(image, layer))
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _descriptor(CONFIG, config),
            "layers": [_descriptor(LAYER, layer)],
        }
    )
    named = {
        "io.containerd.image.name": image.reference,
        "org.opencontainers.image.ref.name": image.reference.rsplit(":", 1)[1],
    }
    entry = {**_descriptor(MANIFEST, manifest), "annotations": named}
    index = _json({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]})
    files = {
        "oci-layout": _json({"imageLayoutVersion": "1.0.0"}),
        "index.json": index,
        **{f"blobs/sha256/{_digest(blob)}": blob for blob in (config, manifest, layer)},
    }
    unfinished = archive.with_suffix(".new")
    unfinished.write_bytes(_tar({name: (blob, 0o644) for name, blob in files.items()}))
    unfinished.replace(archive)
    return archive


def _layer(image: Image) -> bytes:
    accounts = f"root:x:0:0::/:/none\nnobody:x:{NOBODY}:{NOBODY}::/:/none\n".encode()
    return _tar(
        {
            "etc/passwd": (accounts, 0o644),
            image.name: (image.program.read_bytes(), 0o755),
        }
    )


def _config(image: Image, layer: bytes) -> dict[str, Any]:
    return {
        "architecture": image.architecture,
        "os": "linux",
        "config": {
            "Entrypoint": [f"/{image.name}"],
            "User": f"{NOBODY}:{NOBODY}",
            "WorkingDir": "/",
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_digest(layer)}"]},
    }


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _descriptor(media: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media, "digest": f"sha256:{_digest(blob)}", "size": len(blob)}


def _digest(blob: bytes) -> str:
    return hashlib.sha256(blob).hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
