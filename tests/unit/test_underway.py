"""What a checkpoint holds, as a result: the fields that the next iteration starts from."""

import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.simulation.checkpointing import checkpoint_path
from bdg.simulation.underway import result_so_far

CASES = {
    "real": (
        "hamiltonian: {chemical_potential: -0.5, disorder: {width: 1.0, seed: 1}}\ninteraction: {onsite: 2.5}"
    ),
    "hartree at a filling": (
        "hamiltonian: {filling: 0.8, disorder: {width: 1.0, seed: 1}}\n"
        "interaction: {onsite: 2.5, fields: [pairing, hartree]}"
    ),
    "vortices": (
        "hamiltonian: {chemical_potential: -0.5}\ninteraction: {onsite: 2.5}\n"
        "field: {vortex_lattice: {vortices: 2, geometry: square}}"
    ),
    "a twist that is a gauge": (
        "hamiltonian: {chemical_potential: -0.5, disorder: {width: 1.0, seed: 1}}\n"
        "interaction: {onsite: 2.5}\nfield: {uniform: 0.1}"
    ),
    "pairs on bonds": (
        "hamiltonian: {chemical_potential: -0.5, impurities: [{site: [2, 2], potential: 4.0}]}\n"
        "interaction: {bonds: [{shell: 1, value: 1.5}]}"
    ),
    "several starts": (
        "hamiltonian: {chemical_potential: -0.5, disorder: {width: 1.0, seed: 1}}\ninteraction: {onsite: 2.5}"
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_fields_are_those_of_the_next_iteration(tmp_path, case):
    """A run that ends one iteration later leaves the fields that this iteration started from."""
    ends = "[open, periodic]" if case == "a twist that is a gauge" else "periodic"
    size = "[8, 4]" if case == "vortices" else "[6, 5]"
    start = "\n  initial: [uniform, random]" if case == "several starts" else ""
    text = (
        f"title: {case}\nlattice: {{kind: square, size: {size}, boundary: {ends}}}\n{CASES[case]}\n"
        f"temperature: 0.05\nobservables: {{}}\nscf:\n  max_iterations: 3\n  tolerance: 1e-13{start}\n"
        f"output: {tmp_path / 'part.h5'}\n"
    )
    (tmp_path / "part.yaml").write_text(text.replace("[open, periodic]", "open"), encoding="utf-8")
    written = bdg.run_file(tmp_path / "part.yaml")
    so_far = result_so_far(tmp_path / "part.h5")
    if case == "several starts":  # all have ended: the last one, not the best
        written = next(one for one in written.starts if one.name == "random")
    else:
        later = ("scf.max_iterations=4", f"output={tmp_path / 'later.h5'}")
        written = bdg.run_file(tmp_path / "part.yaml", later)
        assert written.status == "not_converged"
        assert len(written.history) == 4
    assert so_far.status == "stopped"
    assert len(so_far.history) == 3
    assert [one.residual for one in so_far.history] == [one.residual for one in written.history][:3]
    size = np.abs(written.fields.delta).max() if case != "pairs on bonds" else 1.0
    assert size > 0.01
    for row, values in so_far.fields.present():
        assert np.abs(values - written.fields[row.name]).max() <= 1e-12 * size, row.name
    assert so_far.title == case


def test_nothing_yet_is_said(tmp_path):
    with pytest.raises(InputError, match="no checkpoint"):
        result_so_far(tmp_path / "none.h5")
    assert checkpoint_path(tmp_path / "none.h5").name == "none.h5.checkpoint"
