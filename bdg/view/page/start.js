// Reads the page's data, and draws what has changed.
const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const { sample } = data;
const COLOUR_MAPS = Object.fromEntries(
  ["sequential", "diverging", "cyclic"].map((name) => [name, coloursOf(data.colours[name])]),
);
const quantities = data.quantities.map((part) => new Quantity(part));
const named = (name) => quantities.find((one) => one.name === name);
const mapped = quantities.filter(
  (one) => one.place && (one.kind !== "bonds" || data.bonds) && (one.kind !== "plaquettes" || data.plaquettes),
);
const spectral = mapped.filter(
  (one) =>
    ["sites", "arrows"].includes(one.kind) &&
    one.axes.some((axis) => axis !== one.place && axis.values && axis.count > 1),
);
spectral.sort((one, other) => own(other) - own(one));
const isPlain = (one) => one.kind === "lines" || (one.kind === "momenta" && hasZone(one));
const plain = quantities.filter((one) => !one.place && isPlain(one) && one.size > 1);
plain.sort((one, other) => numeric(other) - numeric(one));
const views = {};
function numeric(quantity) {
  return quantity.axes.some((axis) => axis.values && axis.count > 1);
}
function own(quantity) {
  return quantity.axes.filter(
    (axis) => axis.values && axis !== quantity.place && axis.count > 1 && !data.swept.includes(axis.name),
  ).length;
}
const state = {
  quantity: "",
  part: "",
  layer: 0,
  chosen: {},
  sites: [],
  cut: null,
  cursor: null,
  mode: "one",
  zoom: 1,
  centre: null,
  range: "map",
  log: false,
  shape: "cells",
  arrows: false,
  vortices: true,
  si: false,
  spectrum: "",
  along: "",
  mean: true,
  spectrumLog: false,
  curve: "",
  curveX: "",
  fourier: false,
  window: "none",
  fourierRange: "percentile",
  fourierLog: false,
  map: null,
  transform: null,
  playing: null,
  ready: false,
  said: null,
};

const waiting = new Set();

// Draw panels anew with the next frame: "map" is its numbers, "zoom" the same map from elsewhere.
function refresh(...names) {
  if (!state.ready) return;
  if (!waiting.size) requestAnimationFrame(drawAll);
  names.forEach((name) => waiting.add(name));
}

function drawAll() {
  const names = new Set(waiting);
  waiting.clear();
  if (names.has("map")) state.map = null;
  if (names.has("map") || names.has("fourier")) state.transform = null;
  if (names.has("zoom")) names.add("map");
  byId("cut-panel").hidden = !state.cut || !mapped.length;
  byId("fourier").hidden = document.querySelector('[data-download="fourier"]').hidden = !state.fourier;
  if (mapped.length) byId("map-drawing").style.height = `${heightFor(byId("map-drawing").clientWidth)}px`;
  const colours = theme(),
    shown = {
      map: mapped.length > 0,
      overlay: mapped.length > 0,
      spectrum: spectral.length > 0,
      cut: !byId("cut-panel").hidden,
      fourier: state.fourier && sample.fourier,
      curves: plain.length > 0,
      convergence: data.convergence?.lines,
    };
  for (const name of Object.keys(DRAWINGS)) {
    if (!names.has(name) || !shown[name]) continue;
    const pen = new CanvasPen(byId(name));
    if (name === "map") views.mapPen = pen;
    views[name] = DRAWINGS[name](pen, colours);
  }
  if (names.has("words")) fillPrecision();
  if (names.has("map") && state.said !== null) sayOf(state.said);
  listSites();
  syncAxes();
  if (mapped.length) {
    nameDrawings();
    fillNotes(named(state.quantity));
  }
  if (performance.getEntriesByName("click").length) {
    performance.measure("answer", "click");
    performance.clearMarks("click");
  }
}

async function decodeSample() {
  for (const name of ["cells", "orbitals", "rank", "positions"]) sample[name] = await decoded(sample[name]);
  for (const plane of sample.planes) {
    for (const name of ["sites", "centers", "ends", "seams"]) plane[name] = await decoded(plane[name]);
    plane.has = new Set(plane.sites);
    plane.bounds = boundsOf(plane);
  }
  if (sample.profile) sample.profile.places = await decoded(sample.profile.places);
  for (const [part, names] of [
    ["bonds", ["source", "target", "kind"]],
    ["plaquettes", ["corners", "starts"]],
  ]) {
    for (const name of data[part] ? names : []) data[part][name] = await decoded(data[part][name]);
  }
}

function hidePanels() {
  byId("map-panel").hidden = !mapped.length;
  byId("spectrum-panel").hidden = !spectral.length;
  byId("fourier-panel").hidden = !mapped.length || !sample.fourier || Boolean(sample.profile);
  byId("curves-panel").hidden = !plain.length;
  byId("cut-panel").hidden = true;
  if (!spectral.length || !mapped.length) byId("cut-panel").before(byId("curves-panel")); // no column stays empty
  byId("layer-row").hidden = sample.planes.length < 2 || Boolean(sample.profile);
  byId("arrows-row").hidden = !quantities.some((one) => one.kind === "arrows") || Boolean(sample.profile);
  byId("vortices-row").hidden = !data.vortices || Boolean(sample.profile);
  byId("si-row").hidden = !Object.keys(data.si).length;
}

const optionsOf = (list) =>
  list.map((one) => [
    one.name,
    one.long + (list.some((other) => other !== one && other.long === one.long) ? ` (${one.name})` : ""),
  ]);

async function start() {
  setTheme();
  fillHeader();
  fillFacts();
  fillConfiguration();
  fillConvergence();
  addDownloads();
  await decodeSample();
  hidePanels();
  const layers = sample.planes.map((plane, n) => [String(n), plane.title || `${n + 1}`]);
  const kept = keptState();
  Object.assign(state, { layer: data.layer, sites: spectral.length ? data.chosen : [] }, kept);
  setOptions(byId("layer"), layers, String(state.layer));
  setOptions(byId("quantity"), optionsOf(mapped), "");
  setOptions(byId("spectrum-quantity"), optionsOf(spectral), "");
  setOptions(byId("curve"), optionsOf(plain), "");
  const arrows = quantities.find((one) => one.kind === "arrows");
  if (arrows) {
    await arrows.load();
    state.arrows = kept.arrows ?? !spectral.length;
  }
  const among = (list, name, other) => list.find((one) => one.name === name) ?? other;
  const spectrum = among(spectral, kept.spectrum, spectral[0]),
    curve = among(plain, kept.curve, plain[0]);
  const map = among(
    mapped,
    kept.quantity,
    [...spectral, ...mapped].find((one) => one.place.name !== "ldos_site") ?? mapped[0],
  );
  if (curve) {
    byId("curve").value = curve.name;
    await chooseCurve(curve.name);
  }
  if (map) {
    byId("quantity").value = map.name;
    await chooseQuantity(map.name);
  }
  if (spectrum)
    await chooseSpectrum(
      map === spectrum || !spectral.includes(map) || kept.spectrum ? spectrum.name : map.name,
      false,
    );
  if (map?.parts.includes(kept.part)) byId("part").value = state.part = kept.part;
  buildAxes();
  bindControls();
  if (mapped.length) bindMap();
  bindMarks();
  state.ready = true;
  refresh(...Object.keys(DRAWINGS), "words");
  new ResizeObserver(() => refresh(...Object.keys(DRAWINGS))).observe(document.body);
  if (data.stamp !== undefined) watchForNews();
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      document.documentElement.dataset.ready = "yes";
    }),
  );
}

start();
