"""Plain manifests: what is read as Kubernetes reads it, what is refused, and what an audit says.

The hostile files are small; the limits that stop them are those of the module.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

import console.documents
from console.audit import audit
from console.documents import DEEPEST, Allowance, documents
from console.files import files
from console.manifests import Found, Manifest, Skipped, Unread, read
from console.scalars import resolved
from hospital.errors import DeclarationError, Problem

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: his, namespace: clinic}
spec:
  containers:
    - name: his
      image: registry.example/his:1
      securityContext: {privileged: true}
"""
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
ROOT = Path(__file__).parents[2]

app = typer.Typer()
app.command()(audit)


@pytest.fixture(autouse=True, params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers must read and refuse the same: libyaml is not built for every machine."""
    if request.param == "python":
        monkeypatch.setattr(console.documents, "LOADER", yaml.SafeLoader)


def written(folder: Path, content: str | bytes, name: str = "x.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def found_in(folder: Path, content: str | bytes) -> list[Found]:
    return list(read(written(folder, content)))


def objects_in(folder: Path, content: str | bytes) -> list[Any]:
    return [each.item for each in found_in(folder, content) if isinstance(each, Manifest)]


def places(path: Path, found: list[Found]) -> list[str]:
    return [each.place.removeprefix(f"{path}:") for each in found]


def problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(DeclarationError) as raised:
        list(read(path))
    return raised.value.problems


def refusal(folder: Path, content: str | bytes) -> tuple[str, Problem]:
    """The line of the only problem, and the problem."""
    path = written(folder, content)
    (problem,) = problems(path)
    assert problem.where.startswith(f"{path}:"), problem
    return problem.where.removeprefix(f"{path}:"), problem


def values(content: str | bytes) -> list[Any]:
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return [value for value, _ in documents(stream, "x", allowance=Allowance())]


def run(*arguments: str | Path, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], input=given)


# What is read


def test_every_document_is_an_object_with_the_line_where_it_starts(tmp_path: Path) -> None:
    path = written(tmp_path, f"# first\n{POD}---\n---\n# Source: his/config.yaml\n{CONFIG}...\n")
    found = list(read(path))
    assert places(path, found) == ["2", "13"]
    assert [each.item["kind"] for each in found if isinstance(each, Manifest)] == [
        "Pod",
        "ConfigMap",
    ]


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + CONFIG.encode(),
        CONFIG.replace("\n", "\r\n").encode(),
        codecs.BOM_UTF16_LE + CONFIG.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + CONFIG.replace("\n", "\r\n").encode("utf-16-be"),
        b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
        json.dumps(yaml.safe_load(CONFIG), indent=4).encode(),
    ],
    ids=["bom", "crlf", "utf-16-le", "utf-16-be", "json", "indented-json"],
)
def test_encodings_line_ends_and_json_are_read_alike(tmp_path: Path, content: bytes) -> None:
    assert objects_in(tmp_path, content) == [yaml.safe_load(CONFIG)]


def test_a_line_is_counted_after_windows_line_ends_too(tmp_path: Path) -> None:
    path = written(tmp_path, f"---\n{CONFIG}---\n{CONFIG}".replace("\n", "\r\n"))
    assert places(path, list(read(path))) == ["2", "6"]


def test_lists_are_unfolded_and_each_item_keeps_its_own_line(tmp_path: Path) -> None:
    inner = "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Secret}]}"
    text = f"apiVersion: v1\nkind: List\nitems:\n- {{apiVersion: v1, kind: Pod}}\n- {inner}\n- 7\n"
    path = written(tmp_path, text)
    found = list(read(path))
    assert places(path, found) == ["4", "5", "1"]
    assert [each.item["kind"] for each in found if isinstance(each, Manifest)] == ["Pod", "Secret"]
    assert [each.why for each in found if isinstance(each, Skipped)] == ["is no mapping"]


def test_items_of_a_typed_list_are_of_its_type_even_if_they_say_nothing(tmp_path: Path) -> None:
    text = "apiVersion: apps/v1\nkind: DeploymentList\nitems: [{metadata: {name: a}}, {kind: }]\n"
    first, second = objects_in(tmp_path, text)
    assert (first["apiVersion"], first["kind"]) == ("apps/v1", "Deployment")
    assert second["kind"] == "Deployment"


def test_what_holds_items_is_a_list_whatever_it_calls_itself(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nitems: [{apiVersion: v1, kind: Pod}]\n"
    assert [item["kind"] for item in objects_in(tmp_path, text)] == ["Pod"]


def test_an_object_without_a_name_of_its_own_is_called_by_its_prefix(tmp_path: Path) -> None:
    path = written(tmp_path, "apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: dump-}\n")
    (resource,) = files(path).resources
    assert (resource.id, resource.place) == ("Object/Job/dump-*", f"{path}:1")


@pytest.mark.parametrize("metadata", ["", "metadata:\n", "metadata: {}\n", "metadata: {name: 7}\n"])
def test_poor_metadata_is_still_an_object(tmp_path: Path, metadata: str) -> None:
    path = written(tmp_path, f"apiVersion: v1\nkind: Pod\n{metadata}")
    assert len(files(path).resources) == 1


def test_objects_of_kinds_that_nobody_knows_are_passed_on_and_counted(tmp_path: Path) -> None:
    path = written(tmp_path, "apiVersion: example.org/v1\nkind: Teapot\nmetadata: {name: t}\n")
    told = json.loads(run("--manifests", path, "--json").stdout)
    assert (told["counts"]["resources"], told["counts"]["judgements"]) == (1, 0)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True), ("Off", False), ("~", None), ("", None), ("17", 17), ("-017", -15),
        ("0o17", 15), ("0x1F", 31), ("0b11", 3), ("1_000", 1000), ("08", 8.0), ("1e3", 1000.0),
        (".5", 0.5), ("12:30:45", "12:30:45"), ("2027-03-31", "2027-03-31"), ("-", "-"),
        ("1e999", "1e999"), ("9" * 64, int("9" * 64)), ("0x" + "f" * 65, "0x" + "f" * 65),
        ("100m", "100m"), ("=", "="), ("1.2.3", "1.2.3"), ("_1", "_1"),
    ],
)  # fmt: skip
def test_a_word_means_what_it_means_to_kubernetes(text: str, value: object) -> None:
    assert resolved(text) == value
    assert type(resolved(text)) is type(value)


def test_quoted_words_and_blocks_are_text() -> None:
    assert values("[\"y\", '017', ! 5, !!str 5]\n") == [["y", "017", "5", "5"]]
    assert values("a: |\n  017\n") == [{"a": "017\n"}]


def test_keys_become_text_as_in_json() -> None:
    assert values("{1: a, true: b, 1.5: c, 2.0: d}") == [
        {"1": "a", "true": "b", "1.5": "c", "2": "d"}
    ]


def test_anchors_and_merge_keys_are_understood() -> None:
    text = "a: &a {p: 1, q: 2}\nb: &b {p: 9, r: 3}\nc:\n  <<: [*a, *b]\n  q: 5\nd: [*a, *a]\n"
    (value,) = values(text)
    assert value["c"] == {"p": 1, "q": 5, "r": 3}
    assert value["d"] == [{"p": 1, "q": 2}] * 2


def test_an_anchor_ends_with_its_document() -> None:
    with pytest.raises(DeclarationError, match=r"x:2: .*repeats nothing"):
        values("a: &a 1\n--- *a\n")


def test_values_come_back_from_yaml_and_json_as_they_were() -> None:
    chance = random.Random(20261123)
    for _ in range(150):
        value = [anything(chance, 4)]
        assert values(yaml.dump(value, Dumper=Quoting, allow_unicode=True)) == [value]
        assert values(json.dumps(value)) == [value]


class Quoting(yaml.SafeDumper):
    """Quotes all text: PyYAML leaves ``y`` plain, which is true to Kubernetes."""


Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def anything(chance: random.Random, depth: int) -> Any:
    """A random value that JSON can hold."""
    kind = chance.choice("nbifsml" if depth else "nbifs")
    if kind == "m":
        return {word(chance): anything(chance, depth - 1) for _ in range(chance.randrange(4))}
    if kind == "l":
        return [anything(chance, depth - 1) for _ in range(chance.randrange(4))]
    number = chance.uniform(-1e9, 1e9) * 10.0 ** chance.randrange(-30, 30)
    plain: dict[str, Any] = {
        "n": None,
        "b": chance.random() < 0.5,
        "i": chance.randrange(-(2**63), 2**63),
        "f": number,
        "s": word(chance),
    }
    return plain[kind]


def word(chance: random.Random) -> str:
    letters = "ab yn01:#-?'\"\\{}[]!&*|>%@`,~<=_\n\t\r中文é杏\x00\x1b"
    return "".join(chance.choice(letters) for _ in range(chance.randrange(12)))


# What is left out, and said so


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("replicas: 3\n", "has no apiVersion and no kind"),
        ("apiVersion: v2\nname: his\n", "has no kind"),
        ("apiVersion: v1\nkind: [Pod]\n", "has no kind"),
        ("apiVersion: 1\nkind: Pod\n", "has no apiVersion"),
        ("- a\n", "is no mapping"),
        ("hello\n", "is no mapping"),
    ],
)
def test_a_document_that_is_no_object_is_named(tmp_path: Path, document: str, why: str) -> None:
    path = written(tmp_path, f"{CONFIG}---\n{document}")
    inspected = files(path)
    assert inspected.source.skipped == (f"{path}:5: {why}",)
    assert (len(inspected.resources), inspected.source.unseen) == (1, ())


def test_a_directory_is_read_through_and_in_order(tmp_path: Path) -> None:
    for name in ("b.yml", "a/z.json", "a/b/c.YAML"):
        written(tmp_path, CONFIG, name)
    for name in ("README.md", "a/notes.txt", "d.yaml/inner.txt"):
        written(tmp_path, "{{", name)
    names = [each.place.removeprefix(f"{tmp_path}/") for each in read(tmp_path)]
    assert names == ["a/b/c.YAML:1", "a/z.json:1", "b.yml:1"]


def test_links_out_of_the_directory_are_not_followed_but_named(tmp_path: Path) -> None:
    root, outside = tmp_path / "in", tmp_path / "out"
    written(root, CONFIG, "a.yaml")
    target = written(outside, POD, "pod.yaml")
    (root / "file.yaml").symlink_to(target)
    (root / "folder").symlink_to(outside)
    (root / "lost.yaml").symlink_to("nowhere")
    (root / "loop.yaml").symlink_to("loop.yaml")
    inspected = files(root)
    assert [resource.place for resource in inspected.resources] == [f"{root}/a.yaml:1"]
    assert inspected.source.unseen == (
        f"{root}/file.yaml: is a link out of {root}: not followed",
        f"{root}/folder: is a link out of {root}: not followed",
        f"{root}/loop.yaml: is a link that leads nowhere",
        f"{root}/lost.yaml: is a link that leads nowhere",
    )


def test_a_file_that_links_within_the_directory_reach_twice_is_read_once(tmp_path: Path) -> None:
    written(tmp_path, CONFIG, "..2026/a.yaml")  # as a ConfigMap is mounted
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")
    assert len(list(read(tmp_path))) == 1


def test_a_pipe_in_a_directory_is_never_waited_for(tmp_path: Path) -> None:
    written(tmp_path, CONFIG)
    os.mkfifo(tmp_path / "pipe.yaml")
    (unread,) = (each for each in read(tmp_path) if isinstance(each, Unread))
    assert unread.why == "is neither a file nor a directory"


def test_a_chart_is_not_rendered_and_says_what_to_do(tmp_path: Path) -> None:
    written(tmp_path, "apiVersion: v2\nname: his\n", "chart/Chart.yaml")
    template = written(tmp_path, "{{ if .Values.on }}\na: 1\n{{ end }}\n", "chart/templates/x.yaml")
    assert any("helm template" in problem.message for problem in problems(tmp_path / "chart"))
    assert any("helm template" in problem.remedy for problem in problems(template))
    written(tmp_path, CONFIG, "a.yaml")
    (unread,) = (each for each in read(tmp_path) if isinstance(each, Unread))
    assert unread.place == str(tmp_path / "chart")


@pytest.mark.parametrize("name", ["his-1.0.0.tgz", "his.tar.gz"])
def test_an_archive_is_refused_unopened(tmp_path: Path, name: str) -> None:
    first, *_ = problems(tmp_path / name)  # there is none: who opened it would fail differently
    assert "is an archive" in first.message
    assert "helm template" in first.message


# What is refused


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (f"{CONFIG}data:\n  a: 1\n  b: 2\n  a: 3\n", "7", "given twice"),
        ('{"apiVersion": "v1",\n "kind": "Pod",\n "kind": "Secret"}', "3", "given twice"),
        ("a: 1\ntrue: 2\ny: 3\n", "3", "given twice"),
        ("x: &x {a: 1}\ny:\n  <<: *x\n  <<: *x\n", "4", "given twice"),
        ("x: &x {a: 1}\ny:\n  a: 2\n  <<: *x\n", "4", "merged over"),
        ("y:\n  <<: 5\n", "2", "merges what is no mapping"),
        (f"{CONFIG}data: !!python/object/apply:os.system ['touch x']\n", "4", "has the tag"),
        (f"{CONFIG}data: !!binary aGk=\n", "4", "has the tag"),
        ("a: !Ref b\n", "1", "has the tag"),
        ("? [a]\n: b\n", "1", "a key must be text"),
        ("a:\n~: 1\n", "2", "a key must be text"),
        ("a: *b\n", "1", "repeats nothing"),
        ("a: &a [*a]\n", "1", "repeats nothing"),
        ("a: .inf\n", "1", "no number"),
        ("a: 1\nb: ]\n", "2", "is not YAML"),
        ("a: 1\n\tb: 2\n", "2", "is not YAML"),
        ('a: "\\ud83d"\n', "1", "is not YAML"),
        ('a: "\\UFFFFFFFF"\n', "1", "is not YAML"),
        ("%YAML 2.0\n--- a\n", "1", "is not YAML"),
        (b"a: 1\nb: \xff\n", "2", "is not UTF-8"),
        (b"a: 1\nb: \xe6\x9d", "2", "is not UTF-8"),
        (codecs.BOM_UTF16_LE + "a: 1\nb: ".encode("utf-16-le") + b"\x00\xd8", "2", "not UTF-16"),
        (b"a: 1\nb: \x1b[2J\n", "2", "U+001B"),
        ("a: 1\n".encode("utf-16-le"), "1", "U+0000"),
        (codecs.BOM_UTF8 + b"a: 1\n" + codecs.BOM_UTF8 + b"b: 1\n", "2", "U+FEFF"),
        (b"\x1f\x8b\x08\x00", "1", "is not UTF-8"),
        ("apiVersion: v1\nkind: Pod\nmetadata: his\n", "1", "is no mapping"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused_with_its_line(
    tmp_path: Path, content: str | bytes, line: str, message: str
) -> None:
    where, problem = refusal(tmp_path, content)
    assert message in problem.message
    assert where == line


def test_a_wrong_byte_far_into_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    text = "# 杏林\n" * 50_000
    where, _ = refusal(tmp_path, text.encode() + b"a: \xc3\n")
    assert where == "50001"


def test_the_documents_before_a_broken_one_are_given_and_then_the_error(tmp_path: Path) -> None:
    path = written(tmp_path, f"{CONFIG}---\na: [\n")
    reading = read(path)
    assert isinstance(next(reading), Manifest)
    with pytest.raises(DeclarationError):
        next(reading)


def test_all_broken_files_are_named_at_once(tmp_path: Path) -> None:
    written(tmp_path, "a: 1\na: 2\n", "1.yaml")
    written(tmp_path, CONFIG, "2.yaml")
    written(tmp_path, b"\xff", "3.json")
    told = [Path(problem.where).name for problem in problems(tmp_path)]
    assert told == ["1.yaml:2", "3.json:1"]


@pytest.mark.parametrize("content", ["", "\n", "# only words\n", "---\n---\n", "null\n", "a: 1\n"])
def test_a_file_without_any_object_is_an_error(tmp_path: Path, content: str) -> None:
    (problem,) = problems(written(tmp_path, content))
    assert problem.message == "holds no Kubernetes object"


def test_an_empty_file_beside_others_is_nothing(tmp_path: Path) -> None:
    written(tmp_path, "", "a.yaml")
    written(tmp_path, CONFIG, "b.yaml")
    assert len(list(read(tmp_path))) == 1


def test_a_directory_without_manifests_and_a_missing_file_are_errors(tmp_path: Path) -> None:
    written(tmp_path, "words", "README.md")
    assert "no Kubernetes object" in problems(tmp_path)[0].message
    assert "cannot be read" in problems(tmp_path / "nowhere.yaml")[0].message


# Hostile files


def bomb(levels: int = 9) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        repeated = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{repeated}]")
    return "\n".join(lines) + "\n"


def test_a_billion_laughs_are_refused_before_they_are_many(tmp_path: Path) -> None:
    tracemalloc.start()
    where, problem = refusal(tmp_path, CONFIG + bomb())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "aliases repeat more than" in problem.message
    assert int(where) <= 12
    assert peak < 8_000_000


def test_many_small_bombs_are_one_bomb(tmp_path: Path) -> None:
    for number in range(20):
        written(tmp_path, CONFIG + bomb(5), f"{number:02}.yaml")
    told = [problem.message for problem in problems(tmp_path)]
    assert len(told) == 12  # each repeats 123,440 values, so eight may
    assert all("aliases repeat" in message for message in told)


@pytest.mark.parametrize("start", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused(tmp_path: Path, start: str) -> None:
    _, problem = refusal(tmp_path, start * 50_000)
    assert "nested more than" in problem.message


def test_nesting_through_aliases_is_nesting(tmp_path: Path) -> None:
    half = DEEPEST // 2
    lines = ["a0: &a0 x"]
    lines += [f"a{n}: &a{n} {'[' * half}*a{n - 1}{']' * half}" for n in range(1, 4)]
    where, problem = refusal(tmp_path, "\n".join(lines))
    assert "nested more than" in problem.message
    assert where == "3"


def test_what_is_nested_as_deep_as_allowed_is_read_and_judged(tmp_path: Path) -> None:
    deep = "[" * (DEEPEST - 2) + "]" * (DEEPEST - 2)
    path = written(tmp_path, f"{CONFIG}data: {{a: {deep}}}\n")
    assert run("--manifests", path).exit_code == 0


def test_random_bytes_raise_nothing_but_our_error(tmp_path: Path) -> None:
    chance = random.Random(11)
    for content in (*noise(chance, 150), *mutants(chance, 250)):
        path = written(tmp_path, content)
        for problem in problems_or_none(path):
            assert problem.where.startswith(str(path)), content
            assert str(problem).isprintable(), content


def problems_or_none(path: Path) -> tuple[Problem, ...]:
    try:
        files(path)
    except DeclarationError as error:
        return error.problems
    return ()


def noise(chance: random.Random, count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield chance.randbytes(chance.randrange(200))


def mutants(chance: random.Random, count: int) -> Iterator[bytes]:
    """A good file with some bytes exchanged for others that mean something to YAML."""
    for _ in range(count):
        content = bytearray(f"a: 1\n---\n{POD}x: &x {{a: 1}}\ny: {{<<: *x}}\n", "utf-8")
        for _ in range(chance.randrange(1, 6)):
            content[chance.randrange(len(content))] = chance.choice(
                b"\n\t {}[]:-&*!|>%\"'\\?~\x85\xe6"
            )
        yield bytes(content)


@pytest.mark.slow
def test_a_large_file_is_read_with_the_memory_of_one_document(
    tmp_path: Path,
) -> None:
    if console.documents.LOADER is yaml.SafeLoader:
        pytest.skip("the parser in Python takes minutes")
    one = f"{POD}  note: |\n" + "    words of a patient's neighbour\n" * 100 + "---\n"
    path = written(tmp_path, one * (20_000_000 // len(one) + 1))
    tracemalloc.start()
    count = sum(isinstance(each, Manifest) for each in read(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000_000 // len(one) + 1
    assert peak < path.stat().st_size / 10


# The command


def test_findings_show_where_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, f"{CONFIG}---\n{POD}")
    answer = run("--manifests", path)
    assert answer.exit_code == 1
    assert f"{path}:5" in answer.stdout.replace("\n", "")
    told = json.loads(run("--manifests", path, "--json").stdout)
    (rule,) = (each for each in told["rules"] if each["id"] == "no_privileged_container")
    assert rule["findings"][0]["place"] == f"{path}:5"
    assert told["source"]["kind"] == "manifests"


@pytest.mark.parametrize("given", [POD, POD.encode("utf-16"), json.dumps(yaml.safe_load(POD))])
def test_standard_input_is_judged(given: str | bytes) -> None:
    told = json.loads(run("--manifests", "-", "--json", given=given).stdout)
    assert told["verdict"] == "refused"
    places_told = {each["place"] for rule in told["rules"] for each in rule["findings"]}
    assert places_told == {"stdin:1"}


def test_what_is_no_object_is_shown_and_changes_nothing(tmp_path: Path) -> None:
    answer = run("--manifests", written(tmp_path, f"{CONFIG}---\nreplicas: 3\n"))
    assert answer.exit_code == 0
    assert "has no apiVersion and no kind" in " ".join(answer.stdout.split())


def test_what_was_not_read_makes_the_verdict_incomplete(tmp_path: Path) -> None:
    written(tmp_path, CONFIG, "in/a.yaml")
    (tmp_path / "in" / "b.yaml").symlink_to(written(tmp_path, POD, "out.yaml"))
    told = run("--manifests", tmp_path / "in", "--json")
    assert told.exit_code == 3
    assert json.loads(told.stdout)["verdict"] == "incomplete"


def test_a_name_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    path = written(tmp_path, POD.replace("- name: his", '- name: "\\e[2Jpassed\\x9b1m"'))
    answer = run("--manifests", path)
    assert "�[2Jpassed�1m" in answer.stdout.replace("\n", "")
    assert not {"\x1b", "\x9b"} & set(answer.stdout)


def test_manifests_are_judged_together_with_what_else_is_given(tmp_path: Path) -> None:
    estate = str(ROOT / "stacks" / "estates" / "lab.yaml")
    told = run("--manifests", written(tmp_path, CONFIG), "--estate", estate, "--json")
    report = json.loads(told.stdout)
    assert report["source"]["kind"] == "declaration+manifests"
    judged = {name for rule in report["rules"] for name in rule["judged"]}
    assert {"Object/ConfigMap/c", "Workload/his-cloud"} <= judged


def test_broken_files_end_with_code_2_and_are_all_named(tmp_path: Path) -> None:
    written(tmp_path, "a: 1\na: 2\n", "1.yaml")
    written(tmp_path, "a: [\n", "2.yaml")
    answer = run("--manifests", tmp_path)
    assert answer.exit_code == 2
    told = answer.stderr.replace("\n", "")
    assert "1.yaml:2" in told
    assert "2.yaml" in told
