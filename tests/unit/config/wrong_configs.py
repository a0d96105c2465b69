"""Wrong configurations: text, line, column, key, and words of the message."""
# ruff: noqa: E501

from tests.unit.config.examples import MINIMAL

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def lattice(rest: str, kind: str = "square", size: str = "[4, 6]") -> str:
    return f"lattice: {{kind: {kind}, size: {size}}}\n".replace("}\n", f", {rest}}}\n") + (
        "hamiltonian: {chemical_potential: 0}\n"
    )


def hamiltonian(rest: str) -> str:
    return MINIMAL.replace("potential: 0", f"potential: 0, {rest}")


def more(rest: str) -> str:
    """Further lines, from line 3 on."""
    return MINIMAL + rest


# "a|b" stands for a or b, where the two parsers of PyYAML differ; None for what they place differently.
# fmt: off
NOT_YAML = [
    ("", None, None, None, "is empty"),
    ("# only a comment\n", None, None, None, "is empty"),
    ("null\n", None, None, None, "is empty"),
    ("just a text", 1, 1, None, "top level must be a mapping"),
    ("- lattice\n", 1, 1, None, "top level must be a mapping"),
    (more("temperature: 1\ntemperature: 2\n"), 4, 1, None, "'temperature' is given twice (first in line 3)"),
    (more("\ttemperature: 1\n"), 3, 1, None, "a tab"),
    (more("scf:\n\tseed: 1\n"), 4, 1, None, "a tab"),
    (more("temperature:\t1\n"), 3, 13, None, "a tab"),
    (more("temperature: 1\t# warm\n"), 3, 15, None, "a tab"),
    (more("title: a\x07b\n"), 3, 9, None, "control character U+0007"),
    (more("title: a\x00b\n"), 3, 9, None, "control character U+0000"),
    (more('title: "\\x1b[0m"\n'), 3, 8, None, "control character U+001B"),
    (more('title: "\\ud800"\n'), 3, None, None, "U+D800|Unicode"),
    (more('title: "\\Uffffffff"\n'), None, None, None, "Unicode|chr|too large"),
    (BOMB, 5, None, None, "aliases expand to more than 100000 values"),
    (more("title: &me [*me]\n"), 3, 13, None, "*me contains itself"),
    (more("title: *nobody\n"), 3, 8, None, "*nobody has no anchor"),
    (more("title: !!python/object:os.system ls\n"), 3, 8, None, "tag '!!python/object:os.system'"),
    (more("title: !!python/object/apply:os.system [ls]\n"), 3, 8, None, "tag '!!python/object/apply:os.system'"),
    (more("temperature: !!float 1\n"), 3, 14, None, "tag '!!float'"),
    (more("title: !mine x\n"), 3, 8, None, "tag '!mine'"),
    (more("1: 2\n"), 3, 1, None, "key 1 is not a text"),
    (more("true: 2\n"), 3, 1, None, "key true is not a text"),
    (more("? [a, b]\n: 2\n"), 3, 3, None, "key ['a', 'b'] is not a text"),
    (more("---\ntitle: second\n"), 3, 1, None, "second document"),
    (more("scf: " + "[" * 60 + "]" * 60 + "\n"), 3, 55, None, "nested more than 50 deep"),
    (more("title: [a, b\n"), 4, 1, None, "not valid YAML"),
    (more("title: see: this\n"), 3, 11, None, "mapping values are not allowed"),
    (more("title: 'open\n"), None, None, None, "unexpected end of stream; close the quotes"),
    (more("title: @home\n"), 3, 8, None, "cannot start any token"),
    (more("scf\n"), None, None, None, "could not find expected ':'"),
    (more("  title: x\n"), 3, None, None, "not valid YAML"),
    (more("scf: {seed: 99999999999999999999}\n"), 3, 13, None, "99999999999999999999 is too large"),
    (more("temperature: 1e999\n"), 3, 14, None, "1e999 is too large"),
]

