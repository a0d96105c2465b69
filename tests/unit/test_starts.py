"""Several starts: ranked, distinguished, kept, interrupted and resumed; and taken from other samples."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import bdg
from bdg.errors import ConfigError, FileRefusedError, InputError
from bdg.ground_state import Candidate, ranked
from bdg.lattice import UnitCell, build_sample, regions
from bdg.lattice.transfer import interpolated
from bdg.model import Fields, build_model
from bdg.model.pairs import SINGLET, matrices
from bdg.observables.quantity import scalar
from bdg.scf.starts.initial import initial_fields
from bdg.scf.starts.transfer import transferred
from bdg.simulation.hooks import Hooks
from bdg.simulation.starts import starts_from
from bdg.solvers.diagonalization import Diagonalization
from bdg.store import load_checkpoint, save_checkpoint, summary
from tests.store.made_up import differences

SOLVER = Diagonalization(threads=1)
RUN = """
lattice: {kind: square, size: [6, 5]}
hamiltonian: {chemical_potential: -0.5, disorder: {width: 1.0}}
interaction: {onsite: 3.0}
temperature: 0.1
scf: {initial: [normal, vortex, uniform, random, random]}
observables: {order_parameter: {}, grand_potential: {}}
output: out/run.h5
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(RUN)
    return tmp_path


def small(size=(5, 4), **given):
    settings = {"attraction": 3.0, "chemical_potential": -0.5, "temperature": 0.1}
    return build_model(build_sample("square", size), **(settings | given))


def made(name, energy, delta, status="converged", error=1e-9, mu=-0.5):
    fields = Fields(np.asarray(delta), np.zeros((2, len(delta))), mu)
    iteration = bdg.scf.Iteration(1, 1e-9, 0.0, 0.0, 0.1, mu)
    return Candidate(name, status, scalar(energy, "t", "grand potential", error), fields, (iteration,))


def names(candidates):
    return [entry.name for entry in candidates]


class TestRanking:
    def test_lowest_energy_first_but_what_did_not_converge_never_wins(self):
        entries = [
            made("broken", float("nan"), [1.0], "broken"),
            made("open", -9.0, [1.0], "not_converged"),
            made("high", -1.0, [1.0]),
            made("low", -2.0, [2.0]),
        ]
        assert names(ranked(entries)) == ["low", "high", "open", "broken"]

    def test_ties_keep_the_order_of_the_list_and_are_compared_up_to_a_phase(self):
        state = np.array([0.3, 0.5 + 0.1j, 0.2j])
        entries = [
            made("turned", -1.0 + 1e-9, state * np.exp(0.7j)),
            made("first", -1.0, state),
            made("mirrored", -1.0, state.conj()),
            made("above", -1.0 + 1e-7, state),
        ]
        found = ranked(entries)
        assert names(found) == ["turned", "first", "mirrored", "above"]
        assert [entry.same_as for entry in found] == ["", "turned", "", ""]

    def test_another_chemical_potential_is_another_state(self):
        found = ranked([made("one", -1.0, [0.3]), made("two", -1.0, [0.3], mu=-0.4)])
        assert [entry.same_as for entry in found] == ["", ""]


def test_draws_of_random_are_different_and_reproducible():
    model = small()
    one, two = starts_from(["random", "random"], model)
    assert (one.name, two.name) == ("random", "random 2")
    fields = [initial_fields(model, "random", 3, draw=start.draw).delta for start in (one, two)]
    assert not np.array_equal(*fields)
    np.testing.assert_array_equal(fields[0], initial_fields(model, "random", 3).delta)


def test_formulas_stand_in_lists_too(folder):
    given = "scf.initial=[{delta: 0.3*sign(x - 2.5)}, uniform, {delta: 0.1}]"
    result = bdg.run_file("run.yaml", [given])
    assert {entry.name for entry in result.starts} == {"delta", "uniform", "delta 2"}
    again = bdg.solve(
        small(), initial=["normal", {"delta": lambda x, y: 0.1 + x}], observables=(), solver=SOLVER
    )
    assert names(again.starts) == ["delta", "normal"]
    Path("run.yaml").write_text(RUN.replace("[normal,", "[normal, {delta: 1/y},"))
    with pytest.raises(ConfigError, match=r"^run.yaml:6:33: scf.initial\[1\].delta: .*not finite"):
        bdg.run_file("run.yaml", ["output=new.h5"])


