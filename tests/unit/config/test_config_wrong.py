"""Wrong configurations: each is refused by one line with the right place, key and words."""

import re

import pytest
import yaml

from bdg.config import load_config, parse_config
from bdg.config.text import document
from bdg.errors import ConfigError
from tests.unit.config.examples import FULL, MINIMAL
from tests.unit.config.wrong_configs import (
    COMMON,
    LATTICE,
    NOT_YAML,
    OBSERVABLES,
    PHYSICS,
    TYPES,
    lattice,
    more,
)

ALL = [*NOT_YAML, *TYPES, *LATTICE, *PHYSICS, *OBSERVABLES, *COMMON]


def refused(text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "run.yaml")
    return caught.value


def test_there_are_sixty():
    assert len({text for text, *_ in ALL}) == len(ALL) >= 60


@pytest.mark.parametrize("loader", [document.LOADER, yaml.SafeLoader], ids=["libyaml", "pure"])
@pytest.mark.parametrize(("text", "line", "column", "key", "words"), ALL)
def test_is_refused(text, line, column, key, words, loader, monkeypatch):
    monkeypatch.setattr(document, "LOADER", loader)
    error = refused(text)
    assert error.exit_code == 2
    assert error.key == key
    if key is None:
        assert any(part in str(error) for part in words.split("|")) or loader is yaml.SafeLoader
    else:
        assert words in str(error)
    if line is not None:
        assert error.line == line
    if column is not None:
        assert error.column == column
    message = str(error)
    assert "\n" not in message
    assert message.isprintable()
    assert len(message) < 400
    assert re.match(r"run\.yaml(:\d+:\d+)?: \S", message)


@pytest.mark.parametrize(
    ("text", "line", "column", "key", "words"), [*TYPES, *LATTICE, *PHYSICS, *OBSERVABLES, *COMMON]
)
def test_message_never_speaks_of_the_implementation(text, line, column, key, words):
    message = str(refused(text))
    assert not re.search(
        r"pydantic|Input should|<word>|<list>|<mapping>|<number>|tuple|dictionary|NoneType", message
    )


def test_the_first_in_the_file_is_raised_and_the_others_counted():
    error = refused(more("temperature: -1\nscf: {damping: 2, seed: x}\nsolver: {threads: 0}\n"))
    assert error.line == 3
    assert str(error).endswith("not -1 (+3 more problems)")
    assert str(refused(more("temperature: -1\nscf: {damping: 2}\n"))).endswith("(+1 more problem)")


def test_a_single_entry_for_all_directions_is_one_problem():
    assert "more problem" not in str(refused(lattice("boundary: {twst: 1}")))


def test_a_typo_hides_the_key_it_was_meant_to_be():
    assert str(refused(lattice("region: {disk: {radus: 1}}"))).endswith("did you mean 'radius'?")


def test_an_alias_is_wrong_where_it_is_used():
    error = refused("x: &cold -1\n" + MINIMAL + "temperature: *cold\n")
    assert (error.line, error.key) == (1, "x")
    error = refused(MINIMAL + "solver: {tolerance: &t 2}\nscf: {tolerance: *t}\n")
    assert (error.line, error.column) == (3, 21)
    error = refused(MINIMAL + "solver: {threads: &t 2}\nscf: {tolerance: *t}\n")
    assert (error.line, error.column, error.key) == (4, 18, "scf.tolerance")


def test_a_section_below_its_key_is_wrong_at_the_key():
    error = refused("lattice:\n  kind: square\n  size:\n    - 4\n" + "hamiltonian:\n  onsite: 1\n")
    assert (error.line, error.column, error.key) == (5, 1, "hamiltonian")
    error = refused("lattice:\n  kind: square\n  size:\n    - 4\n" + "hamiltonian:\n  filling: 1\n")
    assert (error.line, error.column, error.key) == (3, 3, "lattice.size")


def test_long_values_are_shortened():
    error = refused(more(f"temperature: {'x' * 5000}\n"))
    assert len(str(error)) < 200
    error = refused(more(f"temperature: [{', '.join(['1'] * 5000)}]\n"))
    assert len(str(error)) < 200
    error = refused(more(f"{'k' * 5000}: 1\n"))
    assert len(str(error)) < 400


@pytest.mark.parametrize("line", range(len(FULL.splitlines())))
def test_a_wrong_key_anywhere_is_found_in_its_line(line):
    lines = FULL.splitlines()
    if ":" not in lines[line]:
        return
    lines[line] = re.sub(r"(\w+):", r"\1_zz:", lines[line], count=1)
    error = refused("\n".join(lines))
    assert error.line is not None
    assert error.line <= line + 1
    if "unknown key" in error.problem:
        assert error.line == line + 1


class TestFiles:
    def refused(self, path) -> ConfigError:
        with pytest.raises(ConfigError) as caught:
            load_config(path)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)
        return caught.value

    def test_missing(self, tmp_path):
        assert "no such file" in str(self.refused(tmp_path / "no.yaml"))

    def test_directory(self, tmp_path):
        assert "is a directory" in str(self.refused(tmp_path))

    def test_under_a_file(self, tmp_path):
        (tmp_path / "file").write_text("x")
        assert "can't be read" in str(self.refused(tmp_path / "file" / "run.yaml"))

    def test_name_too_long(self, tmp_path):
        assert "can't be read" in str(self.refused(tmp_path / ("x" * 5000)))

    def test_no_permission(self, tmp_path, monkeypatch):
        def refuse(*args):
            raise PermissionError(13, "Permission denied")

        (tmp_path / "run.yaml").write_text("x")
        monkeypatch.setattr("builtins.open", refuse)
        assert "not allowed to read" in str(self.refused(tmp_path / "run.yaml"))

    @pytest.mark.parametrize(
        ("data", "line", "column", "offset"),
        [
            (b"title: caf\xe9\n", 1, 11, 10),
            (b"a: 1\nb\xc3\xa9: \xff\n", 2, 5, 10),
            (b"\xff\xfea\x00", 1, 1, 0),
        ],
    )
    def test_not_utf8(self, tmp_path, data, line, column, offset):
        path = tmp_path / "run.yaml"
        path.write_bytes(data)
        error = self.refused(path)
        assert (error.line, error.column) == (line, column)
        assert f"at offset {offset}" in str(error)

    def test_too_large(self, tmp_path, monkeypatch):
        monkeypatch.setattr("bdg.config.source.MAX_BYTES", 1_000_000)
        path = tmp_path / "run.yaml"
        path.write_bytes(b"#" * 1_000_001)
        assert "larger than 1 MB" in str(self.refused(path))


def test_a_file_of_nearly_the_same_name_is_named(tmp_path):
    (tmp_path / "gap.yaml").write_text(MINIMAL)
    for wrong in ("gap.yml", "Gap.yaml", "gaps.yaml", "gap"):
        with pytest.raises(ConfigError, match=re.escape(f"did you mean {tmp_path / 'gap.yaml'}?")):
            load_config(tmp_path / wrong)
    for wrong in ("vortex.yaml", "none/gap.yaml"):
        with pytest.raises(
            ConfigError, match="no such file; 'bdg init' writes a configuration to start from"
        ):
            load_config(tmp_path / wrong)
