"""What docs/theory.md and docs/macroscopic.md name is there."""

import importlib
import re
from functools import reduce
from pathlib import Path

import pytest

import bdg

ROOT = Path(__file__).parents[2]
ROOMS = {"theory": ("bdg.theory.uniform",), "macroscopic": ("bdg.theory.macroscopic", "bdg")}
ROOMS["macroscopic"] += tuple(f"bdg.theory.macroscopic.{m}" for m in ("london", "wave", "ginzburg_landau"))
NAME = re.compile(r"[A-Za-z_][\w.]*")


def cells(name):
    """The cells of all tables that name functions: the second one of a row, or each."""
    for line in (ROOT / f"docs/{name}.md").read_text(encoding="utf-8").splitlines():
        row = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if row and not set(line) <= set("|- "):
            yield from row[1:2] if name == "theory" else row


def found(path):
    """The object of a dotted path, or None."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        try:
            return reduce(getattr, parts[length:], module)
        except AttributeError:
            return None
    return None


@pytest.mark.parametrize("name", ROOMS)
def test_functions_in_the_tables_exist(name):
    """A name without its module is of the module, or the class, of the name before it."""
    missing, count = [], 0
    for cell in cells(name):
        before: tuple[str, ...] = ()
        for quoted in re.findall(r"`([^`]+)`", cell):
            text = re.sub(r"\(.*\)", "", quoted)
            if not NAME.fullmatch(text) or text.startswith(("test_", "Test")):
                continue  # a command, a file, a test
            count += 1
            paths = [f"{room}.{text}" for room in (*before, *ROOMS[name])]
            path = next((path for path in paths if found(path) is not None), None)
            if path is None:
                missing.append(text)
            else:
                before = (path, path.rsplit(".", 1)[0])
    assert not missing
    assert count > 40


def test_files_of_tests_in_the_tables_exist():
    text = (ROOT / "docs/theory.md").read_text(encoding="utf-8")
    named = set(re.findall(r"test_\w+\.py", text))
    assert len(named) > 8
    assert named <= {path.name for path in (ROOT / "tests").rglob("test_*.py")}


def test_the_page_on_observables_shows_what_is_there_and_runs(monkeypatch):
    from bdg.observables import Quantity, contracts, registry
    from bdg.observables import parameters as types
    from bdg.observables.contract import GROUPS, Contract

    monkeypatch.setattr(registry, "_contracts", contracts())
    page = (ROOT / "docs/observables.md").read_text(encoding="utf-8")
    shown, own = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    file = (ROOT / "bdg/observables/local/kinetic_energy.py").read_text(encoding="utf-8")
    code = re.sub(r'""".*?"""\n', "", file, flags=re.DOTALL)
    assert [line.strip() for line in shown.split("\n") if line] == [
        line.strip() for line in code.split("\n") if line.strip()
    ]
    module = {"__name__": "own"}
    exec(own, module)
    assert contracts()["shares"].section.model_fields["num"].description == "How many shares."
    model = bdg.build_model(bdg.build_sample("chain", 6), attraction=2.0, temperature=0.1)
    result = bdg.solve(model, observables={"shares": {"num": 3}, "density": {}})
    assert isinstance(result["shares"], Quantity)
    assert result["shares"].values.sum() == pytest.approx(result["density"].values.sum())
    with pytest.raises(bdg.errors.InputError, match=r"^shares: the sample does not divide into 4 shares"):
        bdg.solve(model, observables={"shares": {"num": 4}})
    declared, typed = (
        re.findall(r"^\| (.*?) \|", part, re.MULTILINE) for part in page.split("Types of")[-2:]
    )
    names = {name for row in declared for name in re.findall(r"`(\w+)`", row)}
    assert names - {"need"} <= set(Contract.__dataclass_fields__)
    assert {name for row in typed for name in re.findall(r"`(\w+)`", row)} <= set(types.__all__)
    assert all(group in page for group in GROUPS)


def test_the_page_on_interactions_shows_what_is_there():
    from bdg.model import Row, interactions
    from bdg.model.interactions import MEAN_FIELDS, MeanField, Pairing

    page = (ROOT / "docs/interactions.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    file = (Path(interactions.__file__).parent / "onsite_exchange.py").read_text(encoding="utf-8")
    code = re.sub(r'""".*?"""\n', "", file, flags=re.DOTALL).replace(
        "from __future__ import annotations\n", ""
    )
    lines = [[line.strip() for line in text.split("\n") if line.strip()] for text in (shown, code)]
    assert lines[0] == lines[1]
    kinds, contract, rows = (
        [re.findall(r"`(\w+)`", row[0]) for row in rows_of("interactions", heading)]
        for heading in ("# Interactions and fields", "## A kind", "## A field")
    )
    assert [name for row in kinds for name in row] == [type(kind).__name__ for kind in MEAN_FIELDS]
    fields = [row[2].strip("`") for row in rows_of("interactions", "# Interactions and fields")[1:]]
    assert fields == [kind.field for kind in MEAN_FIELDS]
    public = {name for name in {*vars(MeanField), *vars(Pairing)} if not name.startswith("_")}
    assert {name for row in contract for name in row} == (public - {"row", "correlator"}) | {"field"}
    assert {name for row in rows for name in row} == set(Row.__dataclass_fields__)


def test_the_page_on_experiments_shows_what_is_there_and_runs(monkeypatch, capsys):
    from bdg import experiments
    from bdg.observables import registry
    from bdg.observables.loops import Loops

    monkeypatch.setattr(registry, "_contracts", dict(registry._contracts))
    page = (ROOT / "docs/experiments.md").read_text(encoding="utf-8")
    short, whole = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    sample, given = bdg.build_sample("square", (4, 4), "periodic"), {"attraction": 3.0, "temperature": 0.1}
    model = bdg.build_model(sample, chemical_potential=-0.4, **given)
    result = bdg.solve(model, observables=[])
    exec(short, {"state": result.state()})
    lines = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in lines] == ["T = 0.1 t", "T = 0.2 t", "T = 0.3 t"]
    assert float(lines[0][9:]) == pytest.approx(result.fields.moduli.mean(), abs=1e-6)
    assert float(lines[2][9:]) < float(lines[1][9:]) < float(lines[0][9:])
    exec(whole, {"__name__": "own"})
    measured = bdg.measure(result, "gating", stop=0.3, num=3)
    there = bdg.solve(bdg.build_model(sample, chemical_potential=0.3, **given), observables=["density"])
    assert measured["gating_delta"].values[-1] == pytest.approx(there.fields.moduli.mean(), abs=1e-6)
    assert measured["gating_density"].values[-1] == pytest.approx(there["density"].values.mean(), abs=1e-6)
    assert float(measured["half_filled_at"]) == pytest.approx(0, abs=2e-6)  # of a bipartite lattice
    few = bdg.ScfOptions(max_iterations=1)
    state = result.state()
    (point,) = experiments.follow(state, [experiments.Temperature(0.31)], scf=few)
    said = re.search(r"`(no state at T = 0.31 t: .*?residual) [^`]*`", page)[1].replace("200", "1")
    assert f"no state at {point.no_state}".startswith(said)
    assert state.loops.for_differences.scf.tolerance == pytest.approx(0.01 * Loops().scf.tolerance)
    rows = [row[0] for row in rows_of("experiments", "## The whole of one") if row[0] != "of"]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == set(experiments.__all__)


def test_the_page_on_studies_runs(tmp_path, monkeypatch):
    from bdg.studies import study_of

    page = (ROOT / "docs/studies.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    section, *others = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    base = (
        "lattice: {kind: chain, size: [6]}\nhamiltonian: {chemical_potential: 0.1, disorder: {width: 0.5}}\n"
        "interaction: {onsite: 2}\ntemperature: 0.1\nobservables: {spectral_gap: {}}\n"
    )
    (tmp_path / "all.yaml").write_text(base + section)
    assert len(study_of("all.yaml").points) == 2 * 20 * (9 + 10 + 10)  # 0.2 is not below 2/10
    for number, other in enumerate(others):
        (tmp_path / f"{number}.yaml").write_text(base + other)
        assert len(study_of(f"{number}.yaml").points) in (8, 6, 110, 24)
    (tmp_path / "my.yaml").write_text(base)
    namespace: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        monkeypatch.setattr("bdg.studies.sweeping.usable_cores", lambda: 1)
        exec(code.replace('folder="chains"', 'folder="chains", executor="serial"'), namespace)
    assert str(namespace["study"]) == "study chains, 4 points: 4 converged"


def test_the_page_on_clusters_runs_and_its_commands_exist():
    from typer.main import get_command

    from bdg.cli import app

    page = (ROOT / "docs/clusters.md").read_text(encoding="utf-8")
    namespace: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(code, namespace)
    assert namespace["result"].status == "converged"
    for name in ("run", "resume", "measure"):
        options = {text for option in get_command(app).commands[name].params for text in option.opts}
        assert set(re.findall(r"--(?:executor|workers|scheduler)\b", page)) <= options


def test_every_kernel_file_stands_in_the_row_of_its_room():
    rows = [row for row in rows_of("kernels", "## Files") if row[0] != "room"]
    listed = {
        (re.sub(r"[`/]", "", room).replace("top", ""), name)
        for room, names, _ in rows
        for name in re.findall(r"`(\w+)`", names)
    }
    kernels = ROOT / "bdg/kernels"
    files = {
        (str(file.parent.relative_to(kernels)).replace(".", ""), file.stem)
        for file in kernels.rglob("*.py")
        if file.stem != "__init__" or file.parent.name == "compiler"
    }
    assert listed == files


def rows_of(name, heading):
    """The rows of the table below a heading."""
    section = (ROOT / f"docs/{name}.md").read_text(encoding="utf-8").split(heading)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|") and not set(line) <= set("|- ")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def test_constants_and_files_that_the_page_on_kernels_names_exist():
    text = (ROOT / "docs/kernels.md").read_text(encoding="utf-8")
    sources = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "bdg").rglob("*.py"))
    constants = set(re.findall(r"`([A-Z][A-Z_]{3,})`", text))
    assert len(constants) >= 6
    assert {name for name in constants if not re.search(rf"^{name}\b.*=", sources, re.M)} == set()
    tests = set(re.findall(r"`(test_\w+\.py)`", text))
    assert len(tests) >= 5
    assert {name for name in tests if not list((ROOT / "tests").rglob(name))} == set()


def test_the_keys_on_the_page_on_stm_are_those_of_a_configuration():
    from bdg.config import parse_config

    page = (ROOT / "docs/stm.md").read_text(encoding="utf-8")
    for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL):
        config = "lattice: {kind: square, size: [4, 4]}\nhamiltonian: {chemical_potential: 0}\n"
        parse_config(f"units: {{energy: 2 meV}}\n{config}{block}", "stm.yaml")


def test_the_page_on_stm_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/stm.md").read_text(encoding="utf-8")
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, {"__name__": "page"})
    assert "delta = " in capsys.readouterr().out
    assert {"grid.3ds", "density.gsf", "both.png", "maps.png"} <= {path.name for path in tmp_path.iterdir()}


def test_the_page_on_critical_temperatures_shows_what_is_there_and_runs(capsys):
    from bdg.config import parse_config
    from bdg.observables.registry import contracts

    page = (ROOT / "docs/critical_temperature.md").read_text(encoding="utf-8")
    for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL):
        config = "lattice: {kind: square, size: [4, 4]}\ninteraction: {onsite: 2}\n"
        parse_config(f"{config}hamiltonian: {{chemical_potential: 0}}\n{block}", "page.yaml")
    thermodynamics = page[page.index("## Thermodynamics") :]
    assert {"specific_heat", "condensation_energy"} <= set(
        re.findall(r"^\| `(\w+)` \|", thermodynamics, re.M)
    )
    assert set(re.findall(r"^\| `(\w+)` \|", thermodynamics, re.M)) <= set(contracts())
    exec("\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL)), {"__name__": "page"})
    told = capsys.readouterr().out
    assert re.search(r"T_c = 0\.\d+ t, s wave", told)
    assert re.search(r"C = [\d.]+ k_B, E_c = 0\.\d+ t", told)


def test_the_page_on_inverses_runs(capsys):
    import inspect

    page = (ROOT / "docs/selected_inverse.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    assert capsys.readouterr().out
    assert min(each.min() for each in names["densities"]) > 0
    assert names["far"].entries[0, 1] == pytest.approx(names["found"].entries[0, 1], rel=1e-9)
    told = [row[0].strip("`") for row in rows_of("selected_inverse", "# Entries")[1:7]]
    assert told == list(inspect.signature(bdg.selected_inverse).parameters)
