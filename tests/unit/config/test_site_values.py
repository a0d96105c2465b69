"""Values over sites in a configuration: arrays on the sample, and errors with line and key."""

import h5py
import matplotlib.image
import numpy as np
import pytest

from bdg import setup
from bdg.config import ConfigSource, dump_resolved
from bdg.errors import ConfigError
from bdg.lattice import build_sample
from bdg.model import Disorder
from bdg.simulation.starts import starts_of
from tests.unit.config.examples import MINIMAL

LEFT = "{half_plane: {point: [1.5, 0], normal: [1, 0]}}"
RIGHT = "{half_plane: {point: [1.5, 0], normal: [-1, 0]}}"


def built(text):
    source = ConfigSource(text, "run.yaml")
    config = source.parse()
    sample = setup.sample_of(config, source)
    model = setup.model_of(config, source, sample)
    return model, starts_of(config, source, model)[0].initial, *sample.positions.T


def measurements(text):
    """What is to be measured, checked as far as it can be before any work."""
    source = ConfigSource(text, "run.yaml")
    config = source.parse()
    model = setup.model_of(config, source, setup.sample_of(config, source))
    return list(setup.observable_parameters(config, source, model))


def hamiltonian(rest):
    return MINIMAL.replace("potential: 0", f"potential: 0, {rest}")


def interaction(rest):
    return MINIMAL + f"interaction: {{{rest}}}\n"


def test_expressions_over_the_sites():
    model, _, x, y = built(hamiltonian("onsite: 0.1*x - y, zeeman: [0, 0, 0.2 if y > 2 else 0]"))
    np.testing.assert_allclose(model.onsite, 0.1 * x - y, atol=1e-15)
    np.testing.assert_array_equal(model.zeeman, [0 * x, 0 * x, np.where(y > 2, 0.2, 0)])
    model, *_ = built(interaction("onsite: 2.5 if 1 <= x < 3 else 0"))
    np.testing.assert_array_equal(model.attraction.strength, np.where((x >= 1) & (x < 3), 2.5, 0))


def test_numbers_and_one_number_an_orbital():
    model, start, x, _ = built(hamiltonian("onsite: [0.25]") + "interaction: {onsite: 3}\n")
    assert model.onsite.tolist() == [0.25] * len(x)
    assert model.attraction.strength.tolist() == [3] * len(x)
    assert start == "uniform"


def test_the_last_region_counts_and_outside_is_zero():
    entries = (
        f"[{{region: {LEFT}, value: 1}}, {{region: {{disk: {{center: [1, 1], radius: 1}}}}, value: 5*x}}]"
    )
    for text, values in (
        (hamiltonian(f"onsite: {entries}"), lambda model: model.onsite),
        (interaction(f"onsite: {entries}"), lambda model: model.attraction.strength),
    ):
        model, _, x, y = built(text)
        inside = np.hypot(x - 1, y - 1) <= 1
        np.testing.assert_array_equal(values(model), np.where(inside, 5 * x, np.where(x < 2, 1, 0)))


def test_an_expression_need_only_be_finite_in_its_region():
    model, _, x, _ = built(interaction(f"onsite: [{{region: {RIGHT}, value: 1/x}}]"))
    np.testing.assert_array_equal(model.attraction.strength[x > 1], 1 / x[x > 1])


def test_a_given_phase_and_what_is_real_stays_real():
    model, _, x, _ = built(interaction("given: {onsite: 0.3*exp(1j*pi*x/2)}"))
    np.testing.assert_allclose(model.given_delta, 0.3 * np.array([1, 1j, -1, -1j])[x.astype(int)], atol=1e-15)
    model, _, x, _ = built(interaction("given: {onsite: 0.3*exp(1j*pi*(x>1))}"))
    assert model.given_delta.dtype == np.float64
    np.testing.assert_allclose(model.given_delta, np.where(x > 1, -0.3, 0.3))
    regions = f"[{{region: {LEFT}, value: 0.3}}, {{region: {RIGHT}, value: 0.3j}}]"
    model, _, x, _ = built(interaction(f"given: {{onsite: {regions}}}"))
    np.testing.assert_array_equal(model.given_delta, np.where(x > 1, 0.3j, 0.3))


