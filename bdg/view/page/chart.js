// Charts: lines and colour maps with axes.

// Axes of a chart; returns how numbers become places. `x` and `y` have low, high, label, log, marks.
function drawAxes(pen, x, y, colours, { top = 12, right = 14, bar = 0 } = {}) {
  const box = { left: 62, top, right: pen.width - right - bar, bottom: pen.height - 42 };
  const scaled = (axis, from, to) => {
    const f = axis.log ? Math.log10 : (value) => value,
      low = f(axis.low),
      span = f(axis.high) - low || 1;
    return (value) => from + ((f(value) - low) / span) * (to - from);
  };
  const frame = { ...box, x: scaled(x, box.left, box.right), y: scaled(y, box.bottom, box.top) };
  frame.fromX = (place) => x.low + ((place - box.left) / (box.right - box.left)) * (x.high - x.low);
  frame.fromY = (place) => y.low + ((place - box.bottom) / (box.top - box.bottom)) * (y.high - y.low);
  const across = Math.max(3, Math.floor((box.right - box.left) / 75)),
    up = Math.max(3, Math.floor((box.bottom - box.top) / 42));
  for (const [tick, name] of x.marks ?? axisTicks(x, across, 0)) {
    const place = frame.x(tick);
    pen.begin();
    pen.move(place, box.top);
    pen.line(place, box.bottom);
    pen.stroke(colours.grid);
    pen.text(name, place, box.bottom + 13, { size: 11, anchor: "middle", colour: colours.soft });
  }
  const power = y.log ? 0 : commonPower(y.low, y.high);
  for (const [tick, name] of axisTicks(y, up, power)) {
    const place = frame.y(tick);
    pen.begin();
    pen.move(box.left, place);
    pen.line(box.right, place);
    pen.stroke(colours.grid);
    pen.text(name, box.left - 6, place, { size: 11, anchor: "end", colour: colours.soft });
  }
  pen.text(x.label, (box.left + box.right) / 2, pen.height - 9, { anchor: "middle", colour: colours.ink });
  const text = power ? `${y.label} ×10${raised10(power)}` : y.label;
  const size = Math.min(12, (12 * (pen.height - 16)) / Math.max(1, pen.measure(text, 12)));
  pen.text(text, 13, (box.top + box.bottom) / 2, { size, anchor: "middle", colour: colours.ink, turned: true });
  return frame;
}

// The power of ten that tick labels leave to the axis's name; 0 for none.
function commonPower(low, high) {
  const largest = Math.max(Math.abs(low), Math.abs(high)),
    power = largest > 0 ? Math.floor(Math.log10(largest)) : 0;
  return power < -3 || power > 4 ? power : 0;
}

function axisTicks(axis, count, power = 0) {
  if (axis.whole) count = Math.min(count, Math.max(1, Math.floor(axis.high - axis.low)));
  if (!axis.log)
    return ticks(axis.low, axis.high, count)
      .filter((tick) => !axis.whole || Number.isInteger(tick))
      .map((tick) => [tick, number(tick / 10 ** power, 5)]);
  const [first, last] = [Math.ceil(Math.log10(axis.low) - 1e-9), Math.floor(Math.log10(axis.high) + 1e-9)];
  const step = Math.max(1, Math.ceil((last - first) / count)),
    found = [];
  for (let n = first; n <= last; n += step) found.push([10 ** n, `10${raised10(n)}`]);
  return found.length > 1
    ? found
    : ticks(axis.low, axis.high, 4)
        .filter((tick) => tick > 0)
        .map((tick) => [tick, number(tick, 3)]);
}