def test_a_first_magnetisation_keeps_the_spins_apart_and_orders_them(folder):
    """Half-filled with U = −4 it stays; at U = 0.5, which attracts, it dies away; x and y take four dofs."""
    common = ["hamiltonian.disorder=null", "interaction.fields=[pairing, hartree]"]
    common += ["observables={magnetisation: {}}"]
    for number, (onsite, given, size, dofs) in enumerate(
        [
            (-4.0, "staggered", 0.7, 2),
            (-4.0, "'0.3*cos(pi*(x + y))'", 0.7, 2),
            (-4.0, "['0.3*cos(pi*(x + y))', 0, '0.1*(-1)**(x + y)']", 0.7, 4),
            (0.5, "random", 0.0, 2),
        ]
    ):
        settings = [
            f"interaction.onsite={onsite}",
            f"hamiltonian.chemical_potential={-onsite / 2}",
            f"scf.initial={{delta: 0.1, magnetisation: {given}}}",
            f"output={number}.h5",
        ]
        result = bdg.run_file("run.yaml", [*common, *settings])
        assert result.status == "converged"
        moments = np.linalg.norm([result[f"magnetisation_{axis}"].values for axis in "xyz"], axis=0)
        assert abs(moments.mean() - size) < 0.15
        assert (np.ptp(result["magnetisation_x"].values) > 0.5) == (dofs == 4)
        assert (result.fields.exchange is not None) == (dofs == 4)


def test_checkpoints_keep_fields_on_bonds_of_starts_that_have_ended(folder):
    settings = ["interaction={bonds: [{shell: 1, value: 2}], channels: [d_x2_y2], fields: [pairing, fock]}"]
    settings += ["scf.initial=[normal, uniform]", "hamiltonian.disorder=null"]
    iterations = []
    stop = Hooks(
        after_iteration=iterations.append,
        stop=lambda: sum(iteration.iteration == 1 for iteration in iterations) == 2,
    )
    result = bdg.run_file("run.yaml", settings, hooks=stop)
    output = result.path
    assert result.status == "stopped"
    (ended,) = load_checkpoint(f"{output}.checkpoint").finished
    assert ended.candidate.fields.bond_delta.shape == ended.candidate.fields.fock.shape == (49, 2, 2)
    resumed = bdg.resume_file(output)
    assert names(resumed.starts) == ["uniform", "normal"]
    np.testing.assert_array_equal(resumed.starts[1].fields.fock, ended.candidate.fields.fock)


def test_energies_are_those_of_the_observable():
    for density in ({}, {"chemical_potential": None, "filling": 0.8}):
        model = small(fields=("pairing", "hartree"), **density)
        result = bdg.solve(
            model, initial=["normal", "uniform"], observables=("grand_potential",), solver=SOLVER
        )
        best, other = result.starts
        assert names(result.starts) == ["uniform", "normal"]
        name = "free_energy" if density else "grand_potential"
        assert best.energy.long_name == name.replace("_", " ")
        assert float(best.energy.values) == pytest.approx(float(result[name].values), abs=1e-6)
        assert best.energy.values < other.energy.values
        np.testing.assert_array_equal(result.fields.delta, best.fields.delta)
        assert result.history == best.history


def test_the_error_of_an_energy_holds():
    """A loosely converged state is off by no more than it says."""
    model = small((6, 5), chemical_potential=None, filling=0.8, fields=("pairing", "hartree"))

    def energy(tolerance):
        options = bdg.ScfOptions(tolerance)
        return (
            bdg.solve(model, initial=["uniform", "normal"], observables=(), scf=options, solver=SOLVER)
            .starts[0]
            .energy
        )

    exact = energy(1e-12)
    for tolerance in (1e-3, 1e-4, 1e-5):
        rough = energy(tolerance)
        off = abs(float(rough.values) - float(exact.values))
        assert off <= rough.error + exact.error
        assert off > 0


def test_one_start_is_not_ranked():
    assert bdg.solve(small(), observables=(), solver=SOLVER).starts == ()


