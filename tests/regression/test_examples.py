"""Every number in the header of a worked example, see :mod:`tests.regression.checks`."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

import pytest

import bdg
from tests.regression.checks import Check, checks, expected, header

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
FAST = 2
"""Seconds that a header says it takes, Python's start included; others are slow."""


def seconds(config: Path) -> float:
    """How long a header says it takes."""
    takes = next(line for line in header(config) if line.startswith("# Takes: "))
    found = re.fullmatch(r"# Takes: about (\d+) (s|minutes)\b.*", takes)
    assert found, takes
    return float(found[1]) * (60 if found[2] == "minutes" else 1)


def runs():
    """Each run that checks are of: the file as it stands, then those with settings."""
    for config in CONFIGS:
        ordered = sorted(checks(config), key=lambda check: check.settings)
        for settings, group in groupby(ordered, key=lambda check: check.settings):
            is_slow = seconds(config) > FAST or settings
            marks = [pytest.mark.slow] if is_slow else []
            name = " ".join([config.stem, *(["with", *settings] if settings else [])])
            yield pytest.param(config, list(settings), list(group), id=name, marks=marks)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.stem)
def test_the_text_has_every_number_that_is_checked(config):
    mine = checks(config)
    assert any(not check.settings for check in mine)
    text = expected(config)
    assert [str(check) for check in mine if not check.stands_in(text)] == []


@pytest.mark.parametrize(("config", "settings", "mine"), list(runs()))
def test_the_run_has_the_numbers_of_the_text(config, settings, mine, tmp_path):
    result = bdg.run_file(config, [*settings, f"output={tmp_path / 'result.h5'}"])
    assert (result.status, result.failed) == ("converged", ())
    assert [failure for check in mine if (failure := check.failure(result))] == []


@pytest.mark.parametrize(
    "line",
    [
        "# Check: mu + 1 = 2.50 t",
        "# Check: mu + 1 = 2.5 ± 0.01 e²/h",
        "# Check: -mu = −1.50",
        "# Check: at(density, 1)*100 = 150 %",
        "# Check: density[1] = 1.50e0",
        "# Check: where(dos)[1] = 0.5 t",
        "# Check with 'scf.initial={delta: 0.1*sign(x - 2)}' temperature=0.1: mu = 1.5",
    ],
)
def test_a_line_is_read_and_a_number_that_is_off_is_found(line):
    sample = bdg.build_sample("chain", 3)
    model = bdg.build_model(sample, chemical_potential=1.5, temperature=0.1)
    spectrum = {"energies": [0.0, 0.5], "broadening": 0.1}
    result = bdg.solve(model, observables={"density": {}, "dos": spectrum})
    check = Check.read(line)
    if "density" not in line:
        assert check.failure(result) == ""
    unit = 10.0 ** check.value.as_tuple().exponent
    assert check.tolerance == pytest.approx(0.01 if "±" in line else 0.6 * unit)
    off = Check(check.settings, f"({check.expression}) + {1.1 * check.tolerance}", check.value, check.margin)
    assert "not " in off.failure(result)
    assert check.settings == (
        ("scf.initial={delta: 0.1*sign(x - 2)}", "temperature=0.1") if "with" in line else ()
    )


@pytest.mark.parametrize(
    "line",
    ["# Check: mu", "# Check: mu = t", "# Check: mu == 0.5", "# Check mu = 0.5", "# Check: mu = 0.5 ± t"],
)
def test_what_is_no_check_is_refused(line):
    with pytest.raises(ValueError, match="not of the form"):
        Check.read(line)


def test_a_number_stands_in_a_text_in_digits_or_as_a_word():
    text = "Δ = 0.0260 t, two channels, at −1.5e-3, at least 7.1463(3), the current vanishes to 1e-9"
    for value in ("0.026", "0.0260", "2", "-1.5e-3", "−0.0015", "7.1463", "0 ± 1e-9"):
        assert Check.read(f"# Check: mu = {value}").stands_in(text)
    for value in ("0.02", "4", "1.5e-3", "7.146", "0 ± 1e-8", "463"):
        assert not Check.read(f"# Check: mu = {value}").stands_in(text)


def test_a_header_is_read_to_its_end_with_lines_that_go_on(tmp_path):
    config = tmp_path / "example.yaml"
    config.write_text(
        "# A title.\n#\n# Expect: Δ = 0.5 t and, at\n# a temperature of 0.1, 0.4 t.\n# Check: delta = 0.5\n"
        "# Check with temperature=0.1:\n#    delta = 0.4 t\nlattice:\n  kind: chain  # Check: delta = 0\n"
    )
    assert expected(config) == "Δ = 0.5 t and, at a temperature of 0.1, 0.4 t."
    plain, warm = checks(config)
    assert (plain.settings, plain.expression) == ((), "delta")
    assert (warm.settings, warm.expression, float(warm.value)) == (("temperature=0.1",), "delta", 0.4)
