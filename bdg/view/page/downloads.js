// What is shown, as a file: SVG by the same strokes as on the screen, CSV with the numbers in the units of the file.
const digits = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(10))) : "");
const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text);
const inUnits = (text, units) => (units === "1" ? text : `${text} (${units})`);

const TABLES = {
  map() {
    const { quantity, values, label, units } = currentMap(),
      heading = inUnits([label, chosenWords(quantity)].filter(Boolean).join(", "), units);
    if (quantity.kind === "bonds" || quantity.kind === "plaquettes") {
      const extra =
        quantity.kind === "bonds"
          ? [
              ["source", data.bonds.source],
              ["target", data.bonds.target],
            ]
          : [];
      return [
        ["number", ...extra.map(([name]) => name), heading],
        ...Array.from(values, (value, n) => [n, ...extra.map(([, list]) => list[n]), digits(value)]),
      ];
    }
    const { positions } = sample;
    return [
      ["site", "cell", "x (a)", "y (a)", "z (a)", heading],
      ...Array.from(values, (value, site) => [
        site,
        siteName(site),
        ...[0, 1, 2].map((axis) => digits(positions[3 * site + axis])),
        digits(value),
      ]),
    ];
  },
  spectrum() {
    const quantity = named(state.spectrum),
      axis = quantity.axis(state.along),
      part = quantity.parts[0];
    const rest = chosenWords(quantity, [axis.name]),
      units = quantity.unitsOf(part);
    const columns = state.sites.map((site) => [siteName(site), quantity.spectrumAt(site, axis.name, part)]);
    if (quantity.place.name === "site") columns.push(["mean of all sites", meanOf(quantity, axis, part)]);
    const heading = (name) => inUnits([quantity.labelOf(part), name, rest].filter(Boolean).join(", "), units);
    return [
      [inUnits(axis.label, axis.units), ...columns.map(([name]) => heading(name))],
      ...Array.from(axis.values, (value, n) => [digits(value), ...columns.map(([, column]) => digits(column[n]))]),
    ];
  },
  cut() {
    const { sites, along, axis, rows, label, units } = cutTable();
    const heading = axis
      ? Array.from(axis.values, (value) => inUnits(`${label} at ${digits(value)} ${axis.units}`, units))
      : [inUnits(label, units)];
    return [
      ["site", "cell", "distance (a)", ...heading],
      ...sites.map((site, n) => [site, siteName(site), digits(along[n]), ...rows.map((row) => digits(row[n]))]),
    ];
  },
  fourier() {
    const { places, moduli } = state.transform,
      { units, label } = currentMap();
    return [
      ["q_x (1/a)", "q_y (1/a)", inUnits(`FFT of ${label}`, units)],
      ...Array.from(moduli, (value, n) => [digits(places[2 * n]), digits(places[2 * n + 1]), digits(value)]),
    ];
  },
  curves() {
    const quantity = named(state.curve),
      part = quantity.parts[0];
    if (quantity.kind === "momenta") {
      const [first, second] = quantity.axes.slice(-2),
        rows = [[first.name, second.name, inUnits(quantity.long, quantity.units)]],
        at = (axis, n) => (isOfLattice(quantity) ? digits(axis.values[n]) : n);
      for (let i = 0; i < first.count; i++)
        for (let j = 0; j < second.count; j++)
          rows.push([at(first, i), at(second, j), digits(quantity.value(quantity.offset({ [first.name]: i, [second.name]: j }), part))]);
      return rows;
    }
    const axis = quantity.axis(state.curveX),
      other = severalAxis(quantity, axis);
    const columns = Array.from({ length: other ? other.count : 1 }, (_, n) =>
      quantity.along(axis.name, part, other ? { [other.name]: n } : {}),
    );
    const heading = columns.map((_, n) =>
      inUnits(
        [quantity.labelOf(part), other ? `${shortLabel(other)} ${memberName(other, n)}` : ""]
          .filter(Boolean)
          .join(", "),
        quantity.unitsOf(part),
      ),
    );
    return [
      [inUnits(axis.label, axis.values ? axis.units : "1"), ...heading],
      ...Array.from({ length: axis.count }, (_, n) => [
        axis.values ? digits(axis.values[n]) : n,
        ...columns.map((column) => digits(column[n])),
      ]),
    ];
  },
};

function csvOf(panel) {
  return (
    TABLES[panel]()
      .map((row) => row.map((cell) => quoted(String(cell))).join(","))
      .join("\n") + "\n"
  );
}

function svgOf(panel) {
  const canvas = byId(panel),
    colours = theme(),
    pen = new SvgPen(canvas.clientWidth, canvas.clientHeight, colours.panel);
  DRAWINGS[panel](pen, colours);
  if (panel === "map") DRAWINGS.overlay(pen, colours);
  return pen.svg;
}

function save(text, ending, kind, panel) {
  const what = {
    map: state.quantity,
    spectrum: state.spectrum,
    cut: `${state.quantity}_cut`,
    fourier: `${state.quantity}_fft`,
    curves: state.curve,
  }[panel];
  const link = document.createElement("a"),
    stem = (data.source || "bdg").replace(/\.[^.]*$/, "");
  link.href = URL.createObjectURL(new Blob([text], { type: kind }));
  link.download = `${stem}_${what}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

function addDownloads() {
  for (const row of document.querySelectorAll("[data-download]")) {
    const panel = row.dataset.download,
      heading = row.closest("section").querySelector("h2").textContent;
    for (const [name, act] of [
      ["SVG", () => save(svgOf(panel), "svg", "image/svg+xml", panel)],
      ["CSV", () => save(csvOf(panel), "csv", "text/csv", panel)],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.id = `${panel}-${name.toLowerCase()}`;
      button.textContent = `Save ${name}`;
      button.setAttribute("aria-label", `Save the ${heading.toLowerCase()} as ${name}`);
      button.addEventListener("click", act);
      row.append(button);
    }
  }
}
