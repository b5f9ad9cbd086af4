"""An image is one program, byte for byte the same each time, and names no platform in its index."""

from __future__ import annotations

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

from lab.images import Image, pack


def packed(tmp_path: Path, *, name: str = "one") -> tarfile.TarFile:
    program = tmp_path / "program"
    if not program.exists():
        program.write_bytes(b"\x7fELF program")
    archive = pack(Image("service", "arm64", program), tmp_path / name)
    return tarfile.open(archive)


def document(tar: tarfile.TarFile, name: str) -> Any:
    file = tar.extractfile(name)
    assert file is not None
    return json.loads(file.read())


def blob(tar: tarfile.TarFile, descriptor: dict[str, Any]) -> bytes:
    file = tar.extractfile(f"blobs/sha256/{descriptor['digest'].removeprefix('sha256:')}")
    assert file is not None
    content = file.read()
    assert hashlib.sha256(content).hexdigest() in descriptor["digest"]
    assert len(content) == descriptor["size"]
    return content


def test_an_archive_holds_one_manifest_without_a_platform(tmp_path: Path) -> None:
    with packed(tmp_path) as tar:
        (entry,) = document(tar, "index.json")["manifests"]

        assert "platform" not in entry
        assert entry["annotations"]["io.containerd.image.name"] == "xinglin.dev/service:1"


def test_every_descriptor_matches_its_blob_and_the_program_is_inside(tmp_path: Path) -> None:
    with packed(tmp_path) as tar:
        (entry,) = document(tar, "index.json")["manifests"]
        manifest = json.loads(blob(tar, entry))
        config = json.loads(blob(tar, manifest["config"]))
        layer = blob(tar, manifest["layers"][0])

    assert config["architecture"] == "arm64"
    assert config["config"]["User"] == "65532:65532"
    assert config["rootfs"]["diff_ids"] == [manifest["layers"][0]["digest"]]
    assert b"\x7fELF program" in layer


def test_the_same_program_gives_the_same_bytes(tmp_path: Path) -> None:
    with packed(tmp_path, name="one") as one, packed(tmp_path, name="two") as two:
        assert Path(str(one.name)).read_bytes() == Path(str(two.name)).read_bytes()
