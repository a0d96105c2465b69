// A page that is served asks whether there is something new, and comes again as it was left.
const KEPT = [
  "quantity",
  "part",
  "layer",
  "chosen",
  "sites",
  "cut",
  "mode",
  "zoom",
  "centre",
  "range",
  "log",
  "shape",
  "arrows",
  "vortices",
  "si",
  "spectrum",
  "along",
  "mean",
  "spectrumLog",
  "curve",
  "curveX",
  "fourier",
  "window",
  "fourierRange",
  "fourierLog",
];

async function watchForNews() {
  try {
    const stamp = await (await fetch("stamp")).text();
    if (stamp !== data.stamp) {
      sessionStorage.setItem(
        "bdg",
        JSON.stringify([scrollY, Object.fromEntries(KEPT.map((key) => [key, state[key]]))]),
      );
      location.reload();
      return;
    }
  } catch {
    /* the server has gone: the page stays */
  }
  setTimeout(watchForNews, 2000);
}

// What was kept before the page came again, as far as it still fits.
function keptState() {
  const kept = data.stamp === undefined ? null : sessionStorage.getItem("bdg");
  if (!kept) return {};
  sessionStorage.removeItem("bdg");
  const [scroll, found] = JSON.parse(kept),
    count = sample.orbitals.length;
  requestAnimationFrame(() => window.scrollTo(0, scroll));
  const fits = (site) => site < count;
  found.sites = found.sites.filter(fits);
  if (found.cut && !found.cut.every(fits)) found.cut = null;
  if (found.layer >= sample.planes.length) found.layer = 0;
  return found;
}
