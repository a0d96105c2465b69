// Mouse, keys and fingers on the map.

// The site nearest to a place of the map, if it is near.
function siteAt(x, y) {
  const view = views.map;
  let best = -1,
    least = Infinity;
  if (view.profile) {
    sample.profile.places.forEach((place, site) => {
      const value = view.values.length === sample.orbitals.length ? view.y(view.values[site]) : y;
      const length = Math.abs(view.x(place) - x) + 0.05 * Math.abs(value - y);
      if (length < least) {
        least = length;
        best = site;
      }
    });
    return best;
  }
  const { sites, centers } = sample.planes[state.layer],
    [wx, wy] = [view.fromX(x), view.fromY(y)];
  for (let n = 0; n < sites.length; n++) {
    const length = (centers[2 * n] - wx) ** 2 + (centers[2 * n + 1] - wy) ** 2;
    if (length < least) {
      least = length;
      best = sites[n];
    }
  }
  return least < (1.2 * sample.nearest) ** 2 ? best : -1;
}

// The next site in a direction from another, in the plane.
function siteBeside(site, [dx, dy]) {
  const { sites, centers, first } = sample.planes[state.layer],
    positions = sample.positions;
  let best = site,
    least = Infinity;
  for (let n = 0; n < first; n++) {
    const [x, y] = sample.profile
      ? [sample.profile.places[sites[n]] - sample.profile.places[site], 0]
      : [centers[2 * n] - positions[3 * site], centers[2 * n + 1] - positions[3 * site + 1]];
    const along = x * dx + y * dy,
      aside = Math.abs(x * dy - y * dx);
    if (along > 1e-6 && aside < 1.01 * along + 1e-6 && along + 2 * aside < least) {
      least = along + 2 * aside;
      best = sites[n];
    }
  }
  return best;
}

function zoomBy(factor, x, y) {
  const view = views.map;
  if (view.profile) return;
  const before = x === undefined ? null : [view.fromX(x), view.fromY(y)];
  const centre = state.centre ?? [
    view.fromX(view.box.left + view.box.width / 2),
    view.fromY(view.box.top + view.box.height / 2),
  ];
  state.zoom = Math.min(60, Math.max(1, state.zoom * factor));
  state.centre = state.zoom === 1 ? null : centre;
  if (before && state.centre) {
    const after = viewOf(views.mapPen, sample.planes[state.layer]);
    state.centre = [centre[0] + before[0] - after.fromX(x), centre[1] + before[1] - after.fromY(y)];
  }
  byId("overlay").classList.toggle("zoomed", state.zoom > 1);
  refresh("zoom", "overlay");
}

function bindMap() {
  const canvas = byId("overlay"),
    pointers = new Map();
  let moved = 0,
    spread = 0;
  const placeOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, placeOf(event));
    moved = pointers.size > 1 ? 100 : 0;
    spread = 0;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const place = placeOf(event),
      last = pointers.get(event.pointerId);
    if (!last) {
      if (event.pointerType === "mouse") hover(place);
      return;
    }
    pointers.set(event.pointerId, place);
    if (pointers.size === 2) {
      const [one, other] = [...pointers.values()],
        now = Math.hypot(one[0] - other[0], one[1] - other[1]);
      if (spread) zoomBy(now / spread, (one[0] + other[0]) / 2, (one[1] + other[1]) / 2);
      spread = now;
      return;
    }
    moved += Math.hypot(place[0] - last[0], place[1] - last[1]);
    if (moved > 4 && state.centre) {
      state.centre = [
        state.centre[0] - (place[0] - last[0]) / views.map.scale,
        state.centre[1] + (place[1] - last[1]) / views.map.scale,
      ];
      refresh("zoom", "overlay");
    }
  });
  const lift = (event) => {
    const was = pointers.delete(event.pointerId);
    if (!was || event.type !== "pointerup" || moved > 4) return;
    const site = siteAt(...placeOf(event));
    if (site < 0) return;
    chooseSite(site, event.shiftKey ? "cut" : event.ctrlKey || event.metaKey ? "add" : state.mode);
    state.cursor = null;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && document.activeElement !== canvas) return; // a page must scroll
      event.preventDefault();
      zoomBy(Math.exp(-0.002 * event.deltaY), ...placeOf(event));
    },
    { passive: false },
  );
  canvas.addEventListener("keydown", mapKey);
  canvas.addEventListener("blur", () => {
    state.cursor = null;
    refresh("overlay");
  });
}

function hover(place) {
  const site = siteAt(...place);
  if (site < 0) return;
  byId("readout").setAttribute("aria-live", "off"); // a mouse has no need of a voice
  sayOf(site);
}

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function mapKey(event) {
  const { sites } = sample.planes[state.layer];
  const cursor = state.cursor ?? state.sites[state.sites.length - 1] ?? sites[0];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  byId("readout").setAttribute("aria-live", "polite");
  if (event.key in DIRECTIONS) {
    state.cursor = siteBeside(cursor, DIRECTIONS[event.key]);
    sayOf(state.cursor);
    refresh("overlay");
  } else if (event.key === "Enter" || event.key === " ") chooseSite(cursor, event.shiftKey ? "cut" : "one");
  else if (event.key === "a" || event.key === "A") chooseSite(cursor, "add");
  else if (event.key === "c" || event.key === "C") chooseSite(cursor, "cut");
  else if (event.key === "+" || event.key === "=") zoomBy(1.5);
  else if (event.key === "-") zoomBy(1 / 1.5);
  else if (event.key === "0") zoomBy(1e-9);
  else if (event.key === "Escape") clearSites();
  else return;
  event.preventDefault();
}
