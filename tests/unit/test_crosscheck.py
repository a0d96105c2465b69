"""What two solvers found is compared even where it is no number, or not the same quantities."""

from dataclasses import replace

import numpy as np

import bdg
from bdg.crosscheck import Run, differences


def test_what_is_no_number_for_both_differs_by_nothing_and_for_one_by_everything():
    model = bdg.build_model(bdg.build_sample("chain", 4), fields=(), given_delta=0.3)
    one = bdg.solve(model, observables=["density"])

    def found(**values):
        made = {name: bdg.Quantity(np.array(value), ("n",), "t", name) for name, value in values.items()}
        return replace(one, observables={"made": made})

    first = found(entry=[np.nan, 2.0], gone=[1.0, np.nan], short=[1.0, 2.0], missing=[1.0], near=[1.0])
    other = found(entry=[np.nan, 2.0], gone=[1.0, 3.0], short=[1.0], near=[1.5])
    rows = {row.quantity: row for row in differences([Run("a", first, 0.0), Run("b", other, 0.0)])}
    expected = {"entry": 0.0, "gone": np.inf, "short": np.inf, "missing": np.inf, "near": 0.5, "delta": 0.0}
    assert {name: rows[name].largest for name in expected} == expected
    assert (rows["entry"].scale, rows["gone"].scale) == (2.0, 1.0)
