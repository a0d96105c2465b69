"""Whatever configuration there is, its dump reads back equal."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from bdg.config import config_type, dump_resolved, parse_config
from bdg.config.schema.lattice import DIMENSIONS, ORBITALS
from bdg.observables import contracts
from bdg.observables.contract import NoParameters

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)
positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
small = st.floats(min_value=0, max_value=1, exclude_min=True, exclude_max=True)
seeds = st.integers(0, 2**63 - 1)
points = st.tuples(numbers, numbers).map(list)
titles = st.text(max_size=20).filter(str.isprintable) | st.sampled_from(
    [
        "off",
        "1e-8",
        "0o7",
        "0x1F",
        "null",
        "~",
        "",
        "1e999",
        "- a",
        "a: b",
        "a #b",
        "'",
        '"',
        "yes",
        "!x",
        "&a",
        "*a",
        "%",
    ]
)


def mapping(required=None, **optional):
    return st.fixed_dictionaries(required or {}, optional=optional)


shapes = st.one_of(
    mapping({"rectangle": mapping({"size": st.tuples(positive, positive).map(list)}, center=points)}),
    mapping({"disk": mapping({"radius": positive}, center=points)}),
    mapping({"ring": mapping({"inner": st.just(0), "outer": positive}, center=points)}),
    mapping({"polygon": mapping({"points": st.just([[0, 0], [1, 0], [0, 1e-3]])})}),
    mapping({"half_plane": mapping({"point": points, "normal": points.filter(any)})}),
)
regions = st.recursive(
    shapes,
    lambda inner: st.sampled_from(["union", "intersection", "difference"]).flatmap(
        lambda name: st.fixed_dictionaries({name: st.lists(inner, min_size=2, max_size=3)})
    ),
    max_leaves=4,
)
formulas = st.sampled_from(
    ["0.5*cos(2*pi*x/8)", "1", "1e-3", "-x", "2 if 1 <= x < 3 else 0", "0.3*exp(1j*x)"]
)
values = numbers | formulas


def by_region(planar):
    """Values over sites, by region too where there are regions."""
    entries = mapping({"region": regions, "value": values})
    return values | st.lists(entries, min_size=1, max_size=2) if planar else values


starts = st.sampled_from(["uniform", "random", "normal", "a.h5", "old/b c.h5"])
boundaries = st.sampled_from(["open", "periodic"]) | mapping({"twist": numbers})
boundaries |= mapping({"bloch": st.integers(1, 99)}, twist=numbers, shift=numbers)


def motions(dimension):
    """Sections of what happens in time."""
    directions = st.just([1.0] * dimension)
    pulse = {"amplitude": numbers, "frequency": positive, "center": numbers, "width": positive}
    return mapping(
        {"until": positive},
        every=positive,
        tolerance=positive,
        interaction=numbers | st.sampled_from(["2/3", "1 + 0.1*sin(t)"]),
        potential=numbers | st.just("0.5*exp(-(x - 0.1*t)**2)"),
        vector_potential=st.just(["0.1*t"] * dimension),
        pulse=mapping(pulse | {"direction": directions}, phase=numbers),
        voltage=mapping({"value": numbers}, amplitude=numbers, frequency=positive, axis=st.integers(0, 2)),
    )


@st.composite
def energies(draw):
    listed = sorted({float(value) for value in draw(st.lists(numbers, min_size=2, max_size=4))})
    if draw(st.booleans()) and len(listed) > 1:
        return {"start": listed[0], "stop": listed[-1], "num": draw(st.integers(2, 10**6))}
    return listed


@st.composite
def configurations(draw):
    kind = draw(st.sampled_from([*DIMENSIONS, "cell", "wannier90"]))
    dimension, n_orbitals = DIMENSIONS.get(kind, 2), ORBITALS.get(kind, 2)
    size = draw(st.lists(st.integers(2, 50), min_size=dimension, max_size=dimension))
    ranges = [*size, n_orbitals] if n_orbitals > 1 else size
    cells = st.tuples(*(st.integers(0, length - 1) for length in ranges)).map(list)
    own = {"vectors": st.tuples(points, points).map(list)}
    bond = mapping(
        {
            "from": st.integers(0, n_orbitals - 1),
            "to": st.integers(0, n_orbitals - 1),
            "amplitude": numbers | points,
        }
    )
    offsets = st.lists(st.integers(0, 9), min_size=dimension, max_size=dimension)
    bonds = st.builds(
        lambda entries, offset: [
            {**e, "offset": [n + 1 + offset[0], *offset[1:]]} for n, e in enumerate(entries)
        ],
        st.lists(bond, min_size=1, max_size=3),
        offsets,
    )
    which = {
        "cell": mapping(
            own | {"basis": st.tuples(points, points).map(list)},
            hoppings=bonds,
            onsite=st.tuples(numbers, numbers).map(list),
        ),
        "wannier90": mapping(
            own | {"file": titles, "centres": st.tuples(points, points).map(list)},
            cutoff=positive,
            energy_unit=positive,
        ),
    }
    lattice_is = {kind: draw(which[kind])} if kind in which else {"kind": kind}
    brings = kind == "wannier90" or "hoppings" in lattice_is.get("cell", {})
    several = st.lists(cells, max_size=3, unique_by=tuple)
    sites = draw(several)
    half = len(sites) // 2
    planar = dimension == 2
    lattice = mapping(
        {key: st.just(value) for key, value in lattice_is.items()}
        | {"size": st.just(size), "vacancies": st.just(sites[:half])},
        boundary=boundaries | st.lists(boundaries, min_size=dimension, max_size=dimension),
        **({"region": regions} if planar else {}),
    )
    vectors = st.lists(numbers, min_size=3, max_size=3)
    impurities = [
        draw(mapping({"site": st.just(site)}, potential=numbers, moment=vectors)) for site in sites[half:]
    ]
    number = mapping({"chemical_potential": numbers}) | mapping(
        {"filling": st.floats(0, 2, exclude_min=True, exclude_max=True)}
    )
    hamiltonian = mapping(
        {"impurities": st.just(impurities)},
        **({} if brings else {"hopping": numbers | st.lists(numbers, min_size=1, max_size=3) | bonds}),
        onsite=by_region(planar) | st.lists(numbers, min_size=1, max_size=3),
        zeeman=vectors | st.tuples(numbers, by_region(planar), formulas).map(list),
        rashba=by_region(planar),
        dresselhaus=by_region(planar),
        intrinsic_soc=by_region(planar),
        disorder=mapping(
            {"width": positive},
            distribution=st.sampled_from(["uniform", "normal", "binary"]),
            seed=seeds,
            **({"region": regions} if planar else {}),
        ),
    )
    fields = st.permutations(["pairing", "hartree"]) | st.just(["hartree"]) | st.just(["pairing"])
    strengths = st.sampled_from([("value",), ("exchange",), ("value", "exchange")])
    attraction = strengths.flatmap(
        lambda keys: mapping({"shell": st.integers(1, 3)} | dict.fromkeys(keys, by_region(planar)))
    )
    channels = st.sampled_from(["singlet", "triplet", "d_id"])
    given = mapping(
        {"onsite": by_region(planar)},
        d_xy=by_region(planar),
        chiral_p=by_region(planar),
        shell=st.integers(1, 3),
        phase=values,
        d_vector=vectors.filter(any),
        **({"region": regions} if planar else {}),
    )
    interaction = draw(
        mapping(
            onsite=by_region(planar),
            fields=fields,
            magnetism=st.sampled_from(["auto", "collinear", "noncollinear"]),
            bonds=st.lists(attraction, max_size=2, unique_by=lambda entry: entry["shell"]),
            channels=st.lists(channels, min_size=1, unique=True),
        )
        | mapping(given=given)
    )
    if isinstance(interaction.get("onsite"), int | float) and interaction["onsite"] < 0:
        interaction["fields"] = ["pairing", "hartree"]  # repulsion alone makes no pairs, and is refused
    if interaction and "given" not in interaction and draw(st.booleans()):
        interaction["orbitals"] = draw(mapping(value=by_region(planar), hund=numbers, pair_hopping=formulas))
    if interaction.get("bonds"):
        interaction["bond_fields"] = draw(fields)
    elif "orbitals" not in interaction:
        interaction.pop("channels", None)  # of no pairs on bonds
    if interaction.get("magnetism", "auto") != "auto" and "hartree" not in interaction.get("fields", []):
        del interaction["magnetism"]  # there must be a field of the density
    moments = st.sampled_from(["staggered", "random"]) | by_region(planar)
    magnetic = mapping(magnetisation=moments) if "hartree" in interaction.get("fields", []) else mapping()
    spectrum = {"energies": energies()}
    quantities = {
        name: st.just({}) if one.section is NoParameters else mapping(spectrum, broadening=positive)
        for name, one in contracts().items()
        if not one.has_own_section
    }
    zone_points = st.sampled_from(["Gamma", "X", "M", "K"]) | st.lists(numbers, min_size=1, max_size=3)
    path = {"path": st.lists(zone_points, min_size=2, max_size=4)}
    quantities["bands"] = mapping(path, num=st.integers(2, 99))
    quantities["spectral_function"] = mapping(path | spectrum, num=st.integers(2, 99), broadening=positive)
    quantities["momentum_distribution"] = mapping(mesh=st.integers(2, 99))
    vacant = {tuple(site) for site in sites[:half]}
    chosen = several.map(lambda cells: [cell for cell in cells if tuple(cell) not in vacant] or "all")
    quantities["states"] = mapping(count=st.integers(1, 100))
    quantities["meissner"] = mapping(surface=st.floats(0, 9))
    quantities["magnetisation_curve"] = mapping({"stop": numbers}, num=st.integers(2, 99))
    quantities["superfluid_weight"] = mapping(
        method=st.sampled_from(["auto", "exact", "response", "difference"]), relax=st.booleans()
    )
    quantities["susceptibility"] = mapping(
        channel=st.sampled_from(["charge", "spin", "amplitude", "phase"]),
        axis=st.sampled_from(["x", "y", "z"]),
        sources=chosen,
        wave_vectors=st.just([[0.0] * dimension]),
    )
    quantities["collective_modes"] = mapping(
        spectrum,
        broadening=positive,
        channel=st.sampled_from(["charge", "spin", "amplitude", "phase"]),
        pattern=st.sampled_from(["uniform", "order_parameter"]),
        axis=st.sampled_from(["x", "y", "z"]),
        wave_vectors=st.just([[0.0] * dimension]),
        map_energies=st.lists(numbers, min_size=1, max_size=3),
        accuracy=positive,
    )
    quantities["dynamical_conductivity"] = mapping(
        spectrum, broadening=positive, wave_vectors=st.just([[0.0] * dimension]), accuracy=positive
    )
    quantities["nmr"] = mapping(broadening=positive)
    quantities["field_distribution"] = mapping(num=st.integers(2, 99), resolution=positive)
    places = st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=2, max_size=2)
    quantities["vortex_energy"] = mapping(along=places, winding=st.integers(-9, 9))
    quantities["impurity_energy"] = mapping({"potential": numbers}, sites=chosen, hold_vortices=st.booleans())
    quantities["phase_slip"] = mapping(winding=st.integers(-9, 9), images=st.integers(5, 99))
    quantities["xy_model"] = mapping(
        copies=st.lists(st.integers(1, 9), min_size=2, max_size=3),
        sweeps=st.integers(32, 999),
        num=st.integers(2, 99),
        window=positive,
        follow=st.booleans(),
        seed=st.integers(0, 9),
    )
    quantities["bkt_temperature"] = mapping(tolerance=positive, relax=st.booleans())
    quantities["critical_temperature"] = mapping(lowest=positive, tolerance=positive, count=st.integers(1, 9))
    quantities["superflow"] = mapping({"stop": positive}, num=st.integers(2, 99), axis=st.integers(0, 2))
    quantities["persistent_current"] = mapping(num=st.integers(1, 49).map(lambda n: 2 * n + 1))
    depths = positive | st.just("semi_infinite")
    quantities["current_phase"] = mapping(leads=depths, at=numbers, levels=st.integers(0, 9))
    quantities["fraunhofer"] = mapping(stop=positive, phases=st.integers(3, 99), axis=st.integers(0, 2))
    quantities["squid"] = mapping(stop=positive, phases=st.integers(3, 99), leads=depths)
    quantities["conductance"] = mapping({"energies": energies()}, axis=st.integers(0, 2))
    quantities["stability"] = mapping(count=st.integers(1, 100))
    if not isinstance(interaction.get("onsite", 0), float) or not interaction["onsite"]:
        del quantities["stability"]  # there must be something that can be unstable
    quantities["chern"] = mapping(mesh=st.just("auto") | st.integers(3, 99))
    quantities["spectral_localizer"] = mapping(sites=chosen, radius=positive, kappa=positive)
    quantities["zero_modes"] = mapping(count=st.integers(1, 99), below=positive)
    quantities["majorana_polarisation"] = mapping(count=st.integers(1, 99))
    quantities["ldos"] = mapping(spectrum, broadening=positive, sites=chosen)
    quantities["ldos"] = mapping(
        spectrum,
        broadening=positive,
        sites=chosen,
        spin_axis=st.sampled_from([[1, 0, 0], [0.5, 0, -2]]),
        tip=st.sampled_from([[0, 0, 0.5], [0.6, 0, -0.8]]),
    )
    quantities["surface_spectral_function"] = mapping(
        path | spectrum,
        num=st.integers(2, 99),
        broadening=positive,
        axis=st.integers(0, dimension - 1),
        side=st.sampled_from(["first", "last"]),
        cells=st.integers(1, 3),
    )
    quantities["impurity_in_bulk"] = mapping(
        {"impurities": st.just([{"site": [0] * dimension, "potential": 5.0}]), "energies": energies()},
        window=st.integers(0, 9).map(lambda n: 2 * n + 1),
        radius=positive,
    )
    biases = {"biases": energies()}
    tips = mapping(
        polarisation=st.just([0, 0.5, 0]), temperature=positive, orbitals=st.lists(numbers, min_size=1)
    )
    tips |= mapping(
        {"tails": st.just([[0, 0.0, 1.0, 0.5], [0, 0.0, 0.0, 1.0, 0.1]])}, interference=st.booleans()
    )
    lock_in = st.sampled_from(["rms", "peak"]).flatmap(lambda kind: mapping({kind: positive}))
    widths = positive | st.sampled_from(["0.1", "0.01 + 0.1*abs(E)"])
    quantities["stm"] = mapping(
        biases,
        broadening=widths,
        sites=chosen,
        modulation=lock_in,
        tip=tips,
        set_point=mapping({"bias": positive}, current=positive, decay=positive),
    )
    quantities["gap_map"] = mapping(
        biases, broadening=widths, method=st.sampled_from(["peaks", "dynes"]), bins=st.integers(2, 99)
    )
    quantities["qpi"] = mapping(
        biases, window=st.sampled_from(["none", "hann"]), symmetry=st.sampled_from(["none", "c4v"])
    )
    units = st.tuples(positive, st.sampled_from(["eV", "meV", "ueV", "K", "J"])).map("{0[0]!r} {0[1]}".format)
    lengths = st.tuples(st.integers(1, 10**6), st.sampled_from(["nm", "Å", "µm", "m"])).map(
        "{0[0]}{0[1]}".format
    )
    return draw(
        mapping(
            {
                "lattice": lattice,
                "hamiltonian": st.builds(lambda a, b: {**a, **b}, hamiltonian, number),
                "interaction": st.just(interaction),
            },
            title=titles,
            units=mapping({"energy": units}, length=lengths, layer=lengths),
            field=mapping(vector_potential=st.lists(numbers, min_size=dimension, max_size=dimension)),
            temperature=positive,
            solver=mapping(
                method=st.sampled_from(["auto", "diagonalization", "selected_inversion"]),
                tolerance=small,
                threads=st.just("auto") | st.integers(1, 64),
            ),
            scf=mapping(
                tolerance=small,
                max_iterations=st.integers(1, 10**6),
                mixer=st.sampled_from(["anderson", "pulay", "linear"]),
                damping=small,
                history=st.integers(1, 50),
                initial=starts
                | st.builds(lambda a, b: {**a, **b}, mapping({"delta": by_region(planar)}), magnetic)
                | st.lists(starts, min_size=1, max_size=4, unique=True),
                seed=seeds,
            ),
            observables=mapping(**quantities),
            dynamics=motions(dimension),
            output=titles.map(lambda title: f"x{title}.h5"),
        )
    )


@given(configurations())
@settings(max_examples=100, deadline=None)
def test_round_trip(data):
    config = config_type().model_validate(data)
    text = dump_resolved(config)
    assert parse_config(text) == config
    assert dump_resolved(parse_config(text)) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=100, deadline=None)
def test_numbers_to_the_last_bit(number):
    config = config_type().model_validate(
        {"lattice": {"kind": "chain", "size": [2]}, "hamiltonian": {"chemical_potential": number}}
    )
    found = parse_config(dump_resolved(config)).hamiltonian.chemical_potential
    assert found == number
    assert math.copysign(1, found) == math.copysign(1, number)
