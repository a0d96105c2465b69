"""The house is drawn as it is built; what the page names is there; the pinned versions are allowed ones."""

import re
import tomllib

from packaging.requirements import Requirement

from tests.support.pages import DOCS, ROOT

PAGE = (DOCS / "contributing.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_picture_of_the_house_is_the_layers_in_their_order():
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    (house,) = [one["layers"] for one in contracts if one["name"] == "Imports go down only"]
    rank = {name: n for n, layer in enumerate(house) for name in layer.split(" | ")}
    picture = re.search(r"```text\n(.*?)```", PAGE, re.DOTALL)[1]
    columns = [line[17:50] for line in picture.splitlines()]
    drawn = [name for column in columns for name in column.split()]
    assert sorted(drawn) == sorted(rank)
    ranks = [min(rank[name] for name in column.split()) for column in columns]
    assert ranks == sorted(ranks)


def test_files_and_scripts_that_the_page_names_exist():
    named = re.findall(r"`((?:bdg|docs|tests|data|scripts|configs|\.ci)/[\w./]+?)/?`", PAGE)
    named += re.findall(r"^(scripts/\w+)", PAGE, re.MULTILINE)
    assert len(named) > 25
    assert [path for path in named if not (ROOT / path.replace("NAME", "chain")).exists()] == []
    in_schema = re.findall(r"`(\w+\.py)`", PAGE)
    assert all(any((ROOT / "bdg").rglob(name)) for name in in_schema)


def test_pinned_versions_are_of_all_dependencies_and_allowed():
    lines = (DOCS / "pinned.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.lower().replace("_", "-").split("==") for line in lines if not line.startswith("#"))
    extras = PROJECT["project"]["optional-dependencies"]
    needed = [*PROJECT["project"]["dependencies"], *extras["xarray"], *extras["test"]]
    for one in map(Requirement, needed):
        if one.name == "bdg":
            continue
        version = pinned[one.name.lower()]
        assert one.specifier.contains(version), (one.name, version)


def test_the_lowest_versions_are_the_bounds_of_the_dependencies():
    lines = (DOCS / "lowest.txt").read_text(encoding="utf-8").splitlines()
    lowest = dict(line.split("==") for line in lines if not line.startswith("#"))
    for one in map(Requirement, PROJECT["project"]["dependencies"]):
        (bound,) = one.specifier
        assert (bound.operator, bound.version) == (">=", lowest[one.name]), one.name
