// Maps of momenta: each a parallelogram of the mesh, in its true shape.

// Corners of a parallelogram about its middle, the n-th part of two reciprocal vectors.
function mesh(b1, b2, rows, columns) {
  const signs = [-1, -1, 1, -1, 1, 1, -1, 1];
  return [0, 2, 4, 6].flatMap((k) =>
    [0, 1].map((axis) => (signs[k] * b1[axis]) / (2 * rows) + (signs[k + 1] * b2[axis]) / (2 * columns)),
  );
}

function boundsOfMesh(places, corners) {
  const [xs, ys] = [0, 1].map((axis) => limitsOf(places.filter((_, n) => n % 2 === axis)));
  const [across, up] = [0, 1].map((axis) => limitsOf(corners.filter((_, n) => n % 2 === axis)));
  return [xs[0] + across[0], ys[0] + up[0], xs[1] + across[1], ys[1] + up[1]];
}

function drawMomenta(pen, { values, places, corners, scale, name, label, units }, colours) {
  const [left, bottom, right, top] = boundsOfMesh(places, corners);
  const { factor, name: length } = shownUnit("a");
  const axis = (direction, low, high) => ({
    label: `${name}_${direction} (1/${length})`,
    low: low / factor,
    high: high / factor,
  });
  const height = pen.height - 54;
  const aspect = (right - left) / (top - bottom);
  const wide = Math.min(pen.width - 166, height * aspect);
  const shaped = Object.create(pen, { height: { value: pen.height - height + wide / aspect } });
  const bar = pen.width - 76 - wide;
  const frame = drawAxes(shaped, axis("x", left, right), axis("y", bottom, top), colours, { bar });
  const table = colourTable(scale);
  const size = Math.abs(frame.x(1 / factor) - frame.x(0));
  const place = (n) => [frame.x(places[2 * n] / factor), frame.y(places[2 * n + 1] / factor)];
  for (const [index, list] of byColour(values.length, (n) => colourIndex(scale, values[n]))) {
    fillShapes(pen, list, place, () => corners, size, index === GREY ? colours.missing : table[index]);
  }
  drawFrame(pen, frame, colours);
  drawBar(pen, scale, frame.right + 14, frame.top, frame.bottom, label, units, colours);
  return frame;
}

// Axes along the reciprocal vectors of the lattice have coordinates; others are those of the sample's zone.
const isOfLattice = (quantity) => quantity.axes.length > 1 && quantity.axes.at(-1).name.endsWith("_second");
const vectorsOf = (quantity) => (isOfLattice(quantity) ? sample.zone : sample.reciprocal);
const hasZone = (quantity) => vectorsOf(quantity).length === 2 && vectorsOf(quantity)[0].length === 2;

// Where each momentum of a quantity lies; of the sample's zone the first is 0, and it is drawn from −½ on.
function placesOf(quantity) {
  const [first, second] = quantity.axes.slice(-2);
  const [b1, b2] = vectorsOf(quantity);
  const places = new Float64Array(2 * first.count * second.count);
  const along = (axis, n) =>
    isOfLattice(quantity) ? axis.values[n] : (n + 0.5 - (2 * n >= axis.count ? axis.count : 0)) / axis.count;
  for (let n = 0; n < first.count * second.count; n++) {
    const [u, v] = [along(first, Math.floor(n / second.count)), along(second, n % second.count)];
    places.set([u * b1[0] + v * b2[0], u * b1[1] + v * b2[1]], 2 * n);
  }
  return places;
}

// A quantity over the Brillouin zone.
function drawZone(pen, quantity, colours) {
  const [rows, columns] = quantity.axes.slice(-2).map((one) => one.count);
  const [b1, b2] = vectorsOf(quantity);
  const values = new Float64Array(rows * columns);
  const places = placesOf(quantity);
  const start = quantity.offset(Object.fromEntries(quantity.axes.slice(-2).map((one) => [one.name, 0])));
  for (let n = 0; n < values.length; n++) values[n] = quantity.value(start + n, quantity.parts[0]);
  const name = quantity.axes.at(-1).name[0];
  const scale = scaleOf(values, { range: "map" });
  const { long: label, units } = quantity;
  return drawMomenta(
    pen,
    { values, places, corners: mesh(b1, b2, rows, columns), scale, name, label, units },
    colours,
  );
}