@pytest.mark.parametrize(
    ("initial", "words"),
    [
        ("vortx", "unknown start 'vortx'; use uniform, random, normal, vortex"),
        ("no.h5", "no.h5: there is no such"),
        ([], "no start"),
    ],
)
def test_wrong_starts_are_refused(initial, words):
    with pytest.raises(InputError, match=words):
        bdg.solve(small(), initial=initial)


def test_a_vortex_needs_two_dimensions():
    model = build_model(build_sample("chain", 4), attraction=2.0)
    with pytest.raises(InputError, match="a vortex needs"):
        bdg.solve(model, initial="vortex")


class TestRun:
    def test_every_start_is_kept_in_the_file(self, folder):
        lines = []
        result = bdg.run_file("run.yaml", ["observables.stability={}"], hooks=Hooks(stage=lines.append))
        path = result.path
        assert "start 2 of 5: vortex" in lines
        assert differences(result, bdg.load(path)) == []
        assert {entry.name for entry in result.starts} == {
            "normal",
            "vortex",
            "uniform",
            "random",
            "random 2",
        }
        assert bool(result["is_minimum"].values)
        told = summary(path)
        assert "starts, ranked by the grand potential in t" in told
        (line,) = (line for line in told.splitlines() if line.startswith("stability/is_minimum"))
        assert line.split()[2] == "yes"
        assert "is_minimum = yes" in repr(result)
        assert told.index("\nuniform ") < told.index("\nnormal ")
        tree = bdg.to_xarray(path)
        assert tree["scf/starts/5"].attrs["name"] == "normal"
        assert float(tree["scf/starts/1"]["energy"]) == float(result.starts[0].energy.values)
        assert not Path("out/run.h5.checkpoint").exists()

    @pytest.mark.parametrize("iteration", [1, 2, 6, 12, 20])
    def test_stopped_anywhere_and_resumed_is_as_if_nothing_had_happened(self, folder, iteration):
        whole = bdg.run_file("run.yaml", ["output=whole.h5"])
        iterations = []
        hooks = Hooks(after_iteration=iterations.append, stop=lambda: len(iterations) >= iteration)
        stopped = bdg.run_file("run.yaml", hooks=hooks)
        assert stopped.status == "stopped"
        again = []
        result = bdg.resume_file("out/run.h5", hooks=Hooks(after_iteration=again.append))
        assert len(iterations) + len(again) == sum(len(entry.history) for entry in whole.starts)
        assert differences(whole.starts, result.starts) == []
        assert differences(whole.observables, result.observables) == []
        assert not Path("out/run.h5.checkpoint").exists()

    def test_stopped_while_measuring_nothing_is_run_again(self, folder):
        stage = []
        hooks = Hooks(stage=stage.append, stop=lambda: stage[-1].startswith("computing"))
        assert bdg.run_file("run.yaml", hooks=hooks).status == "stopped"
        again = []
        result = bdg.resume_file("out/run.h5", hooks=Hooks(after_iteration=again.append))
        assert again == []
        assert len(result.starts) == 5
        assert set(result.observables) == {"order_parameter", "grand_potential"}

    def test_a_crash_in_a_later_start_costs_no_earlier_one(self, folder):
        begun, iterations = [], []

        def crash(iteration):
            iterations.append(iteration)
            if any("uniform" in line for line in begun):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            bdg.run_file("run.yaml", hooks=Hooks(after_iteration=crash, stage=begun.append))
        kept = load_checkpoint("out/run.h5.checkpoint")
        assert [attempt.candidate.name for attempt in kept.finished] == ["normal", "vortex"]
        assert "starts that have ended" in summary("out/run.h5.checkpoint")
        save_checkpoint("again", kept)
        assert differences(kept, load_checkpoint("again")) == []
        result = bdg.resume_file("out/run.h5")
        whole = bdg.run_file("run.yaml", ["output=whole.h5"])
        assert names(result.starts) == names(whole.starts)
        for one, other in zip(result.starts, whole.starts, strict=True):
            assert float(one.energy.values) == pytest.approx(float(other.energy.values), abs=1e-9)

    def test_starts_that_ran_out_of_iterations_go_on(self, folder):
        whole = bdg.run_file("run.yaml", ["output=whole.h5", "scf.initial=[vortex, uniform]"])
        few = ["scf.initial=[vortex, uniform]", "scf.max_iterations=3"]
        short = bdg.run_file("run.yaml", few)
        assert short.status == "not_converged"
        assert len(short.starts) == 2
        with pytest.raises(InputError, match=r"raise scf\.max_iterations"):
            bdg.resume_file("out/run.h5")
        result = bdg.resume_file("out/run.h5", ["scf.max_iterations=200"])
        assert differences(whole.starts, result.starts) == []

    def test_a_converged_start_wins_over_one_that_is_not(self, folder):
        few = ["scf.initial=[uniform, normal]", "scf.max_iterations=3", "observables.stability={}"]
        result = bdg.run_file("run.yaml", few)
        assert names(result.starts) == ["normal", "uniform"]
        assert result.status == "converged"
        assert not bool(result["is_minimum"].values)  # and the measurement tells what it is


