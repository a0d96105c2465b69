// The side panel, and everything in words.
function fillHeader() {
  byId("title").textContent = data.title;
  byId("header").textContent = [data.header, data.source].filter(Boolean).join("   ·   ");
  byId("remarks").replaceChildren(...data.remarks.map((line) => element("li", line)));
}

function element(kind, text = "", attributes = {}) {
  const made = document.createElement(kind);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function fillFacts() {
  const sections = Object.entries(data.facts)
    .filter(([, table]) => Object.keys(table).length)
    .map(([title, table], n) => {
      const section = element("section", "", { "aria-labelledby": `facts-${n}` }),
        rows = element("table");
      for (const [name, value] of Object.entries(table)) {
        const row = element("tr");
        row.append(element("th", name, { scope: "row" }), element("td", value));
        rows.append(row);
      }
      section.append(element("h2", title, { id: `facts-${n}` }), rows);
      return section;
    });
  byId("facts").replaceChildren(...sections);
}

function fillConfiguration() {
  const kinds = Object.keys(data.configuration).filter((kind) => data.configuration[kind]);
  byId("configuration-panel").hidden = !kinds.length;
  if (!kinds.length) return;
  const select = byId("configuration-kind"),
    show = () => {
      byId("configuration").textContent = data.configuration[select.value];
    };
  setOptions(
    select,
    kinds.map((kind) => [kind, kind]),
    kinds[0],
  );
  select.addEventListener("change", show);
  show();
  byId("copy").addEventListener("click", copyConfiguration);
}

async function copyConfiguration() {
  const text = byId("configuration").textContent,
    button = byId("copy");
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = element("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  button.textContent = done ? "Copied" : "Not copied";
  setTimeout(() => {
    button.textContent = "Copy";
  }, 1500);
}

function fillConvergence() {
  const panel = byId("convergence-panel");
  panel.hidden = !data.convergence;
  if (!data.convergence?.reason) return;
  byId("convergence").hidden = true;
  panel.append(element("p", data.convergence.reason));
}

function fillPrecision() {
  const packed = quantities.filter((one) => one.data.error !== undefined);
  const lines = packed.map((one) => `${one.name} to ±${withUnit(one.data.error, one.units, 2)} (${data.bits} bits)`);
  byId("precision").textContent = lines.length
    ? `Numbers in this page: ${lines.join(", ")}; all others in double precision. The file has every digit.`
    : "All numbers in this page are in double precision, as in the file.";
}

// What a quantity says beside its numbers: broadening, error, whether the fields are self-consistent.
function fillNotes(quantity) {
  const notes = Object.entries(quantity.notes).map(([name, value]) => `${name.replace(/_/g, " ")} ${value}`);
  if (quantity.error) notes.push(`estimated error ${withUnit(quantity.error, quantity.units, 2)}`);
  byId("notes").textContent = notes.join(" · ");
}

// What a site has, in a line.
function describeSite(site) {
  const map = currentMap(),
    { quantity } = map;
  if (quantity.kind === "bonds" || quantity.kind === "plaquettes") return `Site ${siteName(site)}`;
  const error = map.part === "phase" ? undefined : quantity.data.error,
    value = map.values[site];
  const shown = Number.isFinite(value) ? withUnit(value, map.units, error === undefined ? 7 : 5) : "not known";
  const rest = chosenWords(quantity);
  return `Site ${siteName(site)}: ${map.label}${rest ? ` at ${rest}` : ""} = ${shown}`;
}

function listSites() {
  const colours = theme();
  byId("chosen").replaceChildren(
    ...state.sites.map((site, n) => {
      const item = element("li"),
        line = element("i"),
        button = element("button", "×", { type: "button", "aria-label": `Remove site ${siteName(site)}` });
      line.style.background = colours.lines[n % 6];
      button.addEventListener("click", () => {
        state.sites.splice(n, 1);
        refresh("overlay", "spectrum");
      });
      item.append(line, document.createTextNode(siteName(site)), button);
      return item;
    }),
  );
}

// Names of the drawings for those who do not see them.
function nameDrawings() {
  const map = currentMap(),
    rest = chosenWords(map.quantity),
    { low, high, uniform } = map.scale;
  const limits =
    uniform === undefined
      ? `colours from ${withUnit(low, map.units, 4)} to ${withUnit(high, map.units, 4)}`
      : `uniform, ${withUnit(uniform, map.units, 4)}`;
  byId("overlay").setAttribute(
    "aria-label",
    `Map of ${map.label}${rest ? ` at ${rest}` : ""}, ${limits}. Arrow keys move from site to site.`,
  );
  const chosen = state.sites.map(siteName).join(", ") || "no site";
  const spectrum = named(state.spectrum);
  if (spectrum)
    byId("spectrum").setAttribute(
      "aria-label",
      `${spectrum.long} against ${spectrum.axis(state.along).label} at ${chosen}`,
    );
  if (state.cut)
    byId("cut").setAttribute("aria-label", `Line cut from ${siteName(state.cut[0])} to ${siteName(state.cut[1])}`);
  byId("fourier").setAttribute("aria-label", `Modulus of the Fourier transform of ${map.label}`);
  const curve = named(state.curve);
  if (curve) byId("curves").setAttribute("aria-label", `${curve.long} against ${curve.axis(state.curveX).label}`);
  byId("convergence").setAttribute("aria-label", "Residuals of the self-consistency against iteration");
}
