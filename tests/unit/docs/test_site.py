"""The generated reference has all there is: keys, observables, commands, names of the package."""

import re

import pytest

from bdg.config.whole import json_schema
from bdg.observables import contracts
from docs.generators import api, commands, configuration, observables
from docs.generators.docstrings import escaped


def keys(schema):
    return set(schema.get("properties", {}))


def test_every_key_of_a_configuration_stands_in_the_reference_with_what_it_means():
    definitions = json_schema()["$defs"]
    shared = observables.pages()["observables/index"]
    page = configuration.pages()["configuration"] + shared
    asked = observables.pages()
    for name, one in definitions.items():
        where = page
        if name not in ("Observables", "NoParameters") and f"({name.lower()}-keys)=" not in page:
            (observable,) = (n for n in contracts() if n.replace("_", "") == name.lower())
            where = asked[f"observables/{observable}"]
        if name == "Observables":
            continue
        for key in keys(one):
            assert f"| `{key}` |" in where, (name, key)
    assert {f"`{key}`" for key in keys(json_schema())} <= set(re.findall(r"`\w+`", page))


def test_links_between_sections_have_a_target():
    text = "\n".join([*configuration.pages().values(), *observables.pages().values()])
    assert set(re.findall(r"\(#([\w-]+)\)", text)) <= set(re.findall(r"^\(([\w-]+)\)=$", text, re.MULTILINE))


def test_types_bounds_units_and_defaults_are_those_of_the_schema():
    page = configuration.pages()["configuration"]
    assert "| `temperature` | *energy* | `0.0` |" in page
    assert re.search(r"\| `max_iterations` \| whole number [≥>] \d+ \| `200` \|", page)
    assert "| `kind` | `chain`, `square`, " in page
    assert "| `size` | list of whole numbers ≥ 1 | *required* |" in page
    stm = observables.pages()["observables/stm"]
    assert re.search(r"\| `tip` \| \[tip\]\(#tip-keys\)", stm)


def test_every_observable_has_a_page_with_its_title_and_its_parameters():
    pages = observables.pages()
    for name, contract in contracts().items():
        page = pages[f"observables/{name}"]
        assert page.startswith(f"# {name}\n")
        assert all(f"| `{parameter}` |" in page for parameter in contract.forms)
        assert f".. autofunction:: {contract.function.__module__}.{name}\n" in page
        assert "## What it stores" in page, "scripts/gallery --quantities notes what it stores"
        assert f"]({name}.md)" in pages["observables/index"]
    assert len(pages) == len(contracts()) + 1


def test_every_name_of_the_package_is_documented_once():
    text = "\n".join(api.pages().values())
    documented = re.findall(r":: bdg\.(\w+)$", text, re.MULTILINE)
    modules = {"bdg", *api.MODULES}
    assert sorted(set(documented) - modules) == sorted(api.names())
    assert len(api.names()) == len([name for name in documented if name not in modules])
    assert {"solve", "Model", "build_sample", "Result", "sweep"} <= set(api.names())


def test_every_command_and_option_is_documented():
    from typer.main import get_command

    from bdg.cli import app

    page = commands.pages()["commands"]
    for name, command in get_command(app).commands.items():
        assert (f"## bdg {name}\n" in page) is not command.hidden
        options = {text for one in command.params for text in one.opts if text.startswith("--")}
        assert command.hidden or all(option in page for option in options)
    assert "### bdg theory gap\n" in page


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("|Δ_i| of c†_i", r"\|Δ_i\| of c†_i"),
        ("``a|b_`` and :func:`bdg.solve_`, n_", r"``a|b_`` and :func:`bdg.solve_`, n\_"),
        (r"already \| escaped, Ψ*Ψ", r"already \| escaped, Ψ\*Ψ"),
        ("under_scores stay", "under_scores stay"),
    ],
)
def test_what_is_no_markup_is_escaped(written, shown):
    assert escaped(written) == shown


def test_docstrings_have_no_markup_that_points_nowhere():
    """Roles of public docstrings name what there is."""
    import importlib

    from tests.unit.test_public_docs import ALL

    for one in ALL.values():
        for path in re.findall(r":(?:func|class|meth|mod|data):`~?(bdg[\w.]*)`", one.__doc__ or ""):
            parts = path.split(".")
            for length in range(len(parts), 0, -1):
                try:
                    found = importlib.import_module(".".join(parts[:length]))
                except ModuleNotFoundError:
                    continue
                for part in parts[length:]:
                    found = getattr(found, part)
                break
            assert found is not None
