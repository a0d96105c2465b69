"""One of a thing is not several, wherever a person reads of it; a type of arrays has one name."""

import re
from pathlib import Path

import numpy as np

import bdg
from bdg.ground_state.ranking import told
from bdg.store import summary
from bdg.words import counted
from tests.store.made_up import result


def test_one_is_singular():
    assert [counted(n, "site") for n in (0, 1, 2)] == ["0 sites", "1 site", "2 sites"]


def test_one_iteration_of_one_site(tmp_path):
    one = result(bdg.build_sample("chain", 1), n_iterations=1)
    bdg.save(one, tmp_path / "one.h5")
    said = summary(tmp_path / "one.h5")
    assert "converged after 1 iteration\n" in said
    assert "1 site, 0 bonds\n" in said
    assert "converged after 1 iteration, residual" in repr(one)
    energy = bdg.Quantity(np.array(-1.0), (), "t", "grand potential")
    candidate = bdg.ground_state.Candidate("uniform", "converged", energy, one.fields, one.history)
    assert told(candidate) == "uniform: converged after 1 iteration, grand potential -1 t"


def test_types_of_arrays_have_one_home():
    """:mod:`bdg.arrays`; kernels, which know nothing of the package, name theirs themselves."""
    root = Path(bdg.__file__).parent
    alias = re.compile(r"^([A-Z]\w*)(?:: TypeAlias)? = NDArray\[", re.MULTILINE)
    found = {
        str(path.relative_to(root)): names
        for path in sorted(root.rglob("*.py"))
        if path.name != "arrays.py" and "kernels" not in path.parts
        if (names := alias.findall(path.read_text("utf-8")))
    }
    assert found == {}
    assert {"Floats", "Numbers", "Complexes", "Indices"} <= {
        *alias.findall((root / "arrays.py").read_text("utf-8"))
    }