def test_the_first_delta_by_its_values_lives_where_there_is_attraction():
    text = interaction(f"onsite: [{{region: {LEFT}, value: 2}}]") + "scf: {initial: {delta: 0.1 + 0.2j*y}}\n"
    _, start, x, y = built(text)
    np.testing.assert_allclose(start.delta, np.where(x < 2, 0.1 + 0.2j * y, 0))


def test_disorder_of_a_region_is_that_of_the_whole_there():
    model, _, x, _ = built(hamiltonian(f"disorder: {{width: 2, seed: 3, region: {LEFT}}}"))
    everywhere = Disorder(2.0, 3).energies(model.sample)
    np.testing.assert_array_equal(model.onsite, np.where(x < 2, everywhere, 0))
    assert everywhere[x >= 2].all()


FAR = "region: {disk: {center: [99, 99], radius: 1}}"
WRONG = [
    (hamiltonian("onsite: z"), 2, "hamiltonian.onsite", "'z' is not a coordinate of this lattice"),
    (hamiltonian("onsite: 1/(x-2)"), 2, "hamiltonian.onsite", "not finite (inf) at the position (2, 0)"),
    (hamiltonian("onsite: 1j*x"), 2, "hamiltonian.onsite", "is complex (0+1j), and must be real"),
    (
        hamiltonian("onsite: [1, 2]"),
        2,
        "hamiltonian.onsite",
        "2 numbers, the cell has 1 orbital and the sample 24 sites;",
    ),
    (hamiltonian("zeeman: [0, 0, log(y)]"), 2, "hamiltonian.zeeman[2]", "not finite (-inf)"),
    (
        hamiltonian(f"disorder: {{width: 1, {FAR}}}"),
        2,
        "hamiltonian.disorder.region",
        "holds no site",
    ),
    (interaction("onsite: 1 + 1j"), 3, "interaction.onsite", "must be real"),
    (
        interaction(f"onsite: [{{{FAR}, value: 1}}]"),
        3,
        "interaction.onsite[0].region",
        "holds no site",
    ),
    (
        interaction(f"onsite: [{{region: {LEFT}, value: sqrt(-1-x)}}]"),
        3,
        "interaction.onsite[0].value",
        "not finite (nan)",
    ),
    (interaction("given: {onsite: 0.3*z}"), 3, "interaction.given.onsite", "not a coordinate"),
    (MINIMAL + "scf: {initial: {delta: 1/y}}\n", 3, "scf.initial.delta", "not finite (inf)"),
    (
        MINIMAL + f"scf: {{initial: {{delta: [{{{FAR}, value: 1}}]}}}}\n",
        3,
        "scf.initial.delta[0].region",
        "holds no site",
    ),
]


@pytest.mark.parametrize(("text", "line", "key", "words"), WRONG)
def test_what_only_the_sample_tells_is_refused_with_line_and_key(text, line, key, words):
    with pytest.raises(ConfigError) as caught:
        built(text)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_attractions_on_bonds_take_the_mean_of_their_ends():
    text = interaction("bonds: [{value: 1 + x}, {shell: 2, value: 0.5}], channels: [d_x2_y2], fields: [fock]")
    model, *_ = built(text)
    bonds, x = model.sample.bonds, model.sample.positions[:, 0]
    near = 1 + 0.5 * (x[bonds.source] + x[bonds.target])
    np.testing.assert_allclose(model.bond_attraction.strength, np.where(bonds.shell == 1, near, 0.5))
    assert model.bond_attraction.fock
    assert not model.bond_attraction.pairing


def test_given_pairs_have_a_symmetry_a_phase_and_a_region():
    text = interaction("given: {onsite: 0.1, d_x2_y2: 0.3, phase: 0.2*x, region: {disk: {radius: 1.2}}}")
    model, *_ = built(text)
    sample, x = model.sample, model.sample.positions[:, 0]
    bonds, middle = sample.bonds, sample.positions.mean(axis=0)
    inside = np.linalg.norm(sample.positions - middle, axis=1) <= 1.2
    np.testing.assert_allclose(model.given_delta, 0.1 * np.exp(0.2j * x) * inside)
    sign = np.where(bonds.displacement[:, 0] == 1, 1, -1)
    both = inside[bonds.source] & inside[bonds.target]
    expected = 0.3 * sign * np.exp(0.1j * (x[bonds.source] + x[bonds.target])) * both
    np.testing.assert_allclose(model.given_bonds[:, 0, 1], expected, atol=1e-15)
    np.testing.assert_allclose(model.given_bonds[:, 1, 0], -expected, atol=1e-15)
    assert both.any()
    assert not both.all()


