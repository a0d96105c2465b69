"""An observable that fails costs neither the fields nor the other observables."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.linalg import ArpackError

import bdg
from bdg import cli
from bdg.errors import InputError, NumericalError, ResourceError, RunStoppedError
from bdg.observables import registry
from bdg.simulation.hooks import Hooks

TOY = (
    "lattice: {kind: chain, size: [6]}\nhamiltonian: {chemical_potential: 0}\ninteraction: {onsite: 3}\n"
    "observables: {order_parameter: {}, density: {}, spectral_gap: {}}\noutput: toy.h5\n"
)

FAILURES = {
    "numbers": (NumericalError("levels lost"), "levels lost", 4),
    "ARPACK": (ArpackError(-9999), "ArpackError", 4),
    "LAPACK": (np.linalg.LinAlgError("singular matrix"), "singular matrix", 4),
    "SuperLU": (RuntimeError("Factor is exactly singular"), "exactly singular", 4),
    "a fault": (IndexError("out of bounds"), "internal error, IndexError: out of bounds", 4),
    "memory": (MemoryError(), "out of memory", 5),
    "resources": (ResourceError("a factorisation needs 3 TiB"), "3 TiB", 5),
    "parameters": (InputError("no such site"), "toy.yaml:4:45: observables.density: no such site", 2),
}


@pytest.fixture
def toy(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("toy.yaml").write_text(TOY)
    return tmp_path


def breaks(monkeypatch, error, name="density"):
    def broken(state):
        raise error

    contract = dataclasses.replace(registry.contracts()[name], function=broken)
    monkeypatch.setitem(registry._contracts, name, contract)


@pytest.mark.parametrize("kind", FAILURES)
def test_a_failed_observable_is_named_in_the_file_that_has_all_others(toy, monkeypatch, capsys, kind):
    error, words, code = FAILURES[kind]
    breaks(monkeypatch, error)
    monkeypatch.setattr("sys.argv", ["bdg", "run", "toy.yaml"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert last.startswith("bdg: density failed: ")
    assert words in last
    assert last.endswith("all else is in toy.h5, to measure again: bdg resume toy.h5.checkpoint")
    result = bdg.load("toy.h5")
    assert result.status == "converged"
    assert set(result.observables) == {"order_parameter", "spectral_gap"}
    (line,) = result.warnings
    assert line.startswith("density failed: ")
    assert words in line
    with pytest.raises(InputError, match="density failed"):
        result["density"]


def test_what_failed_is_measured_again_from_the_checkpoint(toy, monkeypatch):
    with monkeypatch.context() as patch:
        breaks(patch, MemoryError())
        bdg.run_file("toy.yaml")
    result = bdg.resume_file("toy.h5")
    path = result.path
    assert (result.status, path, result.warnings) == ("converged", Path("toy.h5"), ())
    assert bdg.load(path)["density"].values.shape == (6,)
    assert sorted(file.name for file in toy.iterdir()) == ["toy.h5", "toy.yaml"]


def test_all_that_fail_are_named(toy, monkeypatch):
    breaks(monkeypatch, MemoryError())
    breaks(monkeypatch, NumericalError("levels lost"), "order_parameter")
    result = bdg.run_file("toy.yaml")
    assert set(result.observables) == {"spectral_gap"}
    assert list(result.failures) == ["density", "order_parameter"]
    assert len(result.warnings) == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RunStoppedError("stopped at once", 2)])
def test_who_stops_a_measurement_keeps_the_fields_in_a_checkpoint(toy, monkeypatch, error):
    with monkeypatch.context() as patch:
        breaks(patch, error)
        with pytest.raises(type(error)):
            bdg.run_file("toy.yaml")
    assert sorted(file.name for file in toy.iterdir()) == ["toy.h5.checkpoint", "toy.yaml"]
    assert bdg.resume_file("toy.h5.checkpoint").status == "converged"


def test_a_stop_between_observables_stops_after_one_that_failed_too(toy, monkeypatch):
    measuring = []
    breaks(monkeypatch, MemoryError(), "order_parameter")
    hooks = Hooks(stop=lambda: bool(measuring), measuring=lambda: measuring.append(True))
    result = bdg.run_file("toy.yaml", hooks=hooks)
    assert result.status == "stopped"
    assert not Path("toy.h5").exists()


def test_from_python_numbers_that_fail_are_kept_and_mistakes_are_raised(monkeypatch):
    model = bdg.build_model(bdg.build_sample("chain", (6,), "open"), fields=())
    for error, words in ((NumericalError("levels lost"), "levels lost"), (MemoryError(), "out of memory")):
        breaks(monkeypatch, error)
        result = bdg.solve(model, observables=["density", "order_parameter"])
        assert set(result.observables) == {"order_parameter"}
        assert words in result.warnings[0]
    breaks(monkeypatch, InputError("no such site"))
    with pytest.raises(InputError, match="no such site"):
        bdg.solve(model, observables=["density"])

    def own(state):
        return 1 / 0

    with pytest.raises(ZeroDivisionError):
        bdg.solve(model, observables=[own])
