"""The primitive of experiments: neighbours, ends of branches, what is kept, independent points."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import bdg
from bdg.errors import NumericalError
from bdg.experiments import Branch, Change, Line, Temperature, branch, curves, follow
from bdg.experiments import loop as loops_module
from bdg.observables import Quantity
from bdg.observables.loops import Loops, Points, Watch

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Walker:
    """What is followed: it remembers where it came from."""

    loops: Loops
    fields: tuple = ()
    at: float = 0.0
    solver: object = field(default_factory=SimpleNamespace, compare=False)

    @property
    def fingerprint(self):
        return f"{self.at} {self.fields}"


@dataclass(frozen=True)
class Step(Change):
    symbol, unit = "x", "a"

    def origin(self, first):
        return first.at

    def start(self, first, fields, step):
        return replace(first, fields=(*fields, self.value), at=self.value)


def walker(points=None, said=None):
    watch = Watch(points or Points(is_kept=False), say=(said if said is not None else []).append)
    return Walker(Loops(watch=watch))


def missing(*places):
    def converge(walker):
        if walker.at in places:
            raise NumericalError("nothing is here")
        return walker

    return converge


def steps(*values):
    return [Step(value) for value in values]


def here(walker):
    return {"at": walker.at}


def scaled(walker, by):
    return {"at": by * walker.at}


def test_each_point_starts_from_the_nearest_known_one_on_its_way_from_the_first():
    way = Branch(walker(), missing())
    assert [point.state.fields for point in way.along(steps(1, 2, 4))] == [(1,), (1, 2), (1, 2, 4)]
    assert way.at(Step(3)).state.fields == (1, 2, 3)
    assert way.at(Step(-1)).state.fields == (-1,)  # on the other side nothing is known
    assert way.at(Step(9)).state.fields == (1, 2, 4, 9)


def test_a_point_may_start_elsewhere_and_is_then_none_of_the_branch():
    way = Branch(walker(), missing())
    list(way.along(steps(1, 2)))
    assert way.at(Step(1), near=2).state.fields == (1, 2, 1)
    assert way.at(Step(1.5)).state.fields == (1, 1.5)


def test_after_a_point_without_a_state_the_last_there_was_is_the_neighbour():
    said = []
    points = list(Branch(walker(said=said), missing(2)).along(steps(1, 2, 3)))
    assert [point.why for point in points] == ["", "nothing is here", ""]
    assert points[2].state.fields == (1, 3)
    assert said == ["no state at x = 2 a: nothing is here"]
    with pytest.raises(NumericalError, match=r"^no state at x = 2 a: nothing is here; take smaller steps"):
        points[1].required()


def test_after_two_in_a_row_no_further_one_is_tried():
    tried = []

    def converge(walker):
        tried.append(walker.at)
        return missing(2, 3, 5)(walker)

    points = list(Branch(walker(), converge, here).along(steps(1, 2, 3, 4, 5)))
    assert tried == [1, 2, 3]
    axis = Quantity(np.arange(1.0, 6.0), ("x",), "a", "x")
    found = curves(points, axis, {"place": Line("at", "a", "place")})["place"]
    np.testing.assert_array_equal(found.values, [1, *[np.nan] * 4])
    text = "at x = 2 a: nothing is here; at x = 3 a: nothing is here; the 2 beyond not tried"
    assert found.attributes == {"no_state": text, "warning": f"no state {text}"}
    with pytest.raises(NumericalError, match="no state at x = 2 a"):
        curves(points[1:], axis, {})


def test_numbers_that_are_not_those_of_the_branch_end_it():
    def lost(numbers):
        return "it left" if numbers["at"] > 1 else ""

    points = list(Branch(walker(), missing(), here, lost=lost).along(steps(1, 2, 0.5)))
    assert [point.why for point in points] == ["", "it left", ""]
    assert points[1]["at"] != points[1]["at"]  # NaN


@pytest.mark.parametrize(
    ("measure", "is_kept"), [(here, True), (partial(scaled, by=2), True), (lambda w: {"at": w.at}, False)]
)
def test_numbers_are_kept_by_the_function_that_measures_them(measure, is_kept):
    known = Points()
    list(Branch(walker(known), missing(), measure).along(steps(1)))
    assert bool(known.known) == is_kept
    others = Points(known.known)
    list(Branch(walker(others), missing(), partial(scaled, by=3)).along(steps(1)))
    assert len(others.known) == 1 + is_kept


def test_numbers_of_what_reads_variables_of_another_function_are_not_kept():
    by, known = 2, Points()
    points = list(Branch(walker(known), missing(), lambda walker: {"at": by * walker.at}).along(steps(1)))
    assert points[0]["at"] == 2
    assert not known.known


def test_independent_points_all_start_from_the_first_and_none_ends_the_others():
    way = Branch(walker(), missing(2, 3), is_independent=True)
    points = list(way.along(steps(1, 2, 3, 4)))
    assert [bool(point.why) for point in points] == [False, True, True, False]
    assert points[3].state.fields == (4,)


@pytest.fixture(scope="module")
def state():
    model = bdg.build_model(bdg.build_sample("chain", 6, "periodic"), attraction=2.5, temperature=0.1)
    return bdg.solve(model, observables=[]).state()


def size(state):
    return {"delta": state.fields.moduli.mean()}


def scaled_size(state, by):
    return {"delta": by * state.fields.moduli.mean()}


def test_independent_points_are_known_by_their_numbers_alone_also_on_an_executor(state, monkeypatch):
    made, run = [], loops_module.self_consistency

    def noted(*given, **named):
        made.append(1)
        return run(*given, **named)

    monkeypatch.setattr(loops_module, "self_consistency", noted)
    changes = [Temperature(t) for t in (0.12, 0.14, 0.14, 0.16)]
    alone = [point["delta"] for point in branch(state, size, is_independent=True).along(changes)]
    known = Points()
    list(branch(state, size, watch=Watch(known), is_independent=True).along(changes[:2]))
    assert len(known.known) == 2  # the fields are dropped
    made.clear()
    with ThreadPoolExecutor(2) as executor:
        way = branch(state, size, watch=Watch(known), executor=executor, is_independent=True)
        assert [point["delta"] for point in way.along(changes)] == alone
        assert len(made) == 1
        other = branch(way.first, partial(scaled_size, by=2), is_independent=True)
        assert [point["delta"] for point in other.along(changes)] == [2 * delta for delta in alone]


def test_the_options_of_the_call_are_those_of_the_loops(state):
    (point,) = follow(state, [Temperature(0.2)], scf=bdg.ScfOptions(max_iterations=2))
    assert point.no_state.startswith("T = 0.2 t: not converged after 2 iterations, residual")


def test_a_loop_that_is_told_to_stop_ends_the_experiment(state):
    with pytest.raises(bdg.errors.RunInterruptedError):
        list(follow(state, [Temperature(0.2)], watch=Watch(stop=lambda: True)))


def test_tolerances_for_differences_are_a_hundredth_but_never_looser_nor_out_of_reach():
    tight = {1e-4: 1e-6, 1e-8: 1e-10, 1e-10: 1e-11, 1e-11: 1e-11, 1e-12: 1e-12}
    for tolerance, expected in tight.items():
        loops = Loops(bdg.ScfOptions(tolerance)).for_differences
        assert loops.scf.tolerance == pytest.approx(expected)
        assert not loops.options.leave_saddles


def test_observables_run_no_loop():
    files = list((ROOT / "bdg/observables").rglob("*.py"))
    assert len(files) > 30
    assert [file for file in files if "self_consistency" in file.read_text(encoding="utf-8")] == []