class TestRestart:
    @pytest.mark.parametrize("solver", ["diagonalization", "selected_inversion"])
    @pytest.mark.parametrize("more", ["", "hamiltonian={filling: 0.8, disorder: {width: 1.0}}"])
    def test_from_its_own_result_one_turn_is_enough(self, folder, solver, more):
        given = [
            "interaction.fields=[pairing, hartree]",
            f"solver.method={solver}",
            *([more] if more else []),
        ]
        first = bdg.run_file("run.yaml", [*given, "scf.initial=uniform"])
        path = first.path
        second = bdg.run_file("run.yaml", [*given, f"scf.initial={path}", "output=out/second.h5"])
        assert len(first.history) > 3
        assert len(second.history) <= 2
        np.testing.assert_allclose(second.fields.delta, first.fields.delta, atol=1e-7)

    def test_a_larger_sample_starts_nearer(self, folder):
        first = bdg.run_file("run.yaml", ["scf.initial=vortex"])
        path = first.path
        given = ["lattice.size=[9, 8]", "output=out/large.h5"]
        second = bdg.run_file("run.yaml", [*given, f"scf.initial=[{path}, uniform]"])
        assert {entry.name for entry in second.starts} == {str(path), "uniform"}
        model = small((9, 8))
        moved = transferred(first.sample, first.fields, model)
        assert np.abs(moved.delta).max() <= np.abs(first.fields.delta).max() + 1e-12

    @pytest.mark.parametrize(
        ("make", "kind", "words"),
        [
            (lambda path: None, ConfigError, "there is no such file"),
            (lambda path: path.write_bytes(b"not a result"), FileRefusedError, "not an HDF5 file"),
            (
                lambda path: path.write_bytes(path.read_bytes()[:3000]),
                FileRefusedError,
                "damaged|not an HDF5",
            ),
            (lambda path: path.mkdir(), FileRefusedError, "is a folder"),
        ],
        ids=["missing", "text", "cut", "folder"],
    )
    def test_bad_files_are_refused_with_their_place(self, folder, make, kind, words):
        source = Path("old.h5")
        if "cut" in str(words) or "damaged" in words:
            path = bdg.run_file("run.yaml", ["scf.initial=uniform"]).path
            path.rename(source)
        make(source)
        Path("run.yaml").write_text(RUN.replace("[normal,", "[old.h5, normal,"))
        with pytest.raises(kind, match=words) as caught:
            bdg.run_file("run.yaml", ["output=new.h5"])
        assert str(caught.value).startswith("run.yaml:6:17: scf.initial[0]: old.h5: ")
        assert "\n" not in str(caught.value)

    def test_another_dimension_is_refused(self, folder):
        chain = ["lattice={kind: chain, size: [6]}", "scf.initial=uniform", "output=chain.h5"]
        bdg.run_file("run.yaml", chain)
        with pytest.raises(ConfigError, match=r"scf.initial: a sample of dimension 1 cannot be stretched"):
            bdg.run_file("run.yaml", ["scf.initial=chain.h5"])


TRIANGULAR = UnitCell.build([[1.0, 0.0], [0.5, np.sqrt(3) / 2]], name="triangular")


