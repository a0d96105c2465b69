// The bar of a run in a notebook: what is done, how far it is, and the time left.
function render({ model, el }) {
  const bar = document.createElement("progress");
  const line = document.createElement("span");
  const left = document.createElement("span");
  bar.setAttribute("aria-label", "progress of the run");
  bar.style.cssText = "width: 14em; margin-right: 0.8em; vertical-align: middle";
  left.style.cssText = "margin-left: 0.8em; opacity: 0.7";
  line.setAttribute("role", "status");
  el.append(bar, line, left);

  function draw() {
    const total = model.get("total");
    if (total > 0) {
      bar.max = total;
      bar.value = model.get("done");
    } else {
      bar.removeAttribute("value"); // nobody knows how long: it moves to and fro
    }
    const counted = total > 0 ? ` ${model.get("done")} of ${total}` : "";
    line.textContent = model.get("line") + counted;
    left.textContent = model.get("left");
  }

  for (const name of ["line", "done", "total", "left"]) {
    model.on(`change:${name}`, draw);
  }
  draw();
}

export default { render };
