// The map: cells of sites, bonds or plaquettes in their colours, the rim of the sample, axes and colour bar.
const MARGIN = { left: 52, right: 104, top: 10, bottom: 56 };

// The height of a drawing of so many pixels across: that of the lattice, up to a limit.
function heightFor(width) {
  if (sample.profile) return 320;
  const [left, bottom, right, top] = sample.planes[state.layer].bounds;
  const wanted = ((width - MARGIN.left - MARGIN.right) * (top - bottom)) / (right - left) + MARGIN.top + MARGIN.bottom;
  return Math.round(Math.min(Math.max(wanted, 210), Math.max(420, 0.74 * window.innerHeight)));
}

// How the lattice lies in a drawing: scale and centre by the zoom.
function viewOf(pen, plane) {
  const [left, bottom, right, top] = plane.bounds;
  const room = { width: pen.width - MARGIN.left - MARGIN.right, height: pen.height - MARGIN.top - MARGIN.bottom };
  const whole = Math.min(room.width / (right - left), room.height / (top - bottom));
  const scale = whole * state.zoom,
    centre = state.centre ?? [(left + right) / 2, (bottom + top) / 2];
  const width = Math.min(room.width, scale * (right - left)),
    height = Math.min(room.height, scale * (top - bottom));
  const box = { left: MARGIN.left, top: MARGIN.top, width, height };
  const middle = [box.left + width / 2, box.top + height / 2];
  return {
    box,
    scale,
    whole,
    x: (x) => middle[0] + scale * (x - centre[0]),
    y: (y) => middle[1] - scale * (y - centre[1]),
    fromX: (place) => centre[0] + (place - middle[0]) / scale,
    fromY: (place) => centre[1] - (place - middle[1]) / scale,
  };
}

function boundsOf(plane) {
  const bounds = [Infinity, Infinity, -Infinity, -Infinity],
    { centers, sites } = plane;
  for (let n = 0; n < sites.length; n++) {
    const corners = sample.shapes[sample.orbitals[sites[n]]];
    for (let k = 0; k < corners.length; k += 2) {
      const [x, y] = [centers[2 * n] + corners[k], centers[2 * n + 1] + corners[k + 1]];
      bounds[0] = Math.min(bounds[0], x);
      bounds[1] = Math.min(bounds[1], y);
      bounds[2] = Math.max(bounds[2], x);
      bounds[3] = Math.max(bounds[3], y);
    }
  }
  return bounds;
}

function drawMap(pen, map, colours) {
  if (sample.profile) return drawProfile(pen, map, colours);
  const plane = sample.planes[state.layer],
    view = viewOf(pen, plane),
    { box } = view;
  pen.clip(box.left, box.top, box.width, box.height);
  if (map.quantity.kind === "bonds") drawBonds(pen, view, map, colours);
  else if (map.quantity.kind === "plaquettes") drawPlaquettes(pen, view, map, colours);
  else drawCells(pen, view, plane, map, colours);
  drawSegments(pen, view, plane.ends, colours.outline, []);
  drawSegments(pen, view, plane.seams, colours.outline, [1.5, 2.5]);
  pen.unclip();
  drawMapAxes(pen, view, colours);
  const notes = [map.scale.uniform === undefined ? map.scale.note : "", ...overlayNotes(plane)]
    .filter(Boolean)
    .join("; ");
  const size = Math.min(11, (11 * (pen.width - 8)) / Math.max(1, pen.measure(notes, 11)));
  pen.text(notes, 4, pen.height - 6, { size, baseline: "alphabetic", colour: colours.soft });
  const bottom = box.top + Math.max(box.height, Math.min(160, pen.height - MARGIN.top - MARGIN.bottom));
  drawBar(pen, map.scale, box.left + box.width + 16, box.top, bottom, map.label, map.units, colours);
  return view;
}

// Things in lists by their colours.
function byColour(count, indexOf) {
  const lists = Array.from({ length: 257 }, () => []);
  for (let n = 0; n < count; n++) lists[indexOf(n) + 1].push(n);
  return lists.map((list, n) => [n - 1, list]).filter(([, list]) => list.length);
}

