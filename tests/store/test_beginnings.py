"""A result that begins with the bytes of another one's sample is the result it would be without."""

from __future__ import annotations

from dataclasses import replace

import h5py
import numpy as np
import pytest

from bdg.result import Units
from bdg.store import load, save
from tests.store.made_up import differences, result, samples


def contents(path):
    """Everything in a file, by its place; what refers to places in the file by where that leads."""
    found = {}

    def look(name, member):
        for key, value in member.attrs.items():
            if key == "DIMENSION_LIST":
                value = [[member.file[one].name for one in axis] for axis in value]
            if key == "REFERENCE_LIST":
                value = sorted((member.file[one[0]].name, int(one[1])) for one in value)
            found[f"{name}@{key}"] = np.asarray(value).tolist()
        if isinstance(member, h5py.Dataset):
            found[name] = member.dtype.str, member.shape, np.asarray(member[()]).tolist()

    with h5py.File(path) as file:
        file.visititems(look)
        found["@"] = {key: np.asarray(value).tolist() for key, value in file.attrs.items()}
    return found


@pytest.mark.parametrize("lattice", samples())
def test_the_first_the_second_and_the_third_result_of_a_sample_hold_the_same(tmp_path, lattice):
    made = result(samples()[lattice])
    for name in "abc":
        save(made, tmp_path / f"{name}.h5")
    first, second, third = (contents(tmp_path / f"{name}.h5") for name in "abc")
    assert first == second == third
    assert differences(made, load(tmp_path / "c.h5")) == []


def test_other_samples_and_units_have_beginnings_of_their_own(tmp_path):
    chain, square = (result(samples()[name], units=False) for name in ("chain", "square"))
    in_kelvin = replace(chain, units=Units(energy=1.6e-22, length=4e-10))
    for number, made in enumerate([chain, chain, square, square, chain, in_kelvin, in_kelvin, chain]):
        save(made, tmp_path / f"{number}.h5")
        assert differences(made, load(tmp_path / f"{number}.h5")) == []
        has_si = contents(tmp_path / f"{number}.h5").get("sample/positions@si_units") is not None
        assert has_si == (made is in_kelvin)