TYPES = [
    (more("tempratur: 1\n"), 3, 1, "tempratur", "unknown key; did you mean 'temperature'?"),
    (more("zzz: 1\n"), 3, 1, "zzz", "unknown key; known keys: title, units, lattice"),
    (more("mixer: linear\n"), 3, 1, "mixer", "unknown key; did you mean scf.mixer?"),
    (more("<<: {title: x}\n"), 3, 1, "'<<'", "unknown key"),
    (more("sweep: {temperature: [1, 2]}\n"), 3, 1, "sweep", "unknown key"),
    (hamiltonian("rashba: 0.1"), 2, 38, "hamiltonian.rashba", "unknown key; known keys: hopping"),
    (more("temperature: 1e-8x\n"), 3, 14, "temperature", "must be a number, not '1e-8x'"),
    (more("temperature: '0.1'\n"), 3, 14, "temperature", "not '0.1'; remove the quotes"),
    (more("temperature: off\n"), 3, 14, "temperature", "must be a number, not 'off'"),
    (more("temperature: true\n"), 3, 14, "temperature", "must be a number, not true"),
    (more("temperature: [1]\n"), 3, 14, "temperature", "must be a number, not [1]"),
    (more("temperature:\n"), 3, None, "temperature", "has no value"),
    (more("temperature: .nan\n"), 3, 14, "temperature", "must be finite, not .nan"),
    (more("temperature: -.inf\n"), 3, 14, "temperature", "must be finite, not -.inf"),
    (more("temperature: -0.1\n"), 3, 14, "temperature", "must be at least 0, not -0.1"),
    (more("title: 5\n"), 3, 8, "title", "must be a text, not 5; put it in quotes: '5'"),
    (more("title: {a: b}\n"), 3, 8, "title", "must be a text, not {a: 'b'}"),
    (more('title: "a\\nb"\n'), 3, 8, "title", "one line"),
    (more("output: run.txt\n"), 3, 9, "output", "ends in .h5, not 'run.txt'"),
    (more("output: results/.h5\n"), 3, 9, "output", "ends in .h5"),
    (more("scf: 5\n"), 3, 6, "scf", "must be a mapping of keys to values, not 5; known keys: tolerance"),
    (more("scf:\n"), 3, None, "scf", "has no value"),
    (more("scf: {mixer: andersen}\n"), 3, 14, "scf.mixer", "anderson, pulay or linear, not 'andersen'; did you mean 'anderson'?"),
    (more("scf: {damping: 0}\n"), 3, 16, "scf.damping", "must be greater than 0, not 0"),
    (more("scf: {damping: 1.5}\n"), 3, 16, "scf.damping", "must be at most 1, not 1.5"),
    (more("scf: {tolerance: 0}\n"), 3, 18, "scf.tolerance", "greater than 0"),
    (more("scf: {tolerance: 1}\n"), 3, 18, "scf.tolerance", "less than 1"),
    (more("scf: {max_iterations: 2.5}\n"), 3, 23, "scf.max_iterations", "must be a whole number, not 2.5"),
    (more("scf: {max_iterations: 200.0}\n"), 3, 23, "scf.max_iterations", "not 200.0; write 200"),
    (more("scf: {max_iterations: '9'}\n"), 3, 23, "scf.max_iterations", "not '9'; remove the quotes"),
    (more("scf: {seed: -1}\n"), 3, 13, "scf.seed", "must be at least 0"),
    (more("scf: {initial: vortex}\n"), 3, 16, "scf.initial", "uniform, random or normal, not 'vortex'"),
    (more("solver: {method: lanczos}\n"), 3, 18, "solver.method", "must be auto, diagonalization or selected_inversion, not 'lanczos'"),
    (more("solver: {threads: many}\n"), 3, 19, "solver.threads", "must be auto or a whole number, not 'many'"),
    (more("solver: {threads: atuo}\n"), 3, 19, "solver.threads", "did you mean 'auto'?"),
    (more("solver: {threads: 0}\n"), 3, 19, "solver.threads", "must be at least 1, not 0"),
    (more("solver: {threads: true}\n"), 3, 19, "solver.threads", "must be auto or a whole number, not true"),
    (more("units: {energy: 100}\n"), 3, 17, "units.energy", "must be an energy with a unit, not 100; write 100 meV"),
    (more("units: {energy: 1 mev}\n"), 3, 17, "units.energy", "unknown unit 'mev' of an energy; did you mean 'meV'?"),
    (more("units: {length: 1 parsec}\n"), 3, 17, "units.length", "use m, nm, um or angstrom"),
    (more("units: {length: 1 nm}\n"), 3, 8, "units", "without the unit of energy"),
    (more("units: {layer: -1 nm}\n"), 3, 16, "units.layer", "must be positive and finite, not '-1 nm'"),
    (more("units: {energy: 1e-8x eV}\n"), 3, 17, "units.energy", "with a unit, not '1e-8x eV'"),
]

