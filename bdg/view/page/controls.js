// Controls: selects and sliders, and what is chosen by them.
function setOptions(select, options, value) {
  select.replaceChildren(...options.map(([key, text]) => element("option", text, { value: key })));
  select.value = value;
}

function bindCheck(id, key, ...drawn) {
  const box = byId(id);
  box.checked = state[key];
  box.addEventListener("change", () => {
    state[key] = box.checked;
    refresh(...drawn);
  });
}

function bindSelect(id, key, ...drawn) {
  const select = byId(id);
  select.value = state[key];
  select.addEventListener("change", () => {
    state[key] = select.value;
    refresh(...drawn);
  });
}

// A slider for an axis of numbers, a select for one of names.
function axisControl(axis, prefix) {
  const key = axisKey(axis),
    id = `${prefix}axis-${axis.name}`,
    row = element("div", "", { class: "axis" });
  const label = element("label", "", { for: id }),
    set = (n) => chooseMember(axis, n);
  label.append(document.createTextNode(capitalised(shortLabel(axis))));
  if (axis.values) {
    const slider = element("input", "", { type: "range", id, min: 0, max: axis.count - 1, step: 1, "data-key": key });
    slider.addEventListener("input", () => set(Number(slider.value)));
    const play = element("button", "Play", { type: "button", "aria-label": `Play along ${axis.label}` });
    play.addEventListener("click", () => togglePlay(axis, play));
    label.append(slider);
    row.append(label, element("output", "", { for: id, "data-of": key }), play);
  } else {
    const select = element("select", "", { id, "data-key": key });
    setOptions(
      select,
      Array.from({ length: axis.count }, (_, n) => [n, memberName(axis, n)]),
      chosenOn(axis),
    );
    select.addEventListener("change", () => set(Number(select.value)));
    label.append(select);
    row.append(label);
  }
  axisOf[key] = axis;
  return row;
}

const axisOf = {};
const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function chooseMember(axis, n) {
  state.chosen[axis.name] = { n, value: axis.values ? axis.values[n] : null };
  refresh("map", "overlay", "spectrum", "cut", "fourier", "curves");
}

function togglePlay(axis, button) {
  const begun = !state.playing;
  clearInterval(state.playing);
  state.playing = begun
    ? setInterval(() => chooseMember(axis, (chosenOn(axis) + 1) % axis.count), Math.max(50, 4000 / axis.count))
    : null;
  button.textContent = begun ? "Stop" : "Play";
  button.setAttribute("aria-pressed", String(begun));
}

// Sliders and their numbers as they are chosen.
function syncAxes() {
  for (const control of document.querySelectorAll("[data-key]")) {
    const axis = axisOf[control.dataset.key],
      n = chosenOn(axis);
    control.value = n;
    if (axis.values) control.setAttribute("aria-valuetext", memberName(axis, n));
  }
  for (const output of document.querySelectorAll("[data-of]"))
    output.textContent = memberName(axisOf[output.dataset.of], chosenOn(axisOf[output.dataset.of]));
}

// The controls of all axes: each axis once, at the first drawing that needs it.
function buildAxes() {
  if (!named(state.quantity) && mapped.length) return;
  const seen = new Set(),
    build = (id, prefix, quantity, drawn) => {
      const axes = quantity ? quantity.choices(drawn).filter((axis) => !seen.has(axisKey(axis))) : [];
      axes.forEach((axis) => seen.add(axisKey(axis)));
      byId(id).replaceChildren(...axes.map((axis) => axisControl(axis, prefix)));
    };
  clearInterval(state.playing);
  state.playing = null;
  build("map-axes", "", named(state.quantity), []);
  build("spectrum-axes", "spectrum-", named(state.spectrum), [state.along]);
  const curve = named(state.curve),
    several = curve && curve.kind !== "momenta" ? severalAxis(curve, curve.axis(state.curveX)) : null;
  build(
    "curve-axes",
    "curve-",
    curve,
    curve
      ? curve.kind === "momenta"
        ? curve.axes.slice(-2).map((axis) => axis.name)
        : [state.curveX, several?.name]
      : [],
  );
}

async function chooseQuantity(name) {
  const quantity = named(name);
  await quantity.load();
  state.quantity = name;
  state.part = quantity.parts[0];
  setOptions(
    byId("part"),
    quantity.parts.map((part) => [part, part]),
    state.part,
  );
  byId("part-row").hidden = quantity.parts.length < 2;
  if (quantity.lineAxes.length && spectral.includes(quantity)) await chooseSpectrum(name, false);
  buildAxes();
  refresh("map", "overlay", "spectrum", "cut", "fourier");
}