function drawCells(pen, view, plane, { values, scale }, colours) {
  const { sites, centers } = plane,
    { orbitals, shapes } = sample,
    table = colourTable(scale),
    radius = 0.42 * sample.nearest * view.scale;
  const place = (n) => [view.x(centers[2 * n]), view.y(centers[2 * n + 1])],
    shape = (n) => shapes[orbitals[sites[n]]];
  for (const [index, list] of byColour(sites.length, (n) => colourIndex(scale, values[sites[n]]))) {
    const colour = index === GREY ? colours.missing : table[index];
    if (state.shape === "cells") {
      fillShapes(pen, list, place, shape, view.scale, colour);
      continue;
    }
    pen.begin();
    for (const n of list) pen.circle(...place(n), radius);
    pen.fill(colour);
  }
}

// Shapes of one colour: upright rectangles with their edges on pixels, others with a rim, so that there are no seams.
function fillShapes(pen, list, place, shape, size, colour) {
  const whole = (at) => Math.round(at + 1e-6),
    halves = new Map();
  let rims = false;
  pen.begin();
  for (const n of list) {
    const [x, y] = place(n),
      corners = shape(n);
    if (!halves.has(corners)) halves.set(corners, uprightOf(corners));
    const half = halves.get(corners);
    if (half) {
      const left = whole(x - half[0] * size),
        top = whole(y - half[1] * size);
      pen.rectangle(
        left,
        top,
        Math.max(1, whole(x + half[0] * size) - left),
        Math.max(1, whole(y + half[1] * size) - top),
      );
    } else {
      traceShape(pen, corners, x, y, size);
      rims = true;
    }
  }
  pen.fill(colour);
  if (rims) pen.stroke(colour, 1);
}

// Half the width and height of a shape that is an upright rectangle about its site.
function uprightOf(corners) {
  if (corners.length !== 8) return null;
  const [w, h] = [Math.abs(corners[0]), Math.abs(corners[1])];
  const fits = corners.every((part, n) => Math.abs(Math.abs(part) - (n % 2 ? h : w)) < 1e-6);
  return fits ? [w, h] : null;
}

function traceShape(pen, corners, x, y, size) {
  pen.move(x + size * corners[0], y - size * corners[1]);
  for (let k = 2; k < corners.length; k += 2) pen.line(x + size * corners[k], y - size * corners[k + 1]);
  pen.close();
}

function drawPlaquettes(pen, view, { values, scale }, colours) {
  const { corners, starts } = data.plaquettes,
    table = colourTable(scale);
  for (const [index, list] of byColour(values.length, (n) => colourIndex(scale, values[n]))) {
    pen.begin();
    for (const n of list) {
      for (let k = starts[n]; k < starts[n + 1]; k++) {
        const [x, y] = [view.x(corners[2 * k]), view.y(corners[2 * k + 1])];
        if (k === starts[n]) pen.move(x, y);
        else pen.line(x, y);
      }
      pen.close();
    }
    const colour = index === GREY ? colours.missing : table[index];
    pen.fill(colour);
    pen.stroke(colour, 0.6);
  }
}

// Each bond as two halves, one from either end: around the boundary they are two stubs.
function drawBonds(pen, view, { values, scale }, colours) {
  const { source, target, kind, step, bend } = data.bonds,
    { positions } = sample,
    table = colourTable(scale);
  const plane = sample.planes[state.layer],
    level = (site) => plane.height === null || Math.abs(positions[3 * site + 2] - plane.height) < 1e-5;
  const shortest = Math.min(...lengthsOf(step));
  const half = (x, y, dx, dy, bx, by) => {
    pen.move(view.x(x), view.y(y));
    pen.curve(
      view.x(x + 0.25 * dx + bx),
      view.y(y + 0.25 * dy + by),
      view.x(x + 0.5 * dx + bx),
      view.y(y + 0.5 * dy + by),
    );
  };
  for (const [index, list] of byColour(values.length, (n) => colourIndex(scale, values[n]))) {
    const groups = new Map();
    for (const n of list) {
      if (!level(source[n]) || !level(target[n])) continue;
      const length = Math.hypot(step[2 * kind[n]], step[2 * kind[n] + 1]);
      const width =
        Math.round(
          100 * Math.min(6, Math.max(0.8, (0.16 * view.scale * shortest ** 2) / Math.max(1e-9, length ** 2))),
        ) / 100;
      if (!groups.has(width)) groups.set(width, []);
      groups.get(width).push(n);
    }
    for (const [width, bonds] of groups) {
      pen.begin();
      for (const n of bonds) {
        const k = 2 * kind[n],
          s = 3 * source[n],
          t = 3 * target[n];
        half(positions[s], positions[s + 1], step[k], step[k + 1], bend[k], bend[k + 1]);
        half(positions[t], positions[t + 1], -step[k], -step[k + 1], bend[k], bend[k + 1]);
      }
      pen.stroke(index === GREY ? colours.missing : table[index], width);
    }
  }
}