LATTICE = [
    ("hamiltonian: {filling: 1}\n", None, None, "lattice", "this key is missing; add 'lattice:'"),
    ("lattice: {kind: chain, size: [4]}\n", None, None, "hamiltonian", "this key is missing"),
    ("latice: {kind: chain, size: [4]}\nhamiltonian: {filling: 1}", 1, 1, "latice", "did you mean 'lattice'?"),
    ("lattice: {kind: chain}\nhamiltonian: {filling: 1}", 1, 1, "lattice.size", "this key is missing; add 'size:'"),
    (lattice("x: 1", kind="sqare"), 1, 17, "lattice.kind", "chain, square or cubic, not 'sqare'; did you mean 'square'? (+1"),
    (lattice("x: 1"), 1, 39, "lattice.x", "unknown key; known keys: kind, size"),
    (lattice("boundary: open", size="4"), 1, 31, "lattice.size", "must be a list, not 4; write [4]"),
    (lattice("boundary: open", size="[4, -6]"), 1, 35, "lattice.size[1]", "must be at least 1, not -6"),
    (lattice("boundary: open", size="[4, 6.5]"), 1, 35, "lattice.size[1]", "must be a whole number, not 6.5"),
    (lattice("boundary: open", size="[4, x]"), 1, 35, "lattice.size[1]", "must be a whole number, not 'x'"),
    (lattice("boundary: open", size="[4, 6, 8]"), 1, 31, "lattice.size", "a square lattice has 2 directions, not 3; write [4, 6]"),
    (lattice("boundary: open", size="[]"), 1, 31, "lattice.size", "must have at least 1 entry, not 0"),
    (lattice("boundary: open", size="[1, 2, 3, 4]"), 1, 31, "lattice.size", "must have at most 3 entries, not 4"),
    (lattice("boundary: perodic"), 1, 49, "lattice.boundary", "open, periodic, {twist: number} or {bloch: number of momenta}, not 'perodic'; did you mean 'periodic'?"),
    (lattice("boundary: [open, 5]"), 1, 56, "lattice.boundary[1]", "open, periodic, {twist: number} or {bloch: number of momenta}, not 5"),
    (lattice("boundary: [open]"), 1, 49, "lattice.boundary", "2 directions, not 1"),
    (lattice("boundary: {twst: 1}"), 1, 50, "lattice.boundary.twst", "unknown key; did you mean 'twist'?"),
    (lattice("boundary: {bloch: 0}"), 1, 57, "lattice.boundary.bloch", "must be at least 1, not 0"),
    (lattice("boundary: [open, {bloch: 2.5}]"), 1, 64, "lattice.boundary[1].bloch", "must be a whole number, not 2.5"),
    (lattice("boundary: {bloch: 8, shift: 0.3}"), 1, 67, "lattice.boundary.shift", "must be 0 or 0.5, not 0.3; 0.5 leaves out k = 0"),
    (lattice("boundary: {shift: 0.5}"), 1, 49, "lattice.boundary", "names neither twist nor bloch; write {bloch: 32} or {twist: 0.3}"),
    (lattice("boundary: {twist: 1, shift: 0.5}"), 1, 67, "lattice.boundary.shift", "a shift is for the momenta of an infinite direction; add bloch: 32"),
    (lattice("boundary: [{twist: pi}, open]"), 1, 58, "lattice.boundary[0].twist", "must be a number, not 'pi'"),
    (lattice("vacancies: [[1, 2], [1, 6]]"), 1, 63, "lattice.vacancies[1][1]", "[1, 6] is outside the lattice; this coordinate runs from 0 to 5"),
    (lattice("vacancies: [[-1, 2]]"), 1, 52, "lattice.vacancies[0][0]", "is outside the lattice"),
    (lattice("vacancies: [[1]]"), 1, 51, "lattice.vacancies[0]", "a site of a square has 2 coordinates, not 1"),
    (lattice("vacancies: [1, 2]"), 1, 51, "lattice.vacancies[0]", "must be a list, not 1"),
    (lattice("vacancies: [[1, 2], [1, 2]]"), 1, 59, "lattice.vacancies[1]", "[1, 2] is listed twice"),
    (lattice("vacancies: [[0]]", kind="chain", size="[1]"), 1, 46, "lattice.vacancies", "no site is left"),
    (lattice("region: {}"), 1, 47, "lattice.region", "names no shape; give rectangle, disk"),
    (lattice("region: disk"), 1, 47, "lattice.region", "must be a mapping"),
    (lattice("region: {circle: {radius: 1}}"), 1, 48, "lattice.region.circle", "unknown key; known keys: rectangle, disk"),
    (lattice("region: {disk: {radus: 1}}"), 1, 55, "lattice.region.disk.radus", "did you mean 'radius'?"),
    (lattice("region: {disk: {}}"), 1, 48, "lattice.region.disk.radius", "this key is missing"),
    (lattice("region: {disk: {radius: 0}}"), 1, 63, "lattice.region.disk.radius", "must be greater than 0"),
    (lattice("region: {disk: {radius: 1, center: [1]}}"), 1, 74, "lattice.region.disk.center", "must have at least 2 entries, not 1"),
    (lattice("region: {disk: {radius: 1}, ring: {inner: 1, outer: 2}}"), 1, 73, "lattice.region.ring", "names 2 shapes, disk and ring"),
    (lattice("region: {ring: {inner: 2, outer: 1}}"), 1, 62, "lattice.region.ring.inner", "must be less than the outer 1"),
    (lattice("region: {polygon: {points: [[0, 0], [1, 1], [2, 2]]}}"), 1, 66, "lattice.region.polygon.points", "enclose no area"),
    (lattice("region: {polygon: {points: [[0, 0], [1, 1]]}}"), 1, 66, "lattice.region.polygon.points", "at least 3 entries, not 2"),
    (lattice("region: {half_plane: {point: [0, 0], normal: [0, 0]}}"), 1, 84, "lattice.region.half_plane.normal", "must not be zero"),
    (lattice("region: {union: []}"), 1, 55, "lattice.region.union", "at least 1 entry"),
    (lattice("region: {difference: [{disk: {radius: 1}}]}"), 1, 60, "lattice.region.difference", "at least 2 entries"),
    (lattice("region: {union: [{disk: {radius: x}}]}"), 1, 72, "lattice.region.union[0].disk.radius", "must be a number, not 'x'"),
    (lattice("region: {disk: {radius: 1}}", "chain", "[4]"), 1, 43, "lattice.region", "two-dimensional lattices, not for a chain"),
]

