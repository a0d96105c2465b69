// What each panel draws and what its table holds: the same for the screen, for SVG and for CSV.

// The map that is shown: numbers, their scale and name.
function currentMap() {
  if (state.map) return state.map;
  const quantity = named(state.quantity),
    part = quantity.parts.includes(state.part) ? state.part : quantity.parts[0];
  const values = quantity.map(part),
    isPhase = part === "phase";
  const seen =
    quantity.kind === "bonds" || quantity.kind === "plaquettes" || sample.planes.length < 2 ? values : valuesOn(values);
  const isSigned = quantity.flow && part !== "size";
  const scale = scaleOf(seen, {
    isPhase,
    isSigned,
    range: state.range,
    log: state.log,
    every: quantity.limitsOf(part),
  });
  return (state.map = {
    quantity,
    part,
    values,
    scale,
    isPhase,
    label: quantity.labelOf(part),
    units: quantity.unitsOf(part),
  });
}

const valuesOn = (values) => Float64Array.from(sample.planes[state.layer].sites, (site) => values[site]);

// "energy 0.2 t, potential 4": what is chosen on the axes.
function chosenWords(quantity, drawn = []) {
  return quantity
    .choices(drawn)
    .map((axis) => `${shortLabel(axis)} ${memberName(axis, chosenOn(axis))}`)
    .join(", ");
}
const shortLabel = (axis) => axis.name.replace(/_/g, " ");

const DRAWINGS = {
  map(pen, colours) {
    return drawMap(pen, currentMap(), colours);
  },
  overlay(pen, colours) {
    drawOverlay(pen, views.map, colours);
  },
  spectrum(pen, colours) {
    const { axis, lines, quantity, units } = spectra(colours);
    const at = named(state.quantity).axis(axis.name)
      ? [{ place: shownUnit(axis.units).factor * axis.values[chosenOn(axis)], dash: [4, 3], colour: colours.accent }]
      : [];
    if (data.gap > 0 && axis.name === "energy")
      for (const sign of [-1, 1]) at.push({ place: sign * data.gap * shownUnit("t").factor });
    return drawLines(
      pen,
      {
        lines,
        x: { label: labelled(axis.label, axis.units) },
        y: { label: labelled(quantity.labelOf(quantity.parts[0]), units), log: state.spectrumLog },
        at,
      },
      colours,
    );
  },
  cut(pen, colours) {
    const cut = cutTable(),
      { factor, name } = shownUnit("a"),
      distance = cut.along.map((place) => factor * place);
    if (!cut.axis) {
      const lines = [
        {
          x: distance,
          y: Array.from(cut.rows[0], (value) => shownUnit(cut.units).factor * value),
          colour: colours.lines[0],
          name: "",
        },
      ];
      return drawLines(
        pen,
        { lines, x: { label: `Distance along the cut (${name})` }, y: { label: labelled(cut.label, cut.units) } },
        colours,
      );
    }
    const every = Float64Array.from(cut.rows.flatMap((row) => Array.from(row)));
    const scale = scaleOf(every, {
      isPhase: false,
      isSigned: cut.quantity.flow && cut.part !== "size",
      range: "map",
      log: state.spectrumLog,
    });
    const values = Array.from(cut.axis.values, (value) => shownUnit(cut.axis.units).factor * value);
    return drawHeat(
      pen,
      {
        x: { values: distance, label: `Distance along the cut (${name})` },
        y: { values, label: labelled(cut.axis.label, cut.axis.units) },
        value: (i, j) => cut.rows[j][i],
        scale,
        label: cut.label,
        units: cut.units,
        at: named(state.quantity).axis(cut.axis.name) ? values[chosenOn(cut.axis)] : undefined,
      },
      colours,
    );
  },
  fourier(pen, colours) {
    const map = currentMap(),
      label = `FFT: ${map.label}`;
    return drawFourier(
      pen,
      (state.transform ??= fourierOf(map.values, sample.planes[state.layer], state.window)),
      { label, units: map.units, range: state.fourierRange, log: state.fourierLog },
      colours,
    );
  },
  curves(pen, colours) {
    const quantity = named(state.curve);
    if (quantity.kind === "momenta") return drawZone(pen, quantity, colours);
    const { axis, lines } = curves(colours),
      part = quantity.parts[0];
    const x = { label: labelled(axis.label, axis.values ? axis.units : "1"), whole: !axis.values };
    if (axis.marks?.length) x.marks = axis.marks;
    if (axis.names && axis.count < 13) x.marks = axis.names.map((name, n) => [n + 1, name]);
    return drawLines(
      pen,
      { lines, x, y: { label: labelled(quantity.labelOf(part), quantity.unitsOf(part)) }, zero: !quantity.bands },
      colours,
    );
  },
  convergence(pen, colours) {
    const { iteration, lines, tolerance } = data.convergence;
    const drawn = lines.map(([name, row], n) => ({
      x: iteration,
      y: row.map((one) => one ?? NaN),
      colour: colours.lines[n % 6],
      name,
    }));
    drawn.push({
      x: [iteration[0], iteration[iteration.length - 1] + (iteration.length < 2)],
      y: [tolerance, tolerance],
      colour: colours.soft,
      dash: [4, 3],
      name: `tolerance ${number(tolerance, 2)}`,
      width: 1,
      bare: true,
    });
    return drawLines(
      pen,
      { lines: drawn, x: { label: "Iteration", whole: true }, y: { label: "Change in one iteration", log: true } },
      colours,
    );
  },
};