function lengthsOf(step) {
  const lengths = [];
  for (let k = 0; k < step.length; k += 2) lengths.push(Math.hypot(step[k], step[k + 1]));
  return lengths.filter((length) => length > 1e-6);
}

function drawSegments(pen, view, segments, colour, dash) {
  if (!segments.length) return;
  pen.begin();
  for (let n = 0; n < segments.length; n += 4) {
    pen.move(view.x(segments[n]), view.y(segments[n + 1]));
    pen.line(view.x(segments[n + 2]), view.y(segments[n + 3]));
  }
  pen.stroke(colour, 1, dash);
}

function drawMapAxes(pen, view, colours) {
  const { box } = view,
    { factor, name } = shownUnit("a"),
    bottom = box.top + box.height;
  const horizontal = [view.fromX(box.left), view.fromX(box.left + box.width)].map((place) => factor * place);
  const vertical = [view.fromY(bottom), view.fromY(box.top)].map((place) => factor * place);
  pen.begin();
  pen.rectangle(box.left, box.top, box.width, box.height);
  pen.stroke(colours.rule);
  for (const tick of ticks(...horizontal, Math.max(2, box.width / 80))) {
    const x = view.x(tick / factor);
    pen.begin();
    pen.move(x, bottom);
    pen.line(x, bottom + 4);
    pen.stroke(colours.soft);
    pen.text(number(tick, 4), x, bottom + 13, { size: 11, anchor: "middle", colour: colours.soft });
  }
  for (const tick of ticks(...vertical, Math.max(2, box.height / 60))) {
    const y = view.y(tick / factor);
    pen.begin();
    pen.move(box.left - 4, y);
    pen.line(box.left, y);
    pen.stroke(colours.soft);
    pen.text(number(tick, 4), box.left - 7, y, { size: 11, anchor: "end", colour: colours.soft });
  }
  pen.text(`x (${name})`, box.left + box.width / 2, bottom + 29, { anchor: "middle", colour: colours.ink });
  pen.text(`y (${name})`, 12, box.top + box.height / 2, { anchor: "middle", colour: colours.ink, turned: true });
}

// "x (a), infinite along y".
function axisName(name, unit) {
  const [first, ...rest] = name.split(",");
  return [`${first} (${unit})`, ...rest].join(",");
}

// A chain, or a cut across a strip: a line for each orbital.
function drawProfile(pen, map, colours) {
  const { places, name } = sample.profile,
    { factor, name: length } = shownUnit("a"),
    shown = shownUnit(map.units);
  const lines = [];
  if (map.quantity.kind === "bonds") lines.push(bondProfile(map, factor, shown.factor, colours));
  else {
    const kinds = [...new Set(sample.orbitals)];
    for (const [n, orbital] of kinds.entries()) {
      const its = [...sample.orbitals.keys()].filter((site) => sample.orbitals[site] === orbital);
      its.sort((one, other) => places[one] - places[other]);
      const [x, y] = [its.map((site) => factor * places[site]), its.map((site) => shown.factor * map.values[site])];
      lines.push({
        x,
        y,
        colour: colours.lines[n % 6],
        name: kinds.length > 1 ? `orbital ${orbital}` : "",
        points: map.isPhase,
      });
    }
  }
  const frame = drawLines(
    pen,
    { lines, x: { label: axisName(name, length) }, y: { label: labelled(map.label, map.units), log: state.log } },
    colours,
  );
  return {
    profile: frame,
    x: (place) => frame.x(factor * place),
    y: (value) => frame.y(shown.factor * value),
    values: map.values,
  };
}

function bondProfile(map, factor, unit, colours) {
  const { source, kind, step } = data.bonds,
    { places } = sample.profile;
  const order = [...map.values.keys()].sort((one, other) => places[source[one]] - places[source[other]]);
  return {
    x: order.map((n) => factor * (places[source[n]] + 0.5 * step[2 * kind[n]])),
    y: order.map((n) => unit * map.values[n]),
    colour: colours.lines[0],
    name: "",
    points: true,
  };
}