const raised10 = (n) => (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((digit) => SUPERSCRIPT[digit]).join("");

function drawFrame(pen, frame, colours) {
  pen.begin();
  pen.rectangle(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
  pen.stroke(colours.soft);
}

// Lines over one another. A line has x, y, colour, name; `fill` to the axis, `points` without a line.
function drawLines(pen, { lines, x, y, at = [], zero = true, marker }, colours) {
  const finite = (values) => values.filter(Number.isFinite);
  if (!lines.length) return null;
  const ys = lines.map((line) => limitsOf(y.log ? line.y.filter((value) => value > 0) : finite(line.y)));
  let [low, high] = [Math.min(...ys.map(([one]) => one)), Math.max(...ys.map(([, one]) => one))];
  if (!y.log && zero && low >= 0 && low < 0.6 * high) low = 0;
  if (y.log) {
    high = high > 0 ? high : 1;
    low = Math.max(low > 0 ? low : high / 10, 1e-12 * high);
    high = high > low ? high : 10 * low;
  }
  const flat = high - low <= 1e-9 * Math.max(Math.abs(high), Math.abs(low));
  if (flat && !y.log) {
    const half = 0.1 * Math.abs(high) || 1;
    low -= half;
    high += half;
  }
  if (y.limits) [low, high] = y.limits;
  const xs = lines.map((line) => limitsOf(finite(line.x)));
  let left = Math.min(...xs.map(([one]) => one)),
    right = Math.max(...xs.map(([, one]) => one));
  if (!(right > left)) {
    left -= 0.5;
    right += 0.5;
  }
  const room = 0.06 * (high - low);
  const named = lines.filter((line) => line.name),
    rows = legendRows(pen, named);
  const limits = y.log ? { low: low / 1.5, high: high * 1.5 } : { low: low === 0 ? 0 : low - room, high: high + room };
  const margin = lines.some((line) => line.points || line.x.length < 41) ? 0.02 * (right - left) : 0;
  const frame = drawAxes(pen, { ...x, low: left - margin, high: right + margin }, { ...y, ...limits }, colours, {
    top: 10 + 16 * rows.length,
  });
  pen.clip(frame.left, frame.top - 1, frame.right - frame.left, frame.bottom - frame.top + 2);
  for (const { place, dash = [2, 3], colour = colours.soft } of at) {
    pen.begin();
    pen.move(frame.x(place), frame.top);
    pen.line(frame.x(place), frame.bottom);
    pen.stroke(colour, 1.2, dash);
  }
  if (!y.log && limits.low < 0 && limits.high > 0) {
    pen.begin();
    pen.move(frame.left, frame.y(0));
    pen.line(frame.right, frame.y(0));
    pen.stroke(colours.soft, 0.8);
  }
  for (const line of lines) drawLine(pen, frame, line, y.log || limits.low === 0 ? limits.low : 0, colours);
  pen.unclip();
  drawFrame(pen, frame, colours);
  drawLegend(pen, rows, colours);
  if (marker) {
    pen.begin();
    pen.circle(frame.x(marker[0]), frame.y(marker[1]), 4);
    pen.stroke(colours.accent, 2);
  }
  return frame;
}

function drawLine(pen, frame, { x, y, colour, width = 1.6, dash, fill, points, bare }, base, colours) {
  const known = (n) => Number.isFinite(y[n]) && !(base > 0 && y[n] <= 0);
  if (fill && frame.y(base) > frame.bottom + 1) {
    fill = null;
    colour = colours.soft;
    width = 4;
  } // zero is not in sight
  if (fill) {
    pen.begin();
    pen.move(frame.x(x[0]), frame.y(base));
    for (let n = 0; n < x.length; n++) if (known(n)) pen.line(frame.x(x[n]), frame.y(y[n]));
    pen.line(frame.x(x[x.length - 1]), frame.y(base));
    pen.close();
    pen.fill(fill);
    return;
  }
  if (!points) {
    pen.begin();
    for (let n = 0, down = false; n < x.length; n++) {
      if (!known(n)) {
        down = false;
        continue;
      }
      if (down) pen.line(frame.x(x[n]), frame.y(y[n]));
      else pen.move(frame.x(x[n]), frame.y(y[n]));
      down = true;
    }
    pen.stroke(colour, width, dash);
  }
  if (points || (x.length < 41 && !bare)) {
    pen.begin();
    for (let n = 0; n < x.length; n++)
      if (known(n)) pen.circle(frame.x(x[n]), frame.y(y[n]), x.length < 41 ? 2.6 : 1.6);
    pen.fill(colour);
  }
}

// Names of lines in rows above a chart.
function legendRows(pen, lines) {
  const rows = [[]];
  let room = pen.width - 70;
  for (const line of lines) {
    const width = pen.measure(line.name, 11) + 36;
    if (room < width && rows[rows.length - 1].length) {
      rows.push([]);
      room = pen.width - 70;
    }
    rows[rows.length - 1].push([line, pen.width - 70 - room + 62]);
    room -= width;
  }
  return lines.length ? rows : [];
}

function drawLegend(pen, rows, colours) {
  rows.forEach((row, n) =>
    row.forEach(([line, left]) => {
      const y = 10 + 16 * n;
      pen.begin();
      pen.move(left, y);
      pen.line(left + 18, y);
      pen.stroke(line.fill ?? line.colour, line.fill ? 8 : 2.2, line.dash);
      pen.text(line.name, left + 23, y, { size: 11, colour: colours.ink });
    }),
  );
}

// A table of numbers as colours: value(i, j) at x[i], y[j].
function drawHeat(pen, { x, y, value, scale, label, units, at }, colours) {
  const edges = (places) =>
    Float64Array.from({ length: places.length + 1 }, (_, n) => {
      const [a, b] = [places[Math.max(0, n - 1)], places[Math.min(places.length - 1, n)]];
      const half =
        places.length > 1
          ? n === 0
            ? (places[1] - places[0]) / 2
            : n === places.length
              ? (places[n - 1] - places[n - 2]) / 2
              : 0
          : 0.5;
      return n === 0 ? a - half : n === places.length ? b + half : (a + b) / 2;
    });
  const [across, up] = [edges(x.values), edges(y.values)];
  const ends = (places) => ({
    low: Math.min(places[0], places[places.length - 1]),
    high: Math.max(places[0], places[places.length - 1]),
  });
  const frame = drawAxes(pen, { ...x, ...ends(across) }, { ...y, ...ends(up) }, colours, { bar: 100 });
  const cells = new Map();
  for (let i = 0; i < x.values.length; i++) {
    for (let j = 0; j < y.values.length; j++) {
      const index = colourIndex(scale, value(i, j));
      if (!cells.has(index)) cells.set(index, []);
      cells.get(index).push(i, j);
    }
  }
  const table = colourTable(scale);
  for (const [index, list] of cells) {
    pen.begin();
    for (let n = 0; n < list.length; n += 2) {
      const [l, r] = [frame.x(across[list[n]]), frame.x(across[list[n] + 1])]
        .map(Math.round)
        .sort((one, other) => one - other);
      const [t, b] = [frame.y(up[list[n + 1]]), frame.y(up[list[n + 1] + 1])]
        .map(Math.round)
        .sort((one, other) => one - other);
      pen.rectangle(l, t, Math.max(1, r - l), Math.max(1, b - t));
    }
    pen.fill(index === GREY ? colours.missing : table[index]);
  }
  drawFrame(pen, frame, colours);
  if (at !== undefined) {
    pen.begin();
    pen.move(frame.left, frame.y(at));
    pen.line(frame.right, frame.y(at));
    pen.stroke(colours.accent, 1.4, [4, 3]);
  }
  drawBar(pen, scale, frame.right + 14, frame.top, frame.bottom, label, units, colours);
  return frame;
}

// A colour bar from `top` to `bottom`, its name along it.
function drawBar(pen, scale, left, top, bottom, label, units, colours) {
  const table = colourTable(scale),
    height = bottom - top,
    { factor } = shownUnit(units);
  if (scale.uniform !== undefined) {
    pen.text("uniform", left, top + 8, { colour: colours.soft });
    pen.text(withUnit(scale.uniform, units, 5), left, top + 26, { colour: colours.ink });
    return;
  }
  for (let n = 0; n < 256; n += 2) {
    const place = scale.colours === "light" ? 0.4 + (0.6 * n) / 256 : n / 256;
    pen.begin();
    pen.rectangle(left, bottom - (height * (n + 2)) / 256, 14, height / 128 + 0.5);
    pen.fill(table[Math.floor(256 * place)]);
  }
  pen.begin();
  pen.rectangle(left, top, 14, height);
  pen.stroke(colours.soft, 0.8);
  const axis = { low: factor * scale.low, high: factor * scale.high, log: scale.log };
  const power = scale.log || scale.colours === "cyclic" ? 0 : commonPower(axis.low, axis.high);
  const marks =
    scale.colours === "cyclic"
      ? [
          [-Math.PI, "−π"],
          [0, "0"],
          [Math.PI, "π"],
        ]
      : axisTicks(axis, Math.max(3, height / 50), power);
  for (const [tick, name] of marks) {
    const y = bottom - height * placeOn(scale, tick / factor);
    if (y < top - 1 || y > bottom + 1) continue;
    pen.begin();
    pen.move(left + 14, y);
    pen.line(left + 18, y);
    pen.stroke(colours.soft);
    pen.text(name, left + 21, y, { size: 11, colour: colours.soft });
  }
  const text = labelled(label, units) + (power ? ` ×10${raised10(power)}` : "");
  const size = Math.min(12, (12 * height) / Math.max(1, pen.measure(text, 12)));
  const widest = Math.max(...marks.map(([, name]) => pen.measure(name, 11)));
  pen.text(text, left + 21 + widest + 13, (top + bottom) / 2, {
    size,
    anchor: "middle",
    colour: colours.ink,
    turned: true,
  });
}
