"""A page for each observable: what it is, its parameters, what it stores, its formula.

From the contract of each and its docstring; axes and units of what is stored from the results of the gallery.
"""

from __future__ import annotations

import json

from bdg.config.whole import json_schema
from bdg.observables import contracts
from bdg.observables.contract import GROUPS, Contract
from docs.generators.configuration import Schema, rows, shared_sections
from docs.generators.headers import PICTURES
from docs.generators.markdown import code, prose, table, toctree

Stored = dict[str, dict[str, dict[str, str | list[str]]]]

INTRODUCTION = """# Observables

What a run can measure: `observables: {NAME: {PARAMETERS}}` in a configuration, `observables={"NAME":
{...}}` in `bdg.solve`, `bdg measure FILE NAME` on a finished file. An *experiment* runs loops of its own.
To write one, see [an observable of your own](../../observables.md).

"""


def stored() -> Stored:
    """The quantities of each observable as the examples of the gallery have them."""
    file = PICTURES / "quantities.json"
    found: Stored = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def pages() -> dict[str, str]:
    """An index by group, and a page for each."""
    known, definitions, quantities = list(contracts().values()), json_schema()["$defs"], stored()
    parts = [INTRODUCTION]
    for group in GROUPS:
        members = [one for one in known if one.group == group]
        links = (
            (f"[`{one.name}`]({one.name}.md)", prose(one.title), "experiment" if _is_experiment(one) else "")
            for one in members
        )
        parts.append(f"## {group.capitalize()}\n\n{table(['', '', ''], links)}\n" if members else "")
    parts += ["## Sections that their parameters share\n\n", *shared_sections(definitions)]
    parts.append(toctree((one.name for one in known), hidden=True))
    found = {"observables/index": "".join(parts)}
    for one in known:
        found[f"observables/{one.name}"] = _page(one, definitions, quantities.get(one.name, {}))
    return found


def _is_experiment(contract: Contract) -> bool:
    return contract.function.__module__.startswith("bdg.experiments")


def _page(
    contract: Contract, definitions: dict[str, Schema], quantities: dict[str, dict[str, str | list[str]]]
) -> str:
    schema = definitions.get(contract.section.__name__, {})
    keys = rows(schema)
    parameters = f"## Parameters in a configuration\n\n{keys}\n" if keys else "It has no parameters.\n\n"
    lines = (
        (
            code(name),
            prose(str(one["long_name"])),
            code(", ".join(one["dims"])) if one["dims"] else "a number",
            _units(one),
        )
        for name, one in sorted(quantities.items())
    )
    function = f"{contract.function.__module__}.{contract.name}"
    what = table(["quantity", "", "axes", "unit"], lines)
    return (
        f"# {contract.name}\n\n{prose(contract.title)}\n\n"
        f"```yaml\n{_in_a_file(contract)}\n```\n\n"
        f"{parameters}"
        + (f"## What it stores\n\n{what}\n" if what else "")
        + f"## Definition\n\n```{{eval-rst}}\n.. autofunction:: {function}\n```\n"
    )


def _in_a_file(contract: Contract) -> str:
    key = f"{contract.name}: {contract.example or '{}'}"
    return key if contract.has_own_section else f"observables:\n  {key}"


def _units(one: dict[str, str | list[str]]) -> str:
    return "" if one["units"] == "1" else code(str(one["units"]))
