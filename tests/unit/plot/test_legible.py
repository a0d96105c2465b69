"""A figure says what it shows: which sites, which energies, from where to where; and shows cores whole."""

import dataclasses
import itertools

import numpy as np
import pytest

import bdg
from bdg.lattice import build_sample
from bdg.observables import Quantity
from bdg.observables.quantity import energy_axis
from bdg.plot import bond_map, overview, plot, site_map, spectrum, vortex_map
from bdg.plot.canvas.finding import order_of
from bdg.plot.canvas.labels import capital
from bdg.plot.canvas.scale import amount_scale
from bdg.plot.canvas.style import LIGHT, SEQUENTIAL
from bdg.plot.canvas.window import in_window, window_of
from bdg.plot.figures.spectra.spectra import on_and_off
from tests.store.made_up import result
from tests.support.figures import mappables, texts


def made(sample, delta, **groups):
    """A result on a sample with the given Δ, and observables ``name=(values, dims, units, text)``."""
    base = result(sample, units=False, is_complex=np.iscomplexobj(delta))
    fields = dataclasses.replace(base.fields, delta=np.asarray(delta))
    found = {}
    for name, (values, dims, units, text) in groups.items():
        coords = {"energy": energy_axis(np.linspace(-1, 1, values.shape[0]))} if "energy" in dims else {}
        found[name] = {name: Quantity(values, dims, units, text, coords)}
    return dataclasses.replace(base, fields=fields, observables=found, starts=())


def spectra(sample, count, **more):
    """An LDOS at all sites that is different at each."""
    rows = 1.0 + np.outer(np.cos(np.linspace(-1, 1, count)), np.arange(sample.n_sites) / sample.n_sites)
    return made(sample, **more, ldos=(rows, ("energy", "site"), "1/t", "local density of states"))


SQUARE = build_sample("square", (9, 9), "periodic")


