// Quantities: numbers by their axes, with what is chosen on the axes that are not drawn.
const PLACE_AXES = ["site", "ldos_site", "bond", "plaquette"];
const COMPONENTS = ["along x", "along y", "along z"];

class Quantity {
  constructor(part) {
    Object.assign(this, part);
    this.strides = {};
    let stride = 1;
    for (const axis of [...this.axes].reverse()) {
      this.strides[axis.name] = stride;
      stride *= axis.count;
    }
    this.size = stride;
    const last = this.axes[this.axes.length - 1];
    this.place = last && PLACE_AXES.includes(last.name) && this.isMap ? last : null;
    this.parts = this.complex ? ["modulus", "phase", "real part", "imaginary part"] : ["value"];
    if (this.kind === "bonds" && this.flow) this.parts = ["size", "from source to target"];
    if (this.kind === "arrows") this.parts = ["size", ...COMPONENTS.slice(0, this.axis("component").count)];
  }
  get isMap() {
    return ["sites", "bonds", "plaquettes", "arrows"].includes(this.kind);
  }
  axis(name) {
    return this.axes.find((axis) => axis.name === name);
  }

  // Numbers and coordinates, when they are first asked for.
  async load() {
    this.loading ??= (async () => {
      this.numbers = await numbersOf(this.data);
      for (const axis of this.axes) if (axis.values) axis.values = await decoded(axis.values);
    })();
    return this.loading;
  }

  // Axes with a choice: those that are neither the place nor drawn themselves.
  choices(drawn = []) {
    return this.axes.filter(
      (axis) =>
        axis !== this.place &&
        axis.count > 1 &&
        !drawn.includes(axis.name) &&
        !(this.kind === "arrows" && axis.name === "component"),
    );
  }

  // Where the numbers begin for what is chosen; `at` takes the place of a choice.
  offset(at = {}) {
    return this.axes.reduce((sum, axis) => sum + this.strides[axis.name] * (at[axis.name] ?? chosenOn(axis)), 0);
  }

  value(place, part) {
    const { numbers } = this;
    if (this.kind === "arrows") {
      const step = this.strides.component,
        start = place;
      if (part !== "size") return numbers.at(start + step * COMPONENTS.indexOf(part));
      let square = 0;
      for (let n = 0; n < this.axis("component").count; n++) square += numbers.at(start + step * n) ** 2;
      return Math.sqrt(square);
    }
    if (!this.complex) return part === "size" ? Math.abs(numbers.at(place)) : numbers.at(place);
    const [re, im] = [numbers.at(place), numbers.at(place + this.size)];
    if (part === "real part") return re;
    if (part === "imaginary part") return im;
    return part === "phase"
      ? Math.hypot(re, im) > 1e-9 * this.largest
        ? Math.atan2(im, re)
        : NaN
      : Math.hypot(re, im);
  }
  get largest() {
    return (this.known ??= Math.max(...this.numbers.limits().map(Math.abs)));
  }

  // One number for each site, bond or plaquette; none where it is not known.
  map(part, at = {}) {
    const start = this.offset({ ...at, component: 0, [this.place.name]: 0 }),
      count = this.place.count;
    const values = new Float64Array(count);
    for (let n = 0; n < count; n++) values[n] = this.value(start + n, part);
    if (this.place.name !== "ldos_site") return values;
    const all = new Float64Array(sample.orbitals.length).fill(NaN);
    this.place.values.forEach((site, n) => {
      all[site] = values[n];
    });
    return all;
  }

  // Place of a site on its axis; −1 where nothing is known of it.
  placeOf(site) {
    return this.place.name === "ldos_site" ? this.place.values.indexOf(site) : site;
  }

  // Numbers along an axis.
  along(name, part, at = {}) {
    const axis = this.axis(name),
      values = new Float64Array(axis.count),
      step = this.strides[name];
    const start = this.offset({ component: 0, ...at, [name]: 0 });
    for (let n = 0; n < axis.count; n++) values[n] = this.value(start + n * step, part);
    return values;
  }

  spectrumAt(site, axis, part, at = {}) {
    const place = this.placeOf(site);
    if (place < 0) return new Float64Array(this.axis(axis).count).fill(NaN);
    return this.along(axis, part, { ...at, [this.place.name]: place });
  }

  // Axes with numbers, along which a spectrum can be drawn; those of the sweep last.
  get lineAxes() {
    const numeric = this.axes.filter((axis) => axis !== this.place && axis.values && axis.count > 1);
    return [
      ...numeric.filter((axis) => !data.swept.includes(axis.name)),
      ...numeric.filter((axis) => data.swept.includes(axis.name)),
    ];
  }

  // Limits over all maps of a part.
  limitsOf(part) {
    if (this.parts.length > 1) {
      return part === "modulus" || part === "size" ? [0, this.largest] : [-this.largest, this.largest];
    }
    return this.numbers.limits();
  }

  labelOf(part) {
    const prefix = part === "value" ? "" : `, ${part}`;
    return part === "modulus" || part === "size" ? `|${this.long}|` : `${this.long}${prefix}`;
  }
  unitsOf(part) {
    return part === "phase" ? "rad" : this.units;
  }
}

// The member chosen on an axis: at first the one at zero, or nearest to it; of a sweep the first. Axes of one name
// that have other numbers, energies of several spectra, are at the nearest.
function chosenOn(axis) {
  const known = state.chosen[axis.name],
    isKnown = axis.values?.length === axis.count;
  if (known && known.n < axis.count && (isKnown ? axis.values[known.n] : null) === known.value) return known.n;
  if (PLACE_AXES.includes(axis.name) || !isKnown) return 0;
  if (known) return nearestTo(axis.values, known.value);
  return data.swept.includes(axis.name) ? 0 : nearestTo(axis.values, 0);
}

function nearestTo(values, value) {
  let nearest = 0;
  for (let n = 1; n < values.length; n++)
    if (Math.abs(values[n] - value) < Math.abs(values[nearest] - value)) nearest = n;
  return nearest;
}

// Axes that are the same for a control.
const axisKey = (axis) => `${axis.name}:${axis.count}`;

function memberName(axis, n) {
  if (axis.values)
    return `${number(shownUnit(axis.units).factor * axis.values[n], 5)} ${shownUnit(axis.units).name}`.replace(
      / 1$/,
      "",
    );
  return axis.names ? axis.names[n] : String(n);
}

// Sites on the straight line between two, and how far along it, as `bdg plot --line` takes them.
function sitesAlong(start, end) {
  const { positions, rank, nearest } = sample,
    at = (site, axis) => positions[3 * site + axis] - positions[3 * start + axis];
  const length = Math.hypot(at(end, 0), at(end, 1), at(end, 2));
  if (length < 1e-6) return { sites: [start], along: [0] };
  const direction = [0, 1, 2].map((axis) => at(end, axis) / length),
    found = [];
  for (let site = 0; site < rank.length; site++) {
    if (rank[site] !== rank[start]) continue;
    const offset = [0, 1, 2].map((axis) => at(site, axis));
    const along = offset.reduce((sum, part, axis) => sum + part * direction[axis], 0);
    const aside = Math.hypot(...offset.map((part, axis) => part - along * direction[axis]));
    if (along > -1e-6 && along < length + 1e-6 && aside < 0.5 * nearest - 1e-6) found.push([along, site]);
  }
  found.sort((one, other) => one[0] - other[0]);
  return { sites: found.map(([, site]) => site), along: found.map(([along]) => along) };
}
