// The Fourier transform of a map, |Σ (f − mean) e^{−iq·r}| / N, at the momenta nearest to the middle.

// cos and sin of all multiples of 2π/count.
const TURNS = {};
function turnsOf(count) {
  const angles = Float64Array.from({ length: count }, (_, n) => (2 * Math.PI * n) / count);
  return (TURNS[count] ??= { cos: angles.map(Math.cos), sin: angles.map(Math.sin) });
}

// Of a line of complex numbers, by the prime factors of its length: entries start, start + step, …
function transform(re, im, start = 0, step = 1, count = re.length, turns = turnsOf(re.length)) {
  const outRe = new Float64Array(count),
    outIm = new Float64Array(count);
  if (count === 1) {
    outRe[0] = re[start];
    outIm[0] = im[start];
    return [outRe, outIm];
  }
  let factor = 2;
  while (count % factor) factor++;
  const part = count / factor,
    { cos, sin } = turns,
    unit = cos.length / count;
  for (let r = 0; r < factor; r++) {
    const [pieceRe, pieceIm] = transform(re, im, start + r * step, step * factor, part, turns);
    for (let k = 0, at = 0, turn = 0; k < count; k++) {
      const a = pieceRe[at],
        b = pieceIm[at],
        c = cos[turn],
        s = sin[turn];
      outRe[k] += c * a + s * b;
      outIm[k] += c * b - s * a;
      if (++at === part) at = 0;
      turn += r * unit;
      if (turn >= cos.length) turn -= cos.length;
    }
  }
  return [outRe, outIm];
}

// Over both directions of a grid, row by row.
function transformGrid(re, im, [rows, columns]) {
  const pass = (count, length, start, step) => {
    for (let n = 0; n < count; n++) {
      const [a, b] = transform(re, im, start(n), step, length, turnsOf(length));
      for (let k = 0; k < length; k++) {
        re[start(n) + k * step] = a[k];
        im[start(n) + k * step] = b[k];
      }
    }
  };
  pass(rows, columns, (n) => n * columns, 1);
  pass(columns, rows, (n) => n, columns);
}

// Moduli, and where each momentum lies: in the first Brillouin zone.
function fourierOf(values, plane, window) {
  const { directions, size, basis } = sample.fourier,
    [rows, columns] = size,
    count = rows * columns;
  const places = (sample.fourier.momenta ??= momentaOf());
  const cellOf = (site, d) => sample.cells[site * sample.directions + directions[d]];
  const its = Array.from(plane.sites.subarray(0, plane.first)),
    known = its.filter((site) => Number.isFinite(values[site]));
  const hann = (site) =>
    window === "hann"
      ? Math.sin((Math.PI * (cellOf(site, 0) + 0.5)) / rows) ** 2 *
        Math.sin((Math.PI * (cellOf(site, 1) + 0.5)) / columns) ** 2
      : 1;
  const weight = known.reduce((sum, site) => sum + hann(site), 0) || 1;
  const mean = known.reduce((sum, site) => sum + hann(site) * values[site], 0) / weight;
  const totalRe = new Float64Array(count),
    totalIm = new Float64Array(count);
  for (const orbital of new Set(known.map((site) => sample.orbitals[site]))) {
    const re = new Float64Array(count),
      im = new Float64Array(count),
      [bx, by] = basis[orbital];
    for (const site of known) {
      if (sample.orbitals[site] === orbital)
        re[cellOf(site, 0) * columns + cellOf(site, 1)] = hann(site) * (values[site] - mean);
    }
    transformGrid(re, im, size);
    for (let n = 0; n < count; n++) {
      const angle = -(places[2 * n] * bx + places[2 * n + 1] * by),
        c = Math.cos(angle),
        s = Math.sin(angle);
      totalRe[n] += c * re[n] - s * im[n];
      totalIm[n] += c * im[n] + s * re[n];
    }
  }
  return { places, moduli: totalRe.map((part, n) => Math.hypot(part, totalIm[n]) / weight) };
}

function reciprocal() {
  const [[ax, ay], [bx, by]] = sample.fourier.vectors,
    turn = (2 * Math.PI) / (ax * by - ay * bx);
  return [
    [turn * by, -turn * bx],
    [-turn * ay, turn * ax],
  ];
}

// The momenta of the grid, each moved by a reciprocal vector to where it is shortest.
function momentaOf() {
  const [rows, columns] = sample.fourier.size,
    [b1, b2] = reciprocal(),
    places = new Float64Array(2 * rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let best = [0, 0],
        least = Infinity;
      for (let m = -1; m < 2; m++) {
        for (let n = -1; n < 2; n++) {
          const [u, v] = [i / rows + m, j / columns + n],
            place = [u * b1[0] + v * b2[0], u * b1[1] + v * b2[1]];
          const length = Math.hypot(...place);
          if (length < least - 1e-9) {
            least = length;
            best = place;
          }
        }
      }
      places.set(best, 2 * (i * columns + j));
    }
  }
  return places;
}

function drawFourier(pen, { moduli, places }, { label, units, range, log }, colours) {
  const [rows, columns] = sample.fourier.size;
  const [b1, b2] = reciprocal();
  const scale = scaleOf(moduli, { range, log, percentile: [0, 0.995] });
  const map = { values: moduli, places, corners: mesh(b1, b2, rows, columns), scale, name: "q", label, units };
  return drawMomenta(pen, map, colours);
}
