"""Every block and every shell line of the documentation runs, or the page says why not."""

import re
from pathlib import Path

import pytest

from tests.support.pages import DOCS, PAGES, ROOT, Block, Page, blocks

ELSEWHERE = {
    "clusters": ("python",),
    "experiments": ("python",),
    "interactions": ("python",),
    "observables": ("python",),
    "python": ("python",),
    "stm": ("python", "yaml"),
    "studies": ("python", "yaml"),
}
"""Languages of pages whose blocks other tests run and compare with the code: test_docs.py, test_readme.py."""

TOY = """\
lattice: {kind: square, size: [5, 5]}
hamiltonian: {chemical_potential: -0.5, disorder: {width: 1, seed: 2}}
interaction: {onsite: 2.5}
temperature: 0.1
observables: {density: {}, spectral_gap: {}, ldos: {energies: {start: -0.9, stop: 0.9, num: 7}}}
"""
SWEEP = "sweep: {temperature: [0.1, 0.2]}\n"
RESULTS = f"""import bdg
from pathlib import Path

Path("my.yaml").write_text({TOY!r})
for name, seed in (("a", 2), ("b", 3), ("my", 2), ("quickstart", 2)):
    settings = [f"output=results/{{name}}.h5", f"hamiltonian.disorder.seed={{seed}}"]
    result = bdg.run_file("my.yaml", settings, overwrite=True)
for name in ("gap", "gap_again", "gap_of_temperature"):
    bdg.sweep("my.yaml", {{"temperature": [0.1, 0.2]}}, folder=f"results/{{name}}", executor="serial")
"""
GIVEN = {
    "results": RESULTS,
    "view": RESULTS,
    "slurm": f"from pathlib import Path\nPath('my.yaml').write_text({TOY + SWEEP!r})",
}
"""What stands before the first block of pages that begin with results of the reader's."""

RUN = ("python", "yaml", "sh", "text")


def name_of(page):
    return page.relative_to(DOCS).with_suffix("").as_posix()


def to_run(page):
    mine = ELSEWHERE.get(name_of(page), ())
    return [block for block in blocks(page) if block.language not in mine]


@pytest.mark.parametrize("page", [page for page in PAGES if to_run(page)], ids=name_of)
def test_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bdg.studies.sweeping.usable_cores", lambda: 1)
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    state = Page()
    exec(GIVEN.get(name_of(page), ""), state.names)
    for block in to_run(page):
        state.run(block)


def test_no_block_is_of_a_language_that_nothing_runs_and_reasons_are_reasons():
    for page in PAGES:
        for block in to_run(page):
            assert block.language in RUN or block.reason, (name_of(page), block.text)
            assert not block.note or block.is_toy or len(block.reason) > 10, (name_of(page), block.note)


def test_every_fence_is_read():
    """None is indented, or of a form that would be skipped silently."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        fences = len(re.findall(r"^\s*```", text, re.MULTILINE))
        directives = len(re.findall(r"^```\{", text, re.MULTILINE))
        assert fences == 2 * (len(blocks(page)) + directives), name_of(page)


def test_links_of_pages_lead_to_files_and_headings():
    """Those to pages that a build generates are checked by the build."""
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            path, _, _ = target.partition("#")
            if path and not re.match(r"https?:", path) and "generated/" not in path:
                assert (page.parent / path).exists(), (name_of(page), target)


def test_every_page_has_a_place_in_the_tree():
    listed = set()
    for page in PAGES:
        for tree in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            names = [line for line in tree.splitlines() if line and not line.startswith(":")]
            listed |= {(page.parent / f"{name}.md").relative_to(DOCS) for name in names}
    assert {page.relative_to(DOCS) for page in PAGES} - listed == {Path("index.md")}


def test_a_block_that_does_not_do_what_the_page_says_is_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = Page()
    page.run(Block("python", "print('two', 3.25)\n", ""))
    page.run(Block("text", "two 3.2…\n", ""))
    with pytest.raises(AssertionError, match="printed is"):
        page.run(Block("text", "two 3.3…\n", ""))
    page.run(Block("sh", "bdg init toy.yaml\n", "toy: toy → other"))
    page.run(Block("text", "anything\n", ""))  # what a toy prints is not compared
    page.run(Block("python", "print('again')\n", ""))
    with pytest.raises(AssertionError, match="printed is"):
        page.run(Block("text", "not again\n", ""))
    with pytest.raises(ZeroDivisionError):
        page.run(Block("python", "1 / num\n", "toy: num → 0"))
    with pytest.raises(AssertionError, match="no 'm' to replace"):
        page.run(Block("python", "1 / n\n", "toy: m → 0"))
    with pytest.raises(AssertionError, match="cannot be run here"):
        page.run(Block("sh", "rm -r results\n", ""))
    with pytest.raises(Exception, match="lattice"):
        page.run(Block("yaml", "lattice: {kind: cube, size: [2]}\n", ""))


def test_messages_that_the_page_explains_are_messages_of_the_package():
    from docs.generators import messages

    sources = [path.read_text(encoding="utf-8") for path in messages.PACKAGE.rglob("*.py")]
    text = re.sub(r'"\s*\n?\s*f?"', "", "\n".join(sources))  # strings over several lines
    quoted = re.findall(
        r"`([^`]+)`", " ".join(re.findall(r"^### (.*)$", (DOCS / "faq.md").read_text(), re.M))
    )
    assert len(quoted) > 10
    missing = [one for one in quoted for part in one.split(" … ") if part not in text]
    assert missing == []


def test_every_message_is_on_the_page_of_all_messages():
    from docs.generators import messages

    page = messages.pages()["messages"]
    assert page.count("\n- `") > 500
    for known in (
        "must be between 0 and 2 electrons per site",
        "another run is at work on it; wait for its end, or name another output",
        "nothing is screened; remove it, or add 'field: {applied: 0.01, screening: {mu0: 0.03}}'",
        "… leads:",
    ):
        assert known.removeprefix("… ") in page
