"""The Python API: terms, starts and observables of a user's own; what results say of themselves."""

import numpy as np
import pytest

import bdg
from bdg.errors import InputError

SAMPLE = bdg.build_sample("square", [4, 3])
X, Y = SAMPLE.positions.T


class TestTerms:
    def test_a_subclass_and_a_function_add_what_they_say(self):
        class Mine(bdg.Term):
            def energies(self, sample):
                return "0.1*x"

            def zeeman(self, sample):
                return lambda x, y: 0.2 * y

            def hopping(self, sample):
                return np.where(sample.bonds.displacement[:, 0] != 0, 0.5, 0.0)

        def staggered(sample):
            return 0.3 * (-1) ** sample.cells.sum(axis=1)

        given = {"onsite": 1.0, "hopping": 2.0, "zeeman": "0.5"}
        model = bdg.build_model(SAMPLE, terms=[Mine(), staggered, bdg.Impurity([0, 0], 4.0, 0.25)], **given)
        at_origin = (X == 0) & (Y == 0)
        np.testing.assert_allclose(model.onsite, 1 + 0.1 * X + 0.3 * (-1) ** (X + Y) + 4 * at_origin)
        np.testing.assert_allclose(model.zeeman, [0 * X, 0 * X, 0.5 + 0.2 * Y - 0.25 * at_origin])
        np.testing.assert_array_equal(model.hopping, np.where(SAMPLE.bonds.displacement[:, 0] != 0, 2.5, 2.0))

    def test_impurities_and_disorder_are_terms(self):
        impurity, disorder = bdg.Impurity([1, 2], 3.0, 0.5), bdg.Disorder(2.0, seed=5)
        one = bdg.build_model(SAMPLE, impurities=[impurity], disorder=disorder)
        two = bdg.build_model(SAMPLE, terms=[disorder, impurity])
        np.testing.assert_array_equal(one.onsite, two.onsite)
        np.testing.assert_array_equal(one.zeeman, two.zeeman)

    def test_a_dimerised_chain_has_the_gap_of_its_dispersion(self):
        """E² = t1² + t2² + 2 t1 t2 cos k + Δ², lowest at k = π, which a ring of 6 cells has."""
        sample = bdg.build_sample("chain", 12, "periodic")

        class Dimers(bdg.Term):
            def hopping(self, sample):
                return 0.4 * (-1) ** sample.bonds.source

        model = bdg.build_model(sample, terms=[Dimers()], fields=(), given_delta=0.3)
        result = bdg.solve(model, observables="spectral_gap")
        assert float(result["spectral_gap"]) == pytest.approx(np.hypot(1.4 - 0.6, 0.3), abs=1e-10)

    @pytest.mark.parametrize(
        ("term", "words"),
        [
            (lambda sample: np.zeros(5), "term <lambda>: energies has shape .5,., the sample has 12 sites"),
            (lambda sample: 1j, "is complex"),
            (lambda sample: np.nan, "not finite"),
            (lambda sample: "x^2", "write [*][*]"),
            (lambda sample: None, "holds NoneType in place of numbers"),
            (5.0, "is no term"),
            (bdg.Term, "is no term; give an object"),
        ],
    )
    def test_what_is_no_term_is_refused(self, term, words):
        with pytest.raises(InputError, match=words):
            bdg.build_model(SAMPLE, terms=[term])

    @pytest.mark.parametrize(
        ("hopping", "words"), [(np.zeros(3), "17 bonds"), (1j, "real numbers"), (np.inf, "not finite")]
    )
    def test_hoppings_that_do_not_fit_are_refused(self, hopping, words):
        class Bad(bdg.Term):
            def hopping(self, sample):
                return hopping

        with pytest.raises(InputError, match=f"term Bad: hopping .*{words}"):
            bdg.build_model(SAMPLE, terms=[Bad()])