// Spectra of the chosen sites, and the mean of all.
function spectra(colours) {
  const quantity = named(state.spectrum),
    axis = quantity.axis(state.along),
    part = quantity.parts[0];
  const units = quantity.unitsOf(part),
    { factor } = shownUnit(units),
    lines = [];
  const x = Array.from(axis.values, (value) => shownUnit(axis.units).factor * value);
  const scaled = (values) => Array.from(values, (value) => factor * value);
  if (state.mean && quantity.place.name === "site")
    lines.push({ x, y: scaled(meanOf(quantity, axis, part)), fill: colours.fill, name: "mean of all sites" });
  state.sites.forEach((site, n) => {
    lines.push({
      x,
      y: scaled(quantity.spectrumAt(site, axis.name, part)),
      colour: colours.lines[n % 6],
      name: siteName(site),
      site,
    });
  });
  return { quantity, axis, lines, units };
}

function meanOf(quantity, axis, part) {
  const start = quantity.offset({ component: 0, [axis.name]: 0, [quantity.place.name]: 0 }),
    key = `${axis.name}/${start}`;
  quantity.means ??= {};
  return (quantity.means[key] ??= Float64Array.from({ length: axis.count }, (_, n) => {
    let sum = 0,
      count = 0;
    for (let site = 0; site < quantity.place.count; site++) {
      const value = quantity.value(start + n * quantity.strides[axis.name] + site, part);
      if (value === value) {
        sum += value;
        count++;
      }
    }
    return sum / count;
  }));
}

// Numbers along the cut: a row for each member of the axis, or one.
function cutTable() {
  const { sites, along } = sitesAlong(...state.cut),
    shown = named(state.quantity);
  const quantity = shown.place && shown.kind !== "bonds" && shown.kind !== "plaquettes" ? shown : named(state.spectrum);
  const axis = quantity.lineAxes[0] ?? null,
    part = quantity.parts.includes(state.part) && quantity === shown ? state.part : quantity.parts[0];
  const columns = sites.map((site) => {
    if (axis) return quantity.spectrumAt(site, axis.name, part);
    const place = quantity.placeOf(site);
    return [place < 0 ? NaN : quantity.value(quantity.offset({ component: 0, [quantity.place.name]: place }), part)];
  });
  const rows = Array.from({ length: axis ? axis.count : 1 }, (_, n) => columns.map((column) => column[n]));
  return { sites, along, quantity, part, axis, rows, label: quantity.labelOf(part), units: quantity.unitsOf(part) };
}

const MOST_CURVES = 8;

// Lines of a quantity without a place: along an axis, one for each member of another with few.
function curves(colours) {
  const quantity = named(state.curve),
    axis = quantity.axis(state.curveX),
    part = quantity.parts[0];
  const x = axis.values
    ? Array.from(axis.values, (value) => shownUnit(axis.units).factor * value)
    : Array.from({ length: axis.count }, (_, n) => n + 1);
  const other = severalAxis(quantity, axis),
    { factor } = shownUnit(quantity.unitsOf(part)),
    many = other && other.count > MOST_CURVES;
  const lines = Array.from({ length: other ? other.count : 1 }, (_, n) => ({
    x,
    y: Array.from(quantity.along(axis.name, part, other ? { [other.name]: n } : {}), (value) => factor * value),
    colour: colours.lines[many || quantity.bands ? 0 : n % 6],
    name: other && !many && !quantity.bands ? `${shortLabel(other)} ${memberName(other, n)}` : "",
    points: quantity.levels || !axis.values,
    width: many ? 1 : 1.6,
  }));
  return { axis, lines };
}

// The axis of which every member is a line: that of bands or levels, else the first with few.
function severalAxis(quantity, axis) {
  const others = quantity.axes.filter((one) => one !== axis && one.count > 1);
  return (
    others.find((one) => ["band", "level", "junction_level"].includes(one.name)) ??
    others.find((one) => one.count <= MOST_CURVES) ??
    null
  );
}
