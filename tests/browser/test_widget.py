"""The bar of a notebook in a browser."""

from __future__ import annotations

import pytest

from bdg.simulation.widget import SCRIPT
from tests.support.browser import Browser, executable

pytestmark = pytest.mark.skipif(executable() is None, reason="there is no Chromium")

MODEL = """
const state = {line: "computing ldos", done: 0, total: 0, left: ""}, heard = {};
const model = {
  get: name => state[name],
  on: (event, call) => { heard[event] = call; },
  set: (name, value) => { state[name] = value; heard[`change:${name}`](); },
};
window.model = model;
widget.render({ model, el: document.body });
document.documentElement.dataset.ready = "yes";
"""


def test_the_bar_follows_the_model(tmp_path):
    script = SCRIPT.read_text("utf-8").replace("export default", "const widget =")
    page = tmp_path / "widget.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><body><script type=module>{script}{MODEL}</script>")
    browser = Browser(tmp_path / "profile")
    try:
        browser.open(page)
        bar = "document.querySelector('progress')"
        assert browser.run(f"{bar}.hasAttribute('value')") is False  # nobody knows how long it takes
        browser.run("model.set('total', 201); model.set('done', 50); model.set('left', '18 s left')")
        assert browser.run(f"[{bar}.value, {bar}.max]") == [50, 201]
        assert browser.run("document.body.innerText").startswith("computing ldos 50 of 201")
        assert "18 s left" in browser.run("document.body.innerText")
        assert browser.run(f"{bar}.getAttribute('aria-label')") == "progress of the run"
        assert browser.console == []
        assert browser.requests == []
    finally:
        browser.close()