class TestValues:
    def test_text_array_and_function_are_one(self):
        shape = {"onsite": "0.1*x + y", "zeeman": "0.2*y", "attraction": "2 if x > 1 else 0"}
        called = {
            "onsite": lambda x, y: 0.1 * x + y,
            "zeeman": lambda x, y: 0.2 * y,
            "attraction": lambda x, y: np.where(x > 1, 2, 0),
        }
        arrays = {name: function(X, Y) for name, function in called.items()}
        models = [bdg.build_model(SAMPLE, **given) for given in (shape, called, arrays)]
        for other in models[1:]:
            np.testing.assert_allclose(other.onsite, models[0].onsite)
            np.testing.assert_allclose(other.zeeman, models[0].zeeman)
            np.testing.assert_array_equal(other.attraction.strength, models[0].attraction.strength)

    def test_a_given_delta_may_be_a_formula(self):
        model = bdg.build_model(SAMPLE, fields=(), given_delta="0.3*exp(1j*pi*x/2)")
        np.testing.assert_allclose(model.given_delta, 0.3 * np.exp(0.5j * np.pi * X))

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"onsite": "z"}, "not a coordinate"),
            ({"attraction": "1j"}, "attraction is complex"),
            ({"zeeman": 1 + 2j}, "zeeman is complex"),
            ({"onsite": "1/x"}, "not finite"),
            ({"attraction": ["a", "b"]}, "in place of numbers"),
            ({"chemical_potential": "x"}, "chemical_potential 'x' is no number; give"),
            ({"chemical_potential": np.zeros((9, 9))}, "chemical_potential array.* is no number; give"),
            ({"filling": "half"}, "filling 'half' is no number; give"),
            ({"temperature": "0.1"}, "temperature '0.1' is no number; give"),
            ({"temperature": 1j}, "temperature 1j is no number; give"),
            ({"vector_potential": [["x"], ["y"]]}, "holds something in place of real numbers"),
            ({"hopping": "x"}, "hopping 'x' is no number; give"),
            ({"hopping": [[1], [1, 2]]}, "hopping .* is no number; give"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, given, words):
        with pytest.raises(InputError, match=words) as caught:
            bdg.build_model(SAMPLE, **given)
        assert "\n" not in str(caught.value)

    def test_numbers_may_be_those_of_a_result(self):
        gap = bdg.Quantity(np.array(0.25), (), "t", "spectral gap")
        model = bdg.build_model(SAMPLE, chemical_potential=gap, temperature=np.float32(0.5))
        assert (model.chemical_potential, model.temperature) == (0.25, 0.5)


MODEL = bdg.build_model(SAMPLE, attraction=3.0, chemical_potential=-0.3, temperature=0.05)


class TestStarts:
    def test_an_earlier_result_is_where_it_goes_on(self):
        first = bdg.solve(MODEL)
        again = bdg.solve(MODEL, initial=first)
        assert len(again.history) == 1
        np.testing.assert_array_equal(again.fields.delta, first.fields.delta)

    def test_what_the_model_fixes_is_not_the_starts_to_say(self):
        """The start of another μ and with a Hartree field ends where every start of the model ends."""
        other = bdg.build_model(
            SAMPLE, attraction=3.0, filling=0.6, temperature=0.05, fields=("pairing", "hartree")
        )
        moved = bdg.solve(MODEL, initial=bdg.solve(other))
        assert moved.fields.mu == -0.3
        np.testing.assert_allclose(moved.fields.delta, bdg.solve(MODEL).fields.delta, atol=1e-7)

    def test_delta_by_its_values_keeps_its_signs(self):
        """Two islands that no bond joins keep the phases they start with."""
        model = bdg.build_model(
            bdg.build_sample("chain", 7, vacancies=[[3]]), attraction=3.0, temperature=0.05
        )
        for delta in ("0.3 if x < 3 else -0.3", lambda x: np.where(x < 3, 0.3, -0.3)):
            result = bdg.solve(model, initial={"delta": delta})
            assert result.status == "converged"
            left, right = result.fields.delta[:3], result.fields.delta[3:]
            np.testing.assert_allclose(right, -left, atol=1e-7)
            assert left.min() > 0.3

    @pytest.mark.parametrize("initial", [{"phase": 1}, {}, {"delta": "z"}, {"delta": [1, 2]}])
    def test_what_is_no_start_is_refused(self, initial):
        with pytest.raises(InputError):
            bdg.solve(MODEL, initial=initial)


