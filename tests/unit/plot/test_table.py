"""Which figure a quantity gets, and a user's own figure for a user's own axes."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.observables import Quantity
from bdg.plot import add_figure, plot, table
from tests.store.made_up import result
from tests.support.figures import texts


@pytest.fixture
def rows(monkeypatch):
    rows = list(table._ROWS)
    monkeypatch.setattr(table, "_ROWS", rows)
    return rows


def with_rings():
    rings = Quantity(np.arange(3.0), ("ring",), "1", "electrons in a ring")
    made_up = result()
    return replace(made_up, observables=made_up.observables | {"rings": {"rings": rings}})


def test_axes_of_ones_own_get_lines_until_they_have_a_figure(rows):
    from matplotlib.figure import Figure

    assert "Electrons in a ring" in texts(plot(with_rings(), "rings"))

    def draw(result, name):
        figure = Figure()
        figure.subplots().set_title(f"{name}: {result.quantities()[name].values.sum():g}")
        return figure

    add_figure(draw, dims=("ring",))
    assert "rings: 3" in texts(plot(with_rings(), "rings"))
    assert "Electrons in a ring" not in texts(plot(with_rings(), "rings"))


def test_a_row_asks_for_axes_and_names():
    row = table.Row(lambda result, name: None, ("site",), ("map_*",), only=True)
    on_sites = Quantity(np.zeros(2), ("site",), "1", "")
    assert row.suits("map_1", on_sites)
    assert not row.suits("other", on_sites)
    assert not row.suits("map_1", Quantity(np.zeros((2, 2)), ("spin", "site"), "1", ""))
    assert not row.suits("map_1", Quantity(np.zeros(2), ("bond",), "1", ""))