@pytest.mark.parametrize(
    ("section", "name", "words"),
    [
        ("onsite: 1", "bond_order", "no bond has pairs"),
        ("bonds: [{value: 1}], fields: [hartree]", "bond_order", "no bond has pairs"),
    ],
)
def test_observables_without_anything_to_measure_are_refused_before_any_work(section, name, words):
    with pytest.raises(ConfigError, match=f"observables.{name}: {words}"):
        measurements(interaction(section) + f"observables: {{{name}: {{}}}}\n")


STRIP, TORUS = "boundary: [periodic, open]", "boundary: periodic"


@pytest.mark.parametrize(
    ("ends", "sections", "key", "words"),
    [
        ("", "field: {screening: {mu0: 1, geometry: slab}}", "field.screening.geometry", "a slab is closed"),
        # Before the applied field, of which a torus holds whole quanta only.
        (
            TORUS,
            "field: {applied: 0.1, screening: {mu0: 1, geometry: film}}",
            "field.screening.geometry",
            "lattice.boundary: open",
        ),
        ("", "observables: {superfluid_weight: {}}", "observables.superfluid_weight", "make a boundary"),
        ("", "observables: {conductivity: {energies: [1]}}", "observables.conductivity", "make a boundary"),
        (STRIP, "observables: {superflow: {stop: 1, axis: 1}}", "observables.superflow", "use axis 0"),
        (
            STRIP,
            "observables: {persistent_current: {axis: 1}}",
            "observables.persistent_current",
            "no ring along axis 1",
        ),
        (
            TORUS,
            "interaction: {given: {onsite: 0.3}}\nobservables: {persistent_current: {}}",
            "observables.persistent_current",
            "a given Δ keeps its winding",
        ),
        (
            "",
            "field: {flux: [{through: [99, 2.5], value: 1}]}",
            "field.flux",
            "x from 0 to 3 and y from 0 to 5",
        ),
        (
            "",
            "field: {flux: [{through: [4, 2.5], value: 1, radius: 0.5}]}",
            "field.flux",
            "beside the sample",
        ),
        (
            TORUS,
            "field: {vortex_lattice: {vortices: 26}}",
            "field.vortex_lattice",
            "26 vortices in a cell of 24",
        ),
        (
            STRIP,
            "observables: {bkt_temperature: {}}",
            "observables.bkt_temperature",
            "periodic in both directions",
        ),
        (
            STRIP,
            "field: {screening: {mu0: 1, geometry: slab}}\nobservables: {meissner: {surface: 1}}",
            "observables.meissner",
            "surface 1 leaves too little of a slab 5 thick",
        ),
    ],
)
def test_ends_that_leave_nothing_to_measure_are_refused_before_any_work(ends, sections, key, words):
    text = MINIMAL.replace("[4, 6]", f"[4, 6], {ends}") if ends else MINIMAL
    with pytest.raises(ConfigError, match=words) as caught:
        measurements(f"{text}{sections}\n")
    assert caught.value.key == key


JUNCTION = """\
lattice: {kind: square, size: [8, 4]}
hamiltonian: {chemical_potential: 0}
interaction: {given: {onsite: 0.3}}
temperature: 0.1
"""


@pytest.mark.parametrize("name", ["current_phase", "fraunhofer", "squid"])
@pytest.mark.parametrize(
    ("change", "parameters", "words"),
    [
        (("", ""), "axis: 2", "axis 2 is none of the sample's; use one below 2"),
        (("", ""), "at: 40", "no bond crosses x = 40; give a place between 0 and 7"),
        (("", ""), "leads: 40", "leads 40 deep reach the cut at x = 3.5; make them shorter"),
        (("given: {onsite: 0.3}", "onsite: 2"), "", "is a pure gauge in an open sample"),
        (("temperature: 0.1", "temperature: 0"), "leads: semi_infinite", "T = 0 is not done"),
        (("4]", "4], boundary: periodic"), "leads: semi_infinite", "open ends there; open them"),
        (("[8, 4]", "[3, 4]"), "leads: semi_infinite", "3 layers are too few for two leads"),
        (("temp", "field: {screening: {mu0: 1}}\ntemp"), "", "remove field.screening"),
    ],
)
def test_what_is_no_junction_is_refused_before_any_work(name, change, parameters, words):
    text = JUNCTION.replace(*change) + f"observables: {{{name}: {{{parameters}}}}}\n"
    with pytest.raises(ConfigError, match=words) as caught:
        measurements(text)
    assert caught.value.key == f"observables.{name}"


