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

// A quantity on a mesh of the Brillouin zone, of which the first momentum is 0: drawn from −½ on.
function drawZone(pen, quantity, colours) {
  const [rows, columns] = quantity.axes.slice(-2).map((one) => one.count);
  const [b1, b2] = sample.reciprocal;
  const values = new Float64Array(rows * columns);
  const places = new Float64Array(2 * rows * columns);
  const from = (n, count) => (n + 0.5 - (2 * n >= count ? count : 0)) / count;
  const start = quantity.offset(Object.fromEntries(quantity.axes.slice(-2).map((one) => [one.name, 0])));
  for (let n = 0; n < values.length; n++) {
    const [u, v] = [from(Math.floor(n / columns), rows), from(n % columns, columns)];
    values[n] = quantity.value(start + n, quantity.parts[0]);
    places.set([u * b1[0] + v * b2[0], u * b1[1] + v * b2[1]], 2 * n);
  }
  const scale = scaleOf(values, { range: "map" });
  const { long: label, units } = quantity;
  return drawMomenta(
    pen,
    { values, places, corners: mesh(b1, b2, rows, columns), scale, name: "k", label, units },
    colours,
  );
}
