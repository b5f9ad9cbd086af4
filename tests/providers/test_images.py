"""OCI archives tell for which CPUs an image is, and with which C library."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from hospital.errors import UnavailableError
from hospital.estate import Architecture
from hospital.prechecks.facts import ImageFacts
from lab.images import Image, pack
from providers.images import features, read_archive

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def tar(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


class Layout:
    """An image layout that is written blob by blob."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def blob(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self.files[f"blobs/sha256/{digest}"] = content
        return f"sha256:{digest}"

    def document(self, value: Any) -> str:
        return self.blob(json.dumps(value).encode())

    def image(
        self, architecture: str, layers: list[bytes], settings: dict[str, Any] | None = None
    ) -> str:
        config = self.document({"architecture": architecture, "config": settings})
        digests = [{"digest": self.blob(layer)} for layer in layers]
        return self.document({"config": {"digest": config}, "layers": digests})

    def write(self, path: Path, manifests: list[dict[str, Any]]) -> Path:
        self.files["index.json"] = json.dumps({"manifests": manifests}).encode()
        path.write_bytes(tar(self.files))
        return path


def entry(digest: str, name: str = "", media: str = MANIFEST) -> dict[str, Any]:
    told = {"annotations": {"io.containerd.image.name": name}} if name else {}
    return {"mediaType": media, "digest": digest, **told}


@pytest.mark.parametrize("architecture", ["amd64", "arm64"])
def test_an_image_of_the_lab_is_static_and_of_its_architecture(
    architecture: str, tmp_path: Path
) -> None:
    program = tmp_path / "service"
    program.write_bytes(b"\x7fELF")
    path = pack(Image("service", architecture, program), tmp_path)
    assert read_archive(path) == (
        ImageFacts("xinglin.dev/service:1", Architecture(architecture), "static", "", ()),
    )


def test_an_index_below_the_index_holds_one_image_for_each_architecture(tmp_path: Path) -> None:
    layout = Layout()
    both = [entry(layout.image(each, [tar({"his": b""})])) for each in ("amd64", "arm64", "s390x")]
    nested = layout.document({"manifests": both})
    path = layout.write(tmp_path / "his.tar", [entry(nested, "hospital/his:2", INDEX)])
    told = [(each.reference, each.architecture) for each in read_archive(path)]
    assert told == [("hospital/his:2", "amd64"), ("hospital/his:2", "arm64")]


@pytest.mark.parametrize(
    ("files", "libc"),
    [
        (["lib/ld-musl-aarch64.so.1"], "musl"),
        (["lib64/ld-linux-x86-64.so.2"], "glibc"),
        (["lib/ld-linux-aarch64.so.1", "lib/aarch64-linux-gnu/libc-2.31.so"], "glibc 2.31"),
        (["usr/bin/his"], "static"),
        (["usr/share/doc/ld-linux.so.2.txt"], "static"),
    ],
)
def test_the_dynamic_loader_tells_the_c_library(
    files: list[str], libc: str, tmp_path: Path
) -> None:
    layout = Layout()
    packed = gzip.compress(tar(dict.fromkeys(files, b"")))
    path = layout.write(tmp_path / "a.tar", [entry(layout.image("arm64", [packed]), "a:1")])
    assert read_archive(path)[0].libc == libc


def test_a_layer_that_cannot_be_read_leaves_the_c_library_unknown(tmp_path: Path) -> None:
    layout = Layout()
    image = layout.image("arm64", [b"packed in a way that nobody here knows"])
    assert read_archive(layout.write(tmp_path / "a.tar", [entry(image, "a:1")]))[0].libc is None


def test_locale_and_cpu_features_come_from_the_configuration(tmp_path: Path) -> None:
    settings = {
        "Env": ["PATH=/bin", "LANG=zh_CN.UTF-8", "LC_ALL=C.UTF-8"],
        "Labels": {"xinglin.dev/cpu-features": "AVX2, sse4_2"},
    }
    layout = Layout()
    image = layout.image("amd64", [tar({})], settings)
    found = read_archive(layout.write(tmp_path / "a.tar", [entry(image, "a:1")]))[0]
    assert found.locale == "C.UTF-8"
    assert found.cpu_features == ("avx2", "sse4_2")


@pytest.mark.parametrize("content", [b"", b"no archive", tar({"index.json": b"{}"})])
def test_what_is_no_archive_is_unavailable(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    with pytest.raises(UnavailableError, match=r"a\.tar"):
        read_archive(path)


def test_no_features_are_no_features() -> None:
    assert features(" , ") == ()