class TestSpectra:
    """Which are drawn where nobody chose, and how."""

    @pytest.mark.parametrize(("least", "most"), [((4, 4), (7, 1)), ((0, 8), (0, 7)), ((3, 0), (4, 0))])
    def test_the_sites_are_those_of_the_smallest_and_of_the_largest_delta(self, least, most):
        delta = np.full(81, 0.5)
        low, high = SQUARE.site_at(least), SQUARE.site_at(most)
        delta[low], delta[high] = 0.1, 0.6
        shown = on_and_off(made(SQUARE, delta))
        assert list(shown) == [low, high]
        assert [name.partition(", ")[2].partition(", ")[2] for name in shown.values()] == [
            "smallest |Δ|",
            "largest |Δ|",
        ]

    @pytest.mark.parametrize("count", [12, 40])
    def test_the_mean_of_all_sites_is_drawn_where_all_are_known(self, count):
        drawn = spectra(SQUARE, count, delta=np.linspace(0.4, 0.5, 81))
        figure = spectrum(drawn)
        assert "mean of all sites" in texts(figure)
        (area,) = figure.axes[0].collections
        top = area.get_paths()[0].vertices[:, 1].max()
        assert top == pytest.approx(drawn["ldos"].values.mean(axis=1).max())
        some = dataclasses.replace(
            drawn,
            observables={"ldos": {"ldos": _at(drawn["ldos"], [3, 7])}},
        )
        assert "mean of all sites" not in texts(spectrum(some))

    @pytest.mark.parametrize(("count", "is_line"), [(2, False), (5, False), (11, False), (12, True)])
    def test_few_energies_are_points(self, count, is_line):
        figure = spectrum(spectra(SQUARE, count, delta=np.linspace(0.4, 0.5, 81)))
        lines = [line for line in figure.axes[0].lines if "LDOS" in line.get_label()]
        assert len(lines) == 2
        assert {line.get_linestyle() == "-" for line in lines} == {is_line}
        assert {line.get_marker() == "None" for line in lines} == {is_line}
        left, right = figure.axes[0].get_xlim()
        assert is_line or (left < -1.01 < 1.01 < right)

    @pytest.mark.parametrize("count", [8, 14, 25])
    def test_the_names_of_a_waterfall_stand_beside_their_lines_and_apart(self, count):
        rows = np.ones((50, count))
        rows[:, count // 2] = 0.0  # whose neighbours end where it does not
        local = Quantity(
            rows,
            ("energy", "ldos_site"),
            "1/t",
            "local density of states",
            {
                "energy": energy_axis(np.linspace(-1, 1, 50)),
                "ldos_site": Quantity(np.arange(count), ("ldos_site",), "1", "site"),
            },
        )
        base = made(SQUARE, np.full(81, 0.5))
        figure = spectrum(dataclasses.replace(base, observables={"ldos": {"ldos": local}}))
        figure.draw_without_rendering()
        names = [text for text in figure.axes[0].texts if text.get_text().startswith("[")]
        assert 5 <= len(names) <= 14
        boxes = sorted((text.get_window_extent() for text in names), key=lambda box: box.y0)
        assert all(lower.y1 <= upper.y0 + 1 for lower, upper in itertools.pairwise(boxes))
        zeros = {line.get_ydata()[0] for line in figure.axes[0].lines if len(line.get_xdata()) == 2}
        assert {text.get_position()[1] for text in names} == zeros


def _at(local, sites):
    where = Quantity(np.array(sites), ("ldos_site",), "1", "site")
    return dataclasses.replace(
        local,
        values=local.values[:, sites],
        dims=("energy", "ldos_site"),
        coords={**local.coords, "ldos_site": where},
    )


class TestColours:
    """What they span."""

    @pytest.mark.parametrize("low", [0.51, 0.9, 0.995])
    def test_a_shallow_dip_is_never_as_dark_as_zero_and_the_bar_says_what_it_spans(self, low):
        delta = np.ones(81)
        delta[40] = low
        figure = site_map(made(SQUARE, delta), "delta")
        (image,) = mappables(figure)
        assert image.get_clim() == (low, 1.0)
        darkest = image.cmap(image.norm(low))
        assert np.mean(darkest[:3]) > np.mean(_viridis(0.0)[:3]) + 0.1
        assert f"{100 * low:.3g} to 100 % of its largest" in texts(figure)

    @pytest.mark.parametrize("low", [0.0, 0.05, 0.49])
    def test_the_bar_of_a_deep_one_goes_down_to_zero(self, low):
        delta = np.ones(81)
        delta[40] = low
        figure = site_map(made(SQUARE, delta), "delta")
        (image,) = mappables(figure)
        assert (image.cmap.name, image.get_clim()) == (SEQUENTIAL, (low, 1.0))
        assert image.colorbar.ax.get_ylim() == (0.0, 1.0)
        assert 0.0 in image.colorbar.ax.get_yticks()

    def test_only_amounts_far_from_zero_are_light(self):
        for values, colours in (
            ([0.6, 1.0], LIGHT),
            ([0.4, 1.0], SEQUENTIAL),
            ([-1.0, -0.6], SEQUENTIAL),
            ([-0.6, 1.0], "RdBu_r"),
        ):
            assert amount_scale(np.array(values), "x", "t").colours == colours

    @pytest.mark.parametrize("value", [0.3, -1.25, 1e-5])
    def test_one_value_is_a_number_and_no_bar(self, value):
        drawn = made(SQUARE, np.full(81, value), density=(np.full(81, 0.8), ("site",), "1", "electrons"))
        for figure in (site_map(drawn, "delta"), plot(drawn, "density")):
            assert not mappables(figure)
            assert "uniform" in texts(figure)
        assert f"{value:.6g} t".replace("-", "−") in texts(site_map(drawn, "delta"))
        bonds = Quantity(np.full(SQUARE.n_bonds, value), ("bond",), "t", "Fock field")
        figure = bond_map(drawn, bonds)
        assert len(figure.axes) == 1
        assert f"uniform:\n{value:.6g} t".replace("-", "−") in texts(figure)
        # A page has better things to show, if there are any.
        page = overview(spectra(SQUARE, 20, delta=np.full(81, value)))
        assert next(axes.get_title() for axes in page.axes if axes.get_title()) == "Local density of states"


def _viridis(place):
    import matplotlib

    return matplotlib.colormaps[SEQUENTIAL](place)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("order parameter, d x2 y2 part", "Order parameter, d$_{x^2{-}y^2}$ part"),
        ("d_x2_y2", "d$_{x^2{-}y^2}$"),
        ("d_xy", "d$_{xy}$"),
        ("s_extended and d_x2_y2", "Extended s and d$_{x^2{-}y^2}$"),
        ("order parameter, p x part", "Order parameter, p$_x$ part"),
        ("d_id", "d$_{x^2{-}y^2}$ + id$_{xy}$"),
        ("density", "Density"),
        ("magnetisation x", "Magnetisation x"),
        ("π/8 of the stiffness", "π/8 of the stiffness"),
        ("μ of n = 1", "μ of n = 1"),
        ("ξ", "ξ"),
    ],
)
def test_symmetries_are_written_as_in_a_paper(text, written):
    assert capital(text) == written


@pytest.mark.parametrize(
    ("asked", "taken", "is_said"), [(0.5, "0.5", False), (0.37, "0.4", True), (-0.96, "−1", True)]
)
def test_titles_have_the_energy_that_was_taken_and_the_one_that_was_asked_for(asked, taken, is_said):
    drawn = spectra(SQUARE, 21, delta=np.linspace(0.4, 0.5, 81))
    written = texts(plot(drawn, "ldos", energy=asked)).replace("\n", " ")
    assert f"at {taken} t" in written
    assert (f"(nearest to {asked:g} t)".replace("-", "−") in written) == is_said