class TestObservables:
    def test_functions_beside_names(self):
        def pair_sum(state):
            return state.fields.delta.sum()

        def twice(state, *, factor=2.0):
            return factor * state.fields.delta

        result = bdg.solve(MODEL, observables=["spectral_gap", pair_sum, twice])
        assert float(result["pair_sum"]) == pytest.approx(result.fields.delta.sum())
        assert result["twice"].dims == ("site",)
        assert result["twice"].long_name == "twice"
        np.testing.assert_array_equal(result["twice"], 2 * result.fields.delta)
        result = bdg.solve(MODEL, observables={twice: {"factor": 3}, "density": {}})
        np.testing.assert_array_equal(result["twice"], 3 * result.fields.delta)

    def test_what_is_returned_is_kept_in_the_file(self, tmp_path):
        def several(state):
            n = state.model.sample.n_sites
            inside = state.model.sample.positions[:, 0] > 1
            own = bdg.Quantity(np.arange(3.0), ("point",), "t", "along a path")
            on_bonds = np.arange(state.model.sample.n_bonds)
            return {
                "by_spin": np.ones((2, n)),
                "on_bonds": on_bonds,
                "map": np.zeros((4, 5, n)),
                "own": own,
                "inside": inside,
                "three": [1.0, 2.0, 3.0],
            }

        result = bdg.solve(MODEL, observables=several)
        bdg.save(result, tmp_path / "r.h5")
        for found in (result, bdg.load(tmp_path / "r.h5")):
            dims = {name: quantity.dims for name, quantity in found.observables["several"].items()}
            assert dims == {
                "by_spin": ("spin", "site"),
                "on_bonds": ("bond",),
                "map": ("axis_0", "axis_1", "site"),
                "own": ("point",),
                "inside": ("site",),
                "three": ("axis_0",),
            }
            bdg.plot.save_figure(bdg.plot.plot(found, "inside"), tmp_path / "inside.png")
            np.testing.assert_array_equal(found["on_bonds"], np.arange(17))

    @pytest.mark.parametrize(
        ("observables", "words"),
        [
            (lambda state: 1, "has none; define it with def"),
            (["density", "density"], "given twice"),
            ([3], "has none"),
        ],
    )
    def test_what_is_no_observable_is_refused(self, observables, words):
        with pytest.raises(InputError, match=words):
            bdg.solve(MODEL, observables=observables)

    def test_a_taken_name_and_no_numbers_are_refused(self):
        def density(state):
            return 1

        def nothing(state):
            pass

        def ragged(state):
            return [[1], [1, 2]]

        for function, words in ((density, "already"), (nothing, "NoneType"), (ragged, "without numbers")):
            with pytest.raises(InputError, match=words):
                bdg.solve(MODEL, observables=function)


def test_several_starts_are_told_of_with_their_energies():
    result = bdg.solve(MODEL, initial=["normal", "uniform", "random"])
    line = next(line for line in str(result).splitlines() if "starts" in line).strip()
    best, *others = result.starts
    above = float(next(entry for entry in others if entry.name == "normal").energy) - float(best.energy)
    assert line.startswith(f"starts, the best first: uniform (grand potential {float(best.energy):.10g} t)")
    assert "random (the same state as uniform)" in line
    assert f"normal (+{above:.3g} t)" in line
    assert above > 0
    assert "starts" not in str(bdg.solve(MODEL))


def test_results_samples_and_quantities_speak_in_a_few_lines():
    result = bdg.solve(MODEL, observables=("spectral_gap", "density"), title="A toy")
    assert repr(SAMPLE) == "square 4 × 3 (open, open), 12 sites, 17 bonds"
    assert repr(MODEL) == f"T = 0.05 t, mu = -0.3 t, U from 3 to 3 t, pairing, on {SAMPLE!r}"
    assert repr(bdg.build_model(SAMPLE, filling=0.8, fields=(), given_delta=0.1)).startswith(
        "T = 0 t, filling 0.8, U from 0 to 0 t, given delta, on square"
    )
    lines = str(result).splitlines()
    assert lines[0].startswith(f"A toy: converged after {len(result.history)} iterations, residual ")
    assert lines[1].strip() == f"{SAMPLE!r}; T = 0.05 t, mu = -0.3 t"
    assert f"spectral_gap = {float(result['spectral_gap']):.6g} t" in lines[3]
    assert lines[4].strip() == "density (site), spin_density (spin × site)"
    assert repr(result["density"]) == "electrons per site: 12 site"
    assert repr(result["spectral_gap"]).endswith(" t")