@pytest.mark.parametrize(
    ("change", "measured", "words"),
    [
        (("4]", "4], boundary: [open, periodic]"), "fraunhofer: {}", "ends along y are open"),
        (("4]", "4], boundary: [open, periodic]"), "squid: {}", "ends along y are open"),
        (("", ""), "squid: {}", "the cut passes no hole"),
        (
            ("4]", "4], boundary: periodic"),
            "spectral_localizer: {}",
            "around a torus that is 8 wide; give at most 3",
        ),
        (
            ("[8, 4]", "[8, 2], boundary: periodic"),
            "spectral_localizer: {radius: 1}",
            "2 wide; make the sample",
        ),
        (("[8, 4]", "[3, 4]"), "conductance: {energies: [0]}", "3 layers are too few"),
        (("", ""), "conductance: {energies: [0], axis: 2}", "leads along axis 2 need"),
    ],
)
def test_what_the_sample_has_no_room_or_no_leads_for_is_refused_before_any_work(change, measured, words):
    with pytest.raises(ConfigError, match=words) as caught:
        measurements(JUNCTION.replace(*change) + f"observables: {{{measured}}}\n")
    assert caught.value.key == f"observables.{measured.split(':')[0]}"


@pytest.mark.parametrize(
    ("key", "read"),
    [
        ("hamiltonian.onsite", lambda model, start: model.onsite),
        ("hamiltonian.zeeman[2]", lambda model, start: model.zeeman[2]),
        ("interaction.onsite", lambda model, start: model.attraction.strength),
        ("interaction.bonds[0].value", lambda model, start: model.bond_attraction.strength),
        ("scf.initial.delta", lambda model, start: start.delta),
    ],
)
@pytest.mark.parametrize("shape", ["list", "npy of sites", "npy of cells", "hdf5"])
def test_values_of_every_site_wherever_a_value_may_stand(tmp_path, monkeypatch, key, read, shape):
    """Numbers in the file of the configuration, or in one of their own; a region may leave sites out."""
    monkeypatch.chdir(tmp_path)
    values = np.random.default_rng(1).uniform(0.1, 1.0, (4, 6))
    mask = np.ones((4, 6), bool)
    mask[2, 3] = False
    own = values[mask]
    np.save("sites.npy", own)
    np.save("cells.npy", values)
    with h5py.File("v.h5", "w") as file:
        file["a/b"] = own
    given = {
        "list": str(own.tolist()),
        "npy of sites": "{file: sites.npy}",
        "npy of cells": "{file: cells.npy}",
        "hdf5": "{file: v.h5, dataset: a/b}",
    }[shape]
    text = (
        "lattice: {kind: square, size: [4, 6], vacancies: [[2, 3]]}\n"
        "hamiltonian: {chemical_potential: 0, onsite: 0, zeeman: [0, 0, 0]}\n"
        "interaction: {onsite: 1, bonds: [{value: 1}]}\n"
        "scf: {initial: {delta: 0.1}}\n"
    )
    source = ConfigSource(text, "run.yaml", (f"{key}={given}",))
    config = source.parse()
    sample = setup.sample_of(config, source)
    model = setup.model_of(config, source, sample)
    found = read(model, starts_of(config, source, model)[0].initial)
    bonds = sample.bonds
    expected = 0.5 * (own[bonds.source] + own[bonds.target]) if "bonds" in key else own
    np.testing.assert_allclose(found, expected, atol=1e-15)
    again = ConfigSource(dump_resolved(config), "again.yaml").parse()
    assert again == config


