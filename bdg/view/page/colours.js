// Colour scales: perceptually uniform for amounts, diverging about zero for signed numbers, cyclic for phases.
const GREY = -1;

function coloursOf(hex) {
  return Array.from({ length: hex.length / 6 }, (_, n) => `#${hex.slice(6 * n, 6 * n + 6)}`);
}

// What the colours of a map mean. `values` are those of the map, `every` the limits of all maps.
function scaleOf(values, { isPhase, isSigned, range, log, every, percentile = [0.01, 0.99] }) {
  if (isPhase) return { colours: "cyclic", low: -Math.PI, high: Math.PI, note: "" };
  let [low, high] = limitsOf(values),
    note = "";
  if (range === "all" && every) [low, high] = every;
  const signed = isSigned || (low < -1e-10 * high && high > -1e-10 * low);
  if (log) {
    const sizes = Float64Array.from(values, Math.abs).filter((value) => value > 0);
    const largest = range === "all" && every ? Math.max(Math.abs(low), Math.abs(high)) : limitsOf(sizes)[1];
    const least = Math.max(limitsOf(sizes)[0], 1e-6 * largest);
    note = signed ? "modulus, logarithmic" : "logarithmic";
    if (range === "percentile") {
      const cut = cutAt(sizes, percentile, largest);
      return {
        colours: "sequential",
        low: Math.max(cut.low, 1e-6 * cut.high),
        high: cut.high,
        log,
        note: `${note}, 1st to 99th percentile`,
      };
    }
    return { colours: "sequential", low: least, high: largest > least ? largest : 10 * least, log, note };
  }
  if (range === "percentile") {
    ({ low, high } = cutAt(values, signed ? [0, 1] : percentile, high, low));
    if (signed) ((high = cutAt(Float64Array.from(values, Math.abs), percentile, high).high), (low = -high));
    note = percentile[0] > 0 ? "colours from the 1st to the 99th percentile" : "";
  }
  if (high - low <= 1e-6 * Math.max(Math.abs(high), Math.abs(low))) {
    const half = 0.1 * Math.abs(high) || 1;
    return { colours: "sequential", low: low - half, high: high + half, uniform: 0.5 * (low + high), note: "uniform" };
  }
  if (signed) {
    const limit = Math.max(-low, high);
    return { colours: "diverging", low: -limit, high: limit, note };
  }
  const shallow = low > 0.5 * high && high > 0;
  if (shallow) note = `${number((100 * low) / high, 3)} to 100 % of the largest`;
  return { colours: shallow ? "light" : "sequential", low, high, note };
}

function cutAt(values, [first, last], high, low = 0) {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  if (!sorted.length) return { low, high };
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.round(part * (sorted.length - 1)))];
  return at(last) > at(first)
    ? { low: at(first), high: at(last) }
    : { low: sorted[0], high: sorted[sorted.length - 1] };
}

// Place of a number on its scale, 0 to 1.
function placeOn(scale, value) {
  if (scale.log)
    return Math.abs(value) > 0 ? Math.log(Math.abs(value) / scale.low) / Math.log(scale.high / scale.low) : NaN;
  return (value - scale.low) / (scale.high - scale.low);
}

// One of 256 colours of a number, or that of none.
function colourIndex(scale, value) {
  let place = placeOn(scale, value);
  if (Number.isNaN(place)) return GREY;
  place = Math.min(1, Math.max(0, place));
  if (scale.colours === "light") place = 0.4 + 0.6 * place;
  return Math.min(255, Math.floor(256 * place));
}

function colourTable(scale) {
  return COLOUR_MAPS[scale.colours === "light" ? "sequential" : scale.colours];
}

// The theme's colours.
function theme() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: of("ink"),
    soft: of("soft"),
    rule: of("rule"),
    panel: of("panel"),
    accent: of("accent"),
    missing: of("missing"),
    outline: of("outline"),
    fill: of("fill"),
    grid: of("grid"),
    warn: of("warn"),
    lines: [1, 2, 3, 4, 5, 6].map((n) => of(`line-${n}`)),
  };
}