async function chooseSpectrum(name, alone = true) {
  const quantity = named(name);
  await quantity.load();
  state.spectrum = name;
  byId("spectrum-quantity").value = name;
  const axes = quantity.lineAxes;
  state.along = axes.some((axis) => axis.name === state.along) ? state.along : axes[0].name;
  setOptions(
    byId("along"),
    axes.map((axis) => [axis.name, axis.label]),
    state.along,
  );
  byId("along-row").hidden = axes.length < 2;
  byId("mean-row").hidden = quantity.place.name !== "site";
  if (alone) {
    buildAxes();
    refresh("spectrum", "cut");
  }
}

async function chooseCurve(name) {
  const quantity = named(name),
    axes = quantity.axes.filter((axis) => axis.count > 1);
  await quantity.load();
  state.curve = name;
  const several =
    axes.find((axis) => axis.name === quantity.along) ?? axes.find((axis) => axis.values) ?? axes[axes.length - 1];
  state.curveX = several.name;
  setOptions(
    byId("curve-x"),
    axes.map((axis) => [axis.name, axis.label]),
    state.curveX,
  );
  byId("curve-x-row").hidden = axes.length < 2 || quantity.kind === "momenta" || quantity.bands;
  buildAxes();
  refresh("curves");
}

// A site was chosen: its spectrum, one more, or the end of a cut.
function chooseSite(site, how) {
  performance.mark("click");
  if (how === "cut" && state.sites.length) state.cut = [state.sites[state.sites.length - 1], site];
  else if (how === "add" && state.sites.includes(site)) state.sites = state.sites.filter((one) => one !== site);
  else state.sites = how === "add" ? [...state.sites, site].slice(-6) : [site];
  state.cursor = site;
  sayOf(site);
  refresh("overlay", "spectrum", "cut");
}

function clearSites() {
  Object.assign(state, { sites: [], cut: null, cursor: null, said: null });
  say("");
  refresh("overlay", "spectrum", "cut");
}

const say = (text) => {
  byId("readout").textContent = text;
};
const sayOf = (site) => {
  state.said = site;
  say(describeSite(site));
};

// A click into a spectrum or a cut moves the slider.
function bindMarks() {
  const choose = (axis, value) => chooseMember(axis, nearestTo(axis.values, value));
  byId("spectrum").addEventListener("click", (event) => {
    const axis = named(state.spectrum).axis(state.along);
    choose(axis, views.spectrum.fromX(event.offsetX) / shownUnit(axis.units).factor);
  });
  byId("cut").addEventListener("click", (event) => {
    const { axis } = cutTable();
    if (axis) choose(axis, views.cut.fromY(event.offsetY) / shownUnit(axis.units).factor);
  });
}

function bindControls() {
  byId("quantity").addEventListener("change", (event) => chooseQuantity(event.target.value));
  byId("spectrum-quantity").addEventListener("change", (event) => chooseSpectrum(event.target.value));
  byId("curve").addEventListener("change", (event) => chooseCurve(event.target.value));
  bindSelect("part", "part", "map", "overlay", "fourier", "cut");
  bindSelect("range", "range", "map");
  bindSelect("shape", "shape", "map");
  bindSelect("mode", "mode");
  bindSelect("window", "window", "fourier");
  bindSelect("fourier-range", "fourierRange", "fourier");
  byId("layer").addEventListener("change", (event) => {
    state.layer = Number(event.target.value);
    state.centre = null;
    state.zoom = 1;
    refresh("map", "overlay", "fourier");
  });
  byId("along").addEventListener("change", (event) => {
    state.along = event.target.value;
    buildAxes();
    refresh("spectrum");
  });
  byId("curve-x").addEventListener("change", (event) => {
    state.curveX = event.target.value;
    buildAxes();
    refresh("curves");
  });
  bindCheck("log", "log", "map");
  bindCheck("arrows", "arrows", "zoom", "overlay");
  bindCheck("vortices", "vortices", "zoom", "overlay");
  bindCheck("mean", "mean", "spectrum");
  bindCheck("spectrum-log", "spectrumLog", "spectrum", "cut");
  bindCheck("fourier-on", "fourier", "fourier");
  bindCheck("fourier-log", "fourierLog", "fourier");
  bindCheck("si", "si", "map", "overlay", "spectrum", "cut", "fourier", "curves", "words");
  byId("clear").addEventListener("click", clearSites);
  byId("zoom-in").addEventListener("click", () => zoomBy(1.5));
  byId("zoom-out").addEventListener("click", () => zoomBy(1 / 1.5));
  byId("zoom-reset").addEventListener("click", () => zoomBy(1e-9));
  byId("theme").addEventListener("change", setTheme);
}

const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");
function setTheme() {
  document.documentElement.dataset.theme = byId("theme").value || (darkSystem.matches ? "dark" : "light");
  if (state.ready) refresh(...Object.keys(DRAWINGS));
}
darkSystem.addEventListener("change", setTheme);