def test_complex_values_of_orbitals_and_cells(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values = np.exp(1j * np.arange(12.0)).reshape(2, 3, 2)
    np.save("d.npy", values)
    text = "lattice: {kind: honeycomb, size: [2, 3]}\nhamiltonian: {chemical_potential: 0}\n"
    model, *_ = built(text + "interaction: {given: {onsite: {file: d.npy}}}\n")
    np.testing.assert_array_equal(model.given_delta, values.ravel())
    with pytest.raises(ConfigError, match=r"run.yaml:2:\d+: hamiltonian.onsite: the value is complex"):
        built(text.replace("potential: 0", "potential: 0, onsite: {file: d.npy}"))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{file: none.npy}", "none.npy: can't be read"),
        ("{file: short.npy}", r"has shape \(5,\), the sample has 24 sites in a block of \(4, 6\) cells"),
        ("{file: nan.npy}", "not finite"),
        ("{file: text.npy}", "holds no numbers"),
        ("{file: junk.npy}", "can't be read"),
        ("{file: v.h5}", "has no dataset None; use one of a/b"),
        ("{file: v.h5, dataset: a}", "has no dataset 'a'; use one of a/b"),
        ("{file: short.npy, dataset: a}", "is no HDF5 file"),
    ],
)
def test_files_of_values_that_do_not_fit_are_refused(tmp_path, monkeypatch, given, words):
    monkeypatch.chdir(tmp_path)
    np.save("short.npy", np.ones(5))
    np.save("nan.npy", np.full((4, 6), np.nan))
    np.save("text.npy", np.array(["a"] * 24))
    (tmp_path / "junk.npy").write_bytes(b"junk")
    with h5py.File("v.h5", "w") as file:
        file["a/b"] = np.ones(24)
    with pytest.raises(ConfigError, match=rf"run.yaml:3:\d+: interaction.onsite: .*{words}"):
        built(interaction(f"onsite: {given}"))


@pytest.mark.parametrize("depth", ["grey", "colour", "transparent"])
def test_an_island_from_a_picture(tmp_path, monkeypatch, depth):
    """One pixel a site: the sites under dark pixels, the upper row of the picture at large y."""
    monkeypatch.chdir(tmp_path)
    mask = np.random.default_rng(2).random((4, 6)) < 0.6  # [x, y]
    grey = np.where(mask.T[::-1], 0.1, 0.9)
    pixels = {
        "grey": grey,
        "colour": np.stack([grey] * 3, axis=-1),
        "transparent": np.dstack([np.zeros((6, 4, 3)), mask.T[::-1].astype(float)]),
    }[depth]
    matplotlib.image.imsave(
        "island.png", pixels, cmap="gray", **({"vmin": 0, "vmax": 1} if depth == "grey" else {})
    )
    text = MINIMAL.replace("size: [4, 6]", "size: [4, 6], region: {picture: {file: island.png}}")
    model, *_ = built(text)
    np.testing.assert_array_equal(model.sample.cells, np.argwhere(mask))
    same = build_sample("square", [4, 6], region=mask)
    np.testing.assert_array_equal(model.sample.bonds.source, same.bonds.source)
    fine = np.kron(pixels, np.ones((5, 5, 1)[: pixels.ndim]))
    matplotlib.image.imsave(
        "island.png", fine, cmap="gray", **({"vmin": 0, "vmax": 1} if depth == "grey" else {})
    )
    model, *_ = built(text)
    np.testing.assert_array_equal(model.sample.cells, np.argwhere(mask))


def test_pictures_are_regions_like_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    matplotlib.image.imsave("left.png", np.array([[0.0, 1.0]] * 2), cmap="gray")
    entry = "[{region: {picture: {file: left.png, center: [1.5, 2.5], size: [3, 6]}}, value: 2}]"
    model, _, x, _ = built(interaction(f"onsite: {entry}"))
    np.testing.assert_array_equal(model.attraction.strength, np.where(x < 1.5, 2, 0))
    light = entry.replace("left.png", "left.png, inside: light")
    model, _, x, _ = built(interaction(f"onsite: {light}"))
    np.testing.assert_array_equal(model.attraction.strength, np.where((x > 1.5) & (x <= 3), 2, 0))
    (tmp_path / "left.png").write_bytes(b"none")
    with pytest.raises(
        ConfigError, match=r"run.yaml:3:\d+: interaction.onsite\[0\].region: left.png: can't be"
    ):
        built(interaction(f"onsite: {entry}"))
    with pytest.raises(ConfigError, match=r"run.yaml:1:\d+: lattice.region: left.png: can't be read"):
        built(MINIMAL.replace("[4, 6]", "[4, 6], region: {picture: {file: left.png}}"))
    with pytest.raises(ConfigError, match="has no plane for a picture"):
        built(
            "lattice: {kind: chain, size: [4], region: {picture: {file: a.png}}}\n"
            "hamiltonian: {chemical_potential: 0}\n"
        )