PHYSICS = [
    (hamiltonian("filling: 1"), 2, 47, "hamiltonian.filling", "filling and chemical_potential are both given"),
    ("lattice: {kind: chain, size: [4]}\nhamiltonian: {onsite: 1}", 2, 14, "hamiltonian", "neither filling nor chemical_potential"),
    (MINIMAL.replace("chemical_potential: 0", "filling: 2"), 2, 24, "hamiltonian.filling", "between 0 and 2 electrons per site"),
    (MINIMAL.replace("chemical_potential: 0", "filling: -0.5"), 2, 24, "hamiltonian.filling", "not -0.5"),
    (hamiltonian("hopping: []"), 2, 47, "hamiltonian.hopping", "at least 1 entry"),
    (hamiltonian("hopping: yes"), 2, 47, "hamiltonian.hopping", "must be a number, not 'yes'"),
    (hamiltonian("hopping: [1, true]"), 2, 51, "hamiltonian.hopping[1]", "must be a number, not true"),
    (hamiltonian("impurities: {site: [1, 1]}"), 2, 50, "hamiltonian.impurities", "must be a list"),
    (hamiltonian("impurities: [{potential: 1}]"), 2, 51, "hamiltonian.impurities[0].site", "this key is missing"),
    (hamiltonian("impurities: [{site: [4, 0]}]"), 2, 59, "hamiltonian.impurities[0].site[0]", "[4, 0] is outside the lattice"),
    (hamiltonian("impurities: [{site: [1.5, 0]}]"), 2, 59, "hamiltonian.impurities[0].site[0]", "whole number, not 1.5"),
    (hamiltonian("impurities: [{site: [1, 0]}, {site: [1, 0]}]"), 2, 74, "hamiltonian.impurities[1].site", "has an impurity already"),
    (hamiltonian("impurities: [{site: [1, 0], moment: [0, 1, 1]}]"), 2, 78, "hamiltonian.impurities[0].moment[1]", "only the z component may be nonzero, not [0, 1, 1]"),
    (lattice("vacancies: [[1, 2]]") .replace("potential: 0", "potential: 0, impurities: [{site: [1, 2]}]"), 2, 58, "hamiltonian.impurities[0].site", "[1, 2] is a vacancy"),
    (hamiltonian("zeeman: 0.1"), 2, 46, "hamiltonian.zeeman", "must be a list, not 0.1"),
    (hamiltonian("zeeman: [0.1, 0, 0]"), 2, 47, "hamiltonian.zeeman[0]", "only the z component"),
    (hamiltonian("zeeman: [0, 0]"), 2, 46, "hamiltonian.zeeman", "at least 3 entries, not 2"),
    (hamiltonian("disorder: {distribution: gauss, width: 1}"), 2, 63, "hamiltonian.disorder.distribution", "uniform, normal or binary, not 'gauss'"),
    (hamiltonian("disorder: {width: -1}"), 2, 56, "hamiltonian.disorder.width", "must be at least 0"),
    (hamiltonian("disorder: {seed: 1}"), 2, 38, "hamiltonian.disorder.width", "this key is missing"),
    (more("interaction: {onsite: x}\n"), 3, 23, "interaction.onsite", "must be a number or a list of {region, value}, not 'x'"),
    (more("interaction: {onsite: .inf}\n"), 3, 23, "interaction.onsite", "must be finite"),
    (more("interaction: {onsite: []}\n"), 3, 23, "interaction.onsite", "at least 1 entry"),
    (more("interaction: {onsite: [2]}\n"), 3, 24, "interaction.onsite[0]", "must be a mapping of keys to values, not 2; known keys: region, value"),
    (more("interaction: {onsite: [{value: 2}]}\n"), 3, 24, "interaction.onsite[0].region", "this key is missing"),
    (more("interaction: {fields: pairing}\n"), 3, 23, "interaction.fields", "must be a list, not 'pairing'; write [pairing]"),
    (more("interaction: {fields: [fock]}\n"), 3, 24, "interaction.fields[0]", "must be pairing or hartree, not 'fock'"),
    (more("interaction: {fields: [pairing, pairing]}\n"), 3, 33, "interaction.fields[1]", "listed twice"),
    (more("interaction: {onsite: 2, fields: []}\n"), 3, 34, "interaction.fields", "do nothing"),
    (more("interaction: {onsite: 2, given: {onsite: 0.3}}\n"), 3, 33, "interaction.given", "exclude each other"),
    (more("interaction: {given: {onsite: 0.3}, onsite: 2}\n"), 3, 45, "interaction.onsite", "exclude each other"),
    (more("interaction: {given: {d_x2_y2: 0.3}}\n"), 3, 23, "interaction.given.d_x2_y2", "unknown key; known keys: onsite"),
    (more("interaction: {given: 0.3}\n"), 3, 22, "interaction.given", "must be a mapping"),
    (more("field: {vector_potential: [0.1]}\n"), 3, 27, "field.vector_potential", "2 directions, not 1; write [0, 0]"),
    (more("field: {vector_potential: 0.1}\n"), 3, 27, "field.vector_potential", "must be a list, not 0.1"),
    (more("field: {uniform: 0.1}\n"), 3, 9, "field.uniform", "unknown key; known keys: vector_potential"),
]

