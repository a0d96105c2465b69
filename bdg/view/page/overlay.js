// What lies over the map: chosen sites, the cut, the cursor of the keyboard, currents, vortices.
function drawOverlay(pen, view, colours) {
  if (!view) return;
  if (view.profile) return markOnProfile(pen, view, colours);
  const { box } = view,
    plane = sample.planes[state.layer];
  pen.clip(box.left - 8, box.top - 8, box.width + 16, box.height + 16);
  if (state.arrows) drawArrows(pen, view, plane, colours);
  if (state.vortices && data.vortices) drawVortices(pen, view);
  const partial = named(state.spectrum)?.place;
  if (partial?.name === "ldos_site") {
    pen.begin();
    for (const site of partial.values)
      if (plane.has.has(site))
        pen.circle(view.x(sample.positions[3 * site]), view.y(sample.positions[3 * site + 1]), 2.5);
    pen.stroke("#000000", 2);
    pen.fill("#ffffff");
  }
  const place = (site) => [view.x(sample.positions[3 * site]), view.y(sample.positions[3 * site + 1])];
  const isHere = (site) => plane.has.has(site),
    radius = Math.min(14, Math.max(6, 0.55 * sample.nearest * view.scale));
  if (state.cut && isHere(state.cut[0])) {
    for (const [colour, width] of [
      ["#ffffff", 4.5],
      ["#d1262a", 2],
    ]) {
      pen.begin();
      pen.move(...place(state.cut[0]));
      pen.line(...place(state.cut[1]));
      pen.stroke(colour, width);
    }
  }
  state.sites.forEach((site, n) => {
    if (!isHere(site)) return;
    for (const [colour, width] of [
      ["#ffffff", 5],
      [colours.lines[n % 6], 2.6],
    ]) {
      pen.begin();
      pen.circle(...place(site), radius);
      pen.stroke(colour, width);
    }
  });
  if (state.cursor !== null && isHere(state.cursor)) {
    const [x, y] = place(state.cursor);
    for (const [colour, width] of [
      ["#ffffff", 4],
      ["#000000", 1.6],
    ]) {
      pen.begin();
      pen.rectangle(x - radius, y - radius, 2 * radius, 2 * radius);
      pen.stroke(colour, width);
    }
  }
  pen.unclip();
}

function markOnProfile(pen, view, colours) {
  const { profile } = view;
  const line = (site, colour, width, dash) => {
    const x = view.x(sample.profile.places[site]);
    pen.begin();
    pen.move(x, profile.top);
    pen.line(x, profile.bottom);
    pen.stroke(colour, width, dash);
  };
  state.sites.forEach((site, n) => line(site, colours.lines[n % 6], 2));
  if (state.cursor !== null) line(state.cursor, colours.ink, 1, [3, 3]);
}

function drawVortices(pen, view) {
  const { places, winding } = data.vortices;
  winding.forEach((turns, n) => {
    const [x, y] = [view.x(places[2 * n]), view.y(places[2 * n + 1])];
    for (const [colour, width] of [
      ["#000000", 4],
      ["#ffb27d", 2],
    ]) {
      pen.begin();
      if (turns < 0) pen.circle(x, y, 8);
      else pen.rectangle(x - 7, y - 7, 14, 14);
      pen.stroke(colour, width);
    }
  });
}

// What the marks mean.
function overlayNotes(plane) {
  const notes = [],
    arrows = state.arrows ? thinnedArrows(plane) : null;
  if (arrows) {
    const { factor, name } = shownUnit("a"),
      side = number(factor * arrows.block, 3);
    const mean = arrows.block > sample.nearest ? `, each the mean over ${side} × ${side} ${name}²` : "";
    notes.push(`longest arrow ${withUnit(arrows.longest, arrows.units, 3)}${mean}`);
  }
  const signs = state.vortices && data.vortices ? data.vortices.winding : [];
  if (signs.some((turns) => turns < 0)) notes.push("rings: vortices of winding < 0");
  if (signs.some((turns) => turns > 0)) notes.push("squares: vortices of winding > 0");
  if (named(state.spectrum)?.place.name === "ldos_site") notes.push("dots: sites whose spectrum is known");
  return notes;
}

const MOST_ARROWS = 24;

// Arrows of the currents: one a site, or the mean over each square of sites.
function drawArrows(pen, view, plane) {
  const arrows = thinnedArrows(plane);
  if (!arrows) return;
  const { places, vectors, block, longest } = arrows,
    size = (0.95 * block * view.scale) / longest;
  pen.begin();
  for (let n = 0; n < places.length; n++) {
    const [dx, dy] = [size * vectors[n][0], -size * vectors[n][1]],
      length = Math.hypot(dx, dy);
    if (length < 1.5) continue;
    const [x, y] = [view.x(places[n][0]), view.y(places[n][1])],
      [ux, uy] = [dx / length, dy / length];
    const head = Math.min(0.45 * length, 0.42 * block * view.scale),
      shaft = 0.16 * head,
      wing = 0.42 * head;
    const at = (along, aside) => [x - dx / 2 + along * ux - aside * uy, y - dy / 2 + along * uy + aside * ux];
    pen.move(...at(0, -shaft));
    pen.line(...at(length - head, -shaft));
    pen.line(...at(length - head, -wing));
    pen.line(...at(length, 0));
    pen.line(...at(length - head, wing));
    pen.line(...at(length - head, shaft));
    pen.line(...at(0, shaft));
    pen.close();
  }
  pen.stroke("#000000", 1.2);
  pen.fill("#ffffff");
}

function thinnedArrows(plane) {
  const current = quantities.find((one) => one.kind === "arrows");
  if (!current?.numbers) return null;
  const [vx, vy] = [current.map("along x"), current.axis("component").count > 1 ? current.map("along y") : null];
  const { sites, centers } = plane,
    spacing = sample.nearest,
    [left, bottom, right, top] = plane.bounds;
  const block = Math.max(1, Math.ceil(Math.max(right - left, top - bottom) / spacing / MOST_ARROWS)) * spacing;
  const sums = new Map();
  for (let n = 0; n < sites.length; n++) {
    const [x, y] = [centers[2 * n], centers[2 * n + 1]];
    const key =
      block > spacing ? `${Math.floor((x - left) / block + 1e-9)},${Math.floor((y - bottom) / block + 1e-9)}` : n;
    const sum = sums.get(key) ?? [0, 0, 0, 0, 0];
    sum[0] += x;
    sum[1] += y;
    sum[2] += vx[sites[n]];
    sum[3] += vy ? vy[sites[n]] : 0;
    sum[4] += 1;
    sums.set(key, sum);
  }
  const every = [...sums.values()],
    vectors = every.map((sum) => [sum[2] / sum[4], sum[3] / sum[4]]);
  const longest = Math.max(...vectors.map((vector) => Math.hypot(...vector)));
  if (!(longest > 1e-12)) return null;
  return {
    places: every.map((sum) => [sum[0] / sum[4], sum[1] / sum[4]]),
    vectors,
    block,
    longest,
    units: current.units,
  };
}