class TestInterpolation:
    @pytest.mark.parametrize(
        ("coarse", "fine"),
        [
            (("square", (5, 4)), ("square", (11, 13))),
            (("square", (5, 4)), (TRIANGULAR, (9, 9))),
            (("cubic", (3, 4, 3)), ("cubic", (6, 5, 7))),
            (("chain", (4,)), ("chain", (9,))),
            (("square", (6, 1)), ("square", (9, 1))),
        ],
        ids=["square", "to triangular", "cubic", "chain", "strip"],
    )
    def test_a_linear_field_is_exact(self, coarse, fine):
        source, target = build_sample(*coarse), build_sample(*fine)
        low, high = source.positions.min(axis=0), source.positions.max(axis=0)
        slope = np.array([1.0, -2.0, 0.5])[: source.dimension]

        def linear(sample):
            first, extent = sample.positions.min(axis=0), np.ptp(sample.positions, axis=0)
            share = (sample.positions - first) / np.where(extent > 0, extent, 1)
            return 0.3 + (low + share * (high - low)) @ slope

        found = interpolated(np.stack([linear(source), -linear(source)]), source, target)
        np.testing.assert_allclose(found, [linear(target), -linear(target)], atol=1e-12)

    def test_a_closed_direction_wraps(self):
        source, target = build_sample("chain", 4, "periodic"), build_sample("chain", 8, "periodic")
        found = interpolated(np.array([0.0, 1.0, 0.0, -1.0]), source, target)
        np.testing.assert_allclose(found, [0, 0.5, 1, 0.5, 0, -0.5, -1, -0.5], atol=1e-15)

    @pytest.mark.parametrize("cell", ["square", TRIANGULAR], ids=["square", "triangular"])
    def test_closed_and_open_directions_mix(self, cell):
        """Linear across a strip, periodic along it: sites that both samples have keep their value."""
        ends = ["periodic", "open"]
        source, target = build_sample(cell, (4, 5), ends), build_sample(cell, (8, 9), ends)

        def values(sample):
            angle = 2 * np.pi * sample.cells[:, 0] / sample.size[0]
            return np.cos(angle) + 3.0 * sample.cells[:, 1] / (sample.size[1] - 1)

        found = interpolated(values(source), source, target)
        common = (target.cells % 2 == 0).all(axis=1)
        np.testing.assert_allclose(found[common], values(target)[common], atol=1e-12)
        moved = interpolated(values(source), source, replace(target, positions=target.positions + 1e-3))
        np.testing.assert_allclose(moved, found, atol=0.01)

    def test_the_same_sample_gives_a_copy(self):
        sample = build_sample("square", (4, 3), "periodic")
        values = np.random.default_rng(0).normal(size=(2, 12))
        found = interpolated(values, sample, build_sample("square", (4, 3)))
        np.testing.assert_array_equal(found, values)
        assert found is not values

    def test_orbitals_that_share_a_place_keep_apart(self):
        cell = UnitCell.build([[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]])
        source, target = build_sample(cell, (4, 3)), build_sample(cell, (7, 6))
        sign = np.where(source.orbitals == 0, 1.0, -2.0)
        found = interpolated(sign * (1 + source.positions[:, 0]), source, target)
        expected = np.where(target.orbitals == 0, 1.0, -2.0) * (1 + target.positions[:, 0] * 3 / 6)
        np.testing.assert_allclose(found, expected, atol=1e-12)

    def test_outside_the_hull_the_nearest_site_counts(self):
        disk = build_sample("square", (9, 9), region=regions.disk(4.2, [4, 4]))
        found = interpolated(np.full(disk.n_sites, 2.0), disk, build_sample("square", (12, 12)))
        np.testing.assert_allclose(found, 2.0, atol=1e-12)

    @pytest.mark.parametrize(
        "region", [None, lambda r: np.abs(r[:, 0] - r[:, 1]) < 0.5], ids=["point", "oblique"]
    )
    def test_degenerate_sources(self, region):
        source = build_sample("square", (1, 1) if region is None else (5, 5), region=region)
        found = interpolated(np.ones(source.n_sites), source, build_sample("square", (3, 4)))
        np.testing.assert_array_equal(found, 1.0)

    def test_fields_obey_the_model_they_are_brought_to(self):
        old = small((4, 4), fields=("pairing", "hartree"), chemical_potential=None, filling=0.8)
        result = bdg.solve(old, observables=(), solver=SOLVER)
        half = small((6, 6), attraction=lambda x, y: np.where(x < 3, 3.0, 0.0))
        start = transferred(result.sample, result.fields, half)
        normal = half.sample.positions[:, 0] >= 3
        assert not start.delta[normal].any()
        assert start.delta[~normal].all()
        assert start.mu == -0.5
        assert not start.hartree.any()
        alike = small((6, 6), fields=("pairing", "hartree"), chemical_potential=None, filling=0.8)
        start = transferred(result.sample, result.fields, alike)
        assert start.mu == result.fields.mu
        assert start.hartree[0, 0] == pytest.approx(result.fields.hartree[0, 0])
        given = small((6, 6), fields=(), given_delta=0.2)
        np.testing.assert_array_equal(transferred(result.sample, result.fields, given).delta, 0.2)