OBSERVABLES = [
    (more("observables: [dos]\n"), 3, 14, "observables", "must be a mapping of keys to values, not ['dos']"),
    (more("observables: {ldso: {}}\n"), 3, 15, "observables.ldso", "did you mean 'ldos'?"),
    (more("observables: {currents: {bonds: 1}}\n"), 3, 26, "observables.currents.bonds", "nothing can be set here"),
    (more("observables: {currents: true}\n"), 3, 25, "observables.currents", "must be a mapping of keys to values, not true; write {}"),
    (more("observables: {ldos: }\n"), 3, 15, "observables.ldos.energies", "this key is missing; add 'energies:' ({start, stop"),
    (more("observables: {dos: {energies: 5}}\n"), 3, 31, "observables.dos.energies", "must be {start, stop, num} or a list of numbers, not 5"),
    (more("observables: {dos: {energies: []}}\n"), 3, 31, "observables.dos.energies", "at least 1 entry"),
    (more("observables: {dos: {energies: [0, x]}}\n"), 3, 35, "observables.dos.energies[1]", "must be a number, not 'x'"),
    (more("observables: {dos: {energies: [0, 0]}}\n"), 3, 35, "observables.dos.energies[1]", "energies must ascend, 0 follows 0"),
    (more("observables: {dos: {energies: {start: 1, stop: 1}}}\n"), 3, 39, "observables.dos.energies.start", "start 1 must be less than stop 1"),
    (more("observables: {dos: {energies: {start: 0, stop: 1, num: 1}}}\n"), 3, 56, "observables.dos.energies.num", "must be at least 2, not 1"),
    (more("observables: {dos: {energies: {start: 0, stop: 1, num: 1000000000}}}\n"), 3, 56, "observables.dos.energies.num", "at most 1000000"),
    (more("observables: {dos: {energies: {start: 0}}}\n"), 3, 21, "observables.dos.energies.stop", "this key is missing"),
    (more("observables: {dos: {energies: [0], broadening: 0}}\n"), 3, 48, "observables.dos.broadening", "must be greater than 0"),
    (more("observables: {dos: {energies: [0], sites: all}}\n"), 3, 36, "observables.dos.sites", "unknown key"),
    (more("observables: {ldos: {energies: [0], sites: al}}\n"), 3, 44, "observables.ldos.sites", "must be all or a list of cell coordinates, not 'al'; did you mean 'all'?"),
    (more("observables: {ldos: {energies: [0], sites: [[0, 6]]}}\n"), 3, 49, "observables.ldos.sites[0][1]", "is outside the lattice"),
    (more("observables: {ldos: {energies: [0], sites: [[0, 0], [0, 0]]}}\n"), 3, 53, "observables.ldos.sites[1]", "listed twice"),
]

# fmt: on
