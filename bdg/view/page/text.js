// Numbers, units and names in words.
const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

// A number to so many digits: 0.0123, −4.5, 1.2·10⁻⁷.
function number(value, digits = 6) {
  if (!Number.isFinite(value)) return "none";
  if (value === 0) return "0";
  const power = Math.floor(Math.log10(Math.abs(value)));
  if (power >= -4 && power < Math.max(6, digits)) return String(Number(value.toPrecision(digits))).replace("-", "−");
  const [first, exponent] = value.toExponential(digits - 1).split("e");
  const raised = [...String(Math.abs(Number(exponent)))].map((digit) => SUPERSCRIPT[digit]).join("");
  return `${String(Number(first))}·10${exponent < 0 ? "⁻" : ""}${raised}`.replace("-", "−");
}

// Factor and name of the unit in which a number is shown.
function shownUnit(units) {
  const converted = state.si && data.si[units];
  return converted ? { factor: converted[0], name: converted[1] } : { factor: 1, name: units };
}

function withUnit(value, units, digits = 6) {
  const { factor, name } = shownUnit(units);
  return `${number(factor * value, digits)}${name === "1" ? "" : ` ${name}`}`;
}

function labelled(text, units) {
  const { name } = shownUnit(units);
  return name === "1" ? text : `${text} (${name})`;
}

// [12, 12], with the orbital where a cell has several.
function siteName(site) {
  const { cells, directions, orbitals, n_orbitals: count, one_cell: alone } = sample;
  if (alone && count > 1) return String(orbitals[site]);
  const place = Array.from(cells.subarray(site * directions, (site + 1) * directions));
  return `[${(count > 1 ? [...place, orbitals[site]] : place).join(", ")}]`;
}

// Round places between two ends, about so many.
function ticks(low, high, count = 6) {
  if (!(high > low)) return [low];
  const rough = (high - low) / count,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough * 0.999) * power;
  const found = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n++) found.push(n * step);
  return found;
}