class TestBonds:
    """Pairs and Fock fields on bonds, from one sample to another."""

    @staticmethod
    def model(size, channels, boundary="open", **given):
        sample = build_sample("square", size, boundary)
        given = {"bond_attraction": 2.0, "chemical_potential": -0.4, "temperature": 0.1} | given
        return build_model(sample, channels=channels, **given)

    @staticmethod
    def made_up(model):
        """Fields that are linear in the place, different for each direction, spin and reality."""
        bonds, rng = model.sample.bonds, np.random.default_rng(3)
        where = model.sample.positions[bonds.source] + 0.5 * bonds.displacement
        extent = np.array(model.sample.size) - 1.0
        share = np.where(bonds.displacement > 0, (where - 0.5) / (extent - 1), where / extent)
        way = bonds.displacement.argmax(axis=1)
        slope = rng.normal(size=(2, 2, 2, 2, 2, 2)) @ [1, 1j]  # pairs or Fock, way, axis, spin, spin
        pairs, fock = (np.einsum("ba,bast->bst", 0.3 + share, kind[way]) for kind in slope)
        return replace(initial_fields(model, is_complex=True), bond_delta=pairs, fock=fock)

    def test_linear_fields_are_exact(self):
        old, new = (
            self.model(size, ("singlet", "triplet"), fields=("pairing", "fock")) for size in ((5, 4), (9, 7))
        )
        moved = transferred(old.sample, self.made_up(old), new)
        expected = self.made_up(new)
        np.testing.assert_allclose(moved.bond_delta, expected.bond_delta, atol=1e-12)
        np.testing.assert_allclose(moved.fock, expected.fock, atol=1e-12)

    def test_bonds_that_run_the_other_way_are_turned(self):
        model = self.model((4, 3), ("singlet", "triplet"), fields=("pairing", "fock"))
        fields, bonds = self.made_up(model), model.sample.bonds
        kinds = replace(
            bonds.kinds,
            source=bonds.kinds.target,
            target=bonds.kinds.source,
            offset=-bonds.kinds.offset,
            displacement=-bonds.kinds.displacement,
        )
        around = replace(
            bonds, source=bonds.target, target=bonds.source, crossing=-bonds.crossing, kinds=kinds
        )
        other = build_model(
            replace(model.sample, bonds=around), bond_attraction=2.0, channels=("singlet", "triplet"),
            fields=("pairing", "fock"),
        )  # fmt: skip
        moved = transferred(model.sample, fields, other)
        np.testing.assert_allclose(moved.bond_delta, -fields.bond_delta.swapaxes(1, 2), atol=1e-14)
        np.testing.assert_allclose(moved.fock, fields.fock.conj().swapaxes(1, 2), atol=1e-14)

    def test_what_the_model_has_no_room_for_is_left_out(self):
        old = self.model((4, 4), ("singlet", "triplet_z"))
        fields = self.made_up(old)
        half = self.model((6, 6), "singlet", bond_attraction=lambda x, y: np.where(x < 2.6, 2.0, 0.0))
        moved = transferred(old.sample, fields, half)
        off = half.bond_attraction.strength == 0
        assert off.any()
        assert not moved.bond_delta[off].any()
        assert moved.bond_delta[~off].any(axis=(1, 2)).all()
        np.testing.assert_array_equal(moved.bond_delta, -moved.bond_delta.swapaxes(1, 2))
        assert moved.fock is None
        # without anything in its channel, and on bonds that the old lattice lacks, the start is a new one
        s_wave = replace(fields, bond_delta=matrices(np.ones((1, old.sample.n_bonds)), SINGLET[None]))
        p_wave = self.model((6, 6), "p_x")
        fresh = initial_fields(p_wave).bond_delta
        np.testing.assert_array_equal(transferred(old.sample, s_wave, p_wave).bond_delta, fresh)
        triangular = build_model(build_sample("triangular", (5, 5)), bond_attraction=1.0, channels="d_id")
        moved, fresh = transferred(old.sample, s_wave, triangular), initial_fields(triangular)
        along = np.abs(triangular.sample.bonds.displacement[:, 1]) < 1e-9
        np.testing.assert_allclose(moved.bond_delta[along, 0, 1], 1.0, atol=1e-12)
        np.testing.assert_array_equal(moved.bond_delta[~along], fresh.bond_delta[~along])

    def test_starts_by_symmetry_are_ranked(self):
        """At μ = −0.4 d wins; extended s collapses to the normal state, as the gap equation says it must."""
        model = self.model((4, 4), "singlet", "periodic")
        result = bdg.solve(
            model, observables=(), solver=SOLVER, initial=[{"s_extended": 0.3}, {"d_x2_y2": "0.3 + 0*x"}]
        )
        assert [entry.name for entry in result.starts] == ["d_x2_y2", "s_extended"]
        assert np.abs(result.starts[0].fields.bond_delta).max() > 0.1
        assert np.abs(result.starts[1].fields.bond_delta).max() < 1e-6
        (mixed,) = starts_from({"d_x2_y2": 0.3, "d_xy": 0.2j, "delta": 0.1}, model)
        assert mixed.name == "d_x2_y2 and d_xy and delta"
        assert mixed.initial.is_complex
        np.testing.assert_array_equal(mixed.initial.delta, 0.0)  # no attraction there

    def test_starts_of_a_file_survive_a_stop_between_them(self, folder):
        """With pairs and Fock fields on bonds in the checkpoint."""
        text = RUN.replace("onsite: 3.0", "bonds: [{value: 2.0}], fields: [pairing, fock]")
        text = text.replace(
            "[normal, vortex, uniform, random, random]", "[{s_extended: 0.3}, {d_x2_y2: 0.3}, normal]"
        )
        Path("run.yaml").write_text(text)
        whole = bdg.run_file("run.yaml", ["output=whole.h5"])
        iterations = iter([False] * (len(whole.starts[-1].history) + 12))
        stopped = bdg.run_file("run.yaml", hooks=Hooks(stop=lambda: next(iterations, True)))
        path = stopped.path
        assert stopped.status == "stopped"
        resumed = bdg.resume_file(path)
        assert not differences(replace(whole, provenance=resumed.provenance), resumed)

    @pytest.mark.parametrize(
        ("given", "channels", "words"),
        [
            ({"d_x2y2": 0.3}, "singlet", "has the keys delta, s_extended, .*, not d_x2y2"),
            ({}, "singlet", "not none"),
            ({"p_x": 0.3}, "singlet", "p_x has no part in the channels singlet"),
            ({"p_x": 0.3}, None, "needs pairs on bonds; give an attraction between neighbours"),
        ],
    )
    def test_impossible_starts_by_symmetry(self, given, channels, words):
        model = self.model((4, 4), channels) if channels else small((4, 4))
        with pytest.raises(InputError, match=words):
            starts_from(given, model)

    def test_a_larger_sample_is_near_its_answer(self):
        small_one, large = self.model((6, 6), "d_x2_y2"), self.model((8, 8), "d_x2_y2")
        result = bdg.solve(small_one, observables=(), solver=SOLVER)
        warm = bdg.solve(large, observables=(), solver=SOLVER, initial=result)
        cold = bdg.solve(large, observables=(), solver=SOLVER)
        assert warm.history[0].residual < 0.2 * cold.history[0].residual
        np.testing.assert_allclose(warm.fields.bond_delta, cold.fields.bond_delta, atol=1e-7)