def vortices(sample, cores):
    """Δ with a vortex at each core, and its positions, without the field that a torus needs."""
    delta, size = np.ones(sample.n_sites, complex), np.array(sample.size)
    for core in cores:
        away = sample.positions - core
        away -= size * np.round(away / size)
        delta *= np.tanh(np.hypot(*away.T)) * np.exp(-1j * np.arctan2(away[:, 1], away[:, 0]))
    where = np.array(cores, float)
    shape = ("vortex", "component"), "a", "vortex positions"
    base = made(sample, delta)
    found = {
        "vortex_position": Quantity(where, *shape),
        "vortex_winding": Quantity(np.full(len(cores), -1), ("vortex",), "1", "winding"),
    }
    return dataclasses.replace(base, observables={"vortices": found})


class TestVortices:
    """In the drawn period."""

    @pytest.mark.parametrize(
        ("size", "cores"),
        [
            ((20, 20), [(0.0, 10.0), (10.0, 0.0)]),
            ((20, 16), [(9.5, 15.5)]),
            ((24, 12), [(0.3, 0.2), (12.3, 0.2)]),
            ((18, 18), [(17.5, 17.5)]),
        ],
    )
    def test_they_lie_inside_and_every_site_where_it_is(self, size, cores):
        drawn = vortices(build_sample("square", size, "periodic"), cores)
        window = window_of(drawn)
        sample = window.moved()
        low, high = sample.positions.min(axis=0) - 0.5, sample.positions.max(axis=0) + 0.5
        places = window.wrapped(drawn["vortex_position"].values)
        assert np.all(places - low > 1.5)
        assert np.all(high - places > 1.5)
        apart = sample.positions - drawn.sample.positions
        np.testing.assert_allclose(apart / size, np.round(apart / size), atol=1e-12)
        assert len(np.unique(sample.positions, axis=0)) == sample.n_sites
        order = np.abs(order_of(drawn)[1].values)
        for place in places:  # the least |Δ| is drawn beside each
            near = np.linalg.norm(sample.positions - place, axis=1) < 1.0
            assert order[near].min() < np.quantile(order, 0.1)
        (image,) = mappables(vortex_map(drawn))[:1]
        x, y = np.round(sample.positions - sample.positions.min(axis=0)).astype(int).T
        np.testing.assert_allclose(image.get_array()[y, x], order)

    @pytest.mark.parametrize("boundary", ["open", "periodic"])
    def test_the_period_of_the_file_is_drawn_if_nothing_is_cut(self, boundary):
        sample = build_sample("square", (20, 20), boundary)
        inside = vortices(sample, [(9.5, 9.5)])
        assert window_of(inside).first == (0, 0)
        assert in_window(inside).sample.positions is sample.positions
        edge = vortices(sample, [(0.0, 0.0)])
        assert any(window_of(edge).first) == (boundary == "periodic")
        impurity = np.ones(400)
        impurity[0] = 0.1
        assert window_of(made(sample, impurity)).first == (0, 0)


class TestPages:
    """Where the sample has a shape of its own."""

    @pytest.mark.parametrize(("layers", "panels"), [(1, 1), (2, 2), (3, 3), (5, 1)])
    def test_a_stack_draws_its_layers(self, layers, panels):
        sample = build_sample("cubic", (6, 5, layers), "open")
        page = overview(made(sample, np.linspace(0.1, 0.5, sample.n_sites)))
        titles = [axes.get_title() for axes in page.axes if axes.get_title().startswith("Order parameter")]
        assert len(titles) == panels
        if panels > 1:
            assert [title.rpartition(" = ")[2] for title in titles] == [str(n) for n in range(layers)]

    @pytest.mark.parametrize(("size", "least"), [((60, 4), 0.75), ((40, 8), 0.6), ((24, 12), 0.3)])
    def test_a_wide_sample_fills_the_page(self, size, least):
        sample = build_sample("square", size, "open")
        page = overview(
            made(
                sample,
                np.linspace(0.1, 0.5, sample.n_sites),
                density=(np.linspace(0.4, 1.6, sample.n_sites), ("site",), "1", "electrons per site"),
            )
        )
        page.draw_without_rendering()
        maps = [axes for axes in page.axes if axes.images]
        assert len(maps) == 2
        for axes in maps:
            assert axes.get_window_extent().width > least * page.bbox.width
        boxes = [axes.get_tightbbox() for axes in page.axes if axes.axison and axes.get_title()]
        for n, one in enumerate(boxes):
            assert not any(one.overlaps(other) for other in boxes[:n])


def test_a_run_with_a_vortex_lattice_shows_it_whole():
    sample = build_sample("square", (20, 10), "periodic")
    field = bdg.VortexLattice(vortices=2, geometry="square")
    terms = {"chemical_potential": -0.5, "attraction": 2.0, "temperature": 0.05}
    model = bdg.build_model(sample, vector_potential=field, **terms)
    drawn = bdg.solve(model, observables=["order_parameter", "vortices"])
    window = window_of(drawn)
    places = window.wrapped(drawn["vortex_position"].values)
    assert len(places) == 2
    moved = window.moved().positions
    edges = np.minimum(places - moved.min(axis=0) + 0.5, moved.max(axis=0) + 0.5 - places)
    assert edges.min() > 1.5
