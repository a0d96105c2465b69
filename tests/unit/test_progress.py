"""What a person sees of a run: by time, not by count, with the time left, wherever they look."""

import contextlib
import io
import re
import sys
import types

import numpy as np
import pytest

import bdg
from bdg.scf import Iteration
from bdg.simulation import progress, widget
from bdg.simulation.progress import Bar, Console, Lines, OneLine, Part


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless it is set."""
    now = types.SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now.seconds)
    return now


def iteration(number, filling_error=0.0):
    return Iteration(number, 1e-3 / number, 0.0, filling_error, 0.25, -0.5)


def test_the_time_left_is_that_of_the_parts_done_so_far():
    part = Part("poles", 4, 16, began=100.0)
    assert part.left(108.0) == pytest.approx(24.0)
    assert part.told(108.0) == "poles 4 of 16, 24 s left"
    assert Part("orderings", 0, 1, began=100.0).told(130.0) == "orderings 0 of 1, 30 s so far"
    assert Part("poles", 16, 16, began=100.0).left(108.0) == 0.0
    assert Part("points", 7, 0, began=100.0).told(130.0) == "points 7, 30 s so far"


def test_without_a_terminal_there_is_a_line_every_ten_seconds_at_most(clock, capsys):
    console = Console(display=Lines())  # not entered: without the thread that refreshes it
    console.stage("576 sites")
    for number in range(1, 100):
        console.iteration(iteration(number))
        console.refresh()
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "576 sites",
        "iteration 1",
    ]
    clock.seconds = 10.0
    console.part("poles", 0, 16)
    clock.seconds = 12.0
    console.part("poles", 4, 16)
    for _ in range(5):
        console.refresh()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("iteration 99: residual")
    assert line.endswith("; poles 4 of 16, 6 s left")
    clock.seconds = 21.0
    console.refresh()
    assert capsys.readouterr().out == ""
    clock.seconds = 22.0  # and one every ten seconds, whether or not a part is done
    console.refresh()
    assert capsys.readouterr().out.endswith("; poles 4 of 16, 36 s left\n")


@pytest.mark.parametrize(
    ("told", "began"),
    [
        ([("poles", 3, 16), ("poles", 4, 16)], 0.0),
        ([("poles", 16, 16), ("poles", 0, 16)], 5.0),
        ([("poles", 3, 16), ("energies", 4, 16)], 5.0),
        ([("poles", 3, 16), ("poles", 4, 18)], 5.0),
    ],
)
def test_other_parts_and_those_that_begin_again_have_a_time_of_their_own(told, began, clock):
    console = Console(display=Lines())
    console.part(*told[0])
    clock.seconds = 5.0
    console.part(*told[1])
    assert console._part == Part(*told[1], began=began)


def test_a_line_in_a_notebook_is_written_over_and_wiped(clock, capsys):
    line = OneLine()
    line.show("iteration 12: a long line", Part("poles", 1, 2, 0.0))
    line.show("short", None)
    line.close()
    first, second, third, _ = capsys.readouterr().out.removeprefix("\r").split("\r")
    assert first == "iteration 12: a long line; poles 1 of 2, 0 s left"
    assert second.rstrip() == "short"
    assert len(second) == len(first)
    assert third == " " * len("short") or not third.strip()


class Made:
    """Stands for anywidget's class: what is set is what the browser is sent."""

    def __init__(self, **state):
        self.__dict__.update(state)
        self.closed = False

    @contextlib.contextmanager
    def hold_sync(self):
        yield

    def close(self):
        self.closed = True


@pytest.fixture
def notebook(monkeypatch):
    """The packages of the extra, as far as the widget needs them; and what a cell shows."""
    shown = []
    trait = types.SimpleNamespace(tag=lambda sync: None)
    display = types.SimpleNamespace(display=shown.append)
    modules = {
        "anywidget": types.SimpleNamespace(AnyWidget=Made),
        "traitlets": types.SimpleNamespace(Unicode=lambda value: trait, Int=lambda value: trait),
        "IPython": types.SimpleNamespace(
            get_ipython=lambda: types.SimpleNamespace(kernel=object()), display=display
        ),
        "IPython.display": display,
    }
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    widget._kind.cache_clear()
    yield shown
    widget._kind.cache_clear()


def test_a_widget_of_a_notebook_is_shown_once_follows_the_work_and_goes(clock, notebook):
    own = progress._own_display()
    assert isinstance(own, widget.Widget)
    own.close()  # of work that took no time nothing is shown
    assert not notebook
    own.show("computing ldos", None)
    (made,) = notebook
    assert (made.line, made.done, made.total, made.left) == ("computing ldos", 0, 0, "")
    clock.seconds = 6.0
    own.show("computing ldos", Part("energies", 50, 201, 0.0))
    assert len(notebook) == 1
    assert (made.line, made.done, made.total, made.left) == ("computing ldos; energies", 50, 201, "18 s left")
    own.close()
    assert made.closed


def test_the_widget_is_one_of_anywidget():
    pytest.importorskip("anywidget", reason="the extra notebook is not installed")
    made = widget._kind()(line="iteration 3", done=1, total=4, left="")
    assert {"line", "done", "total", "left"} <= set(made.trait_names(sync=True))
    assert "export default" in made._esm
    made.close()


def test_a_bar_on_a_terminal_has_the_stage_the_parts_and_the_time_left(clock):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    stream = Terminal()
    clock.seconds = 6.0
    bar = Bar(stream)
    bar.show("computing ldos", Part("energies", 50, 201, 0.0))
    bar.close()
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
    assert "computing ldos; energies" in text
    assert "50/201" in text
    assert "18 s left" in text


def test_quiet_shows_nothing(capsys):
    with Console(quiet=True) as console:
        console.stage("576 sites")
        console.iteration(iteration(1))
        console.part("poles", 1, 2)
        console.refresh()
    assert capsys.readouterr() == ("", "")


class TestSolve:
    """From Python."""

    MODEL = staticmethod(
        lambda: bdg.build_model(bdg.build_sample("chain", [8], "periodic"), attraction=3.0, temperature=0.1)
    )

    def test_every_hook_is_called(self):
        lines, iterations, parts = [], [], []
        hooks = bdg.Hooks(
            after_iteration=iterations.append,
            stage=lines.append,
            progress=lambda *part: parts.append(part[0]),
        )
        result = bdg.solve(self.MODEL(), observables=["density", "grand_potential"], hooks=hooks)
        assert iterations == list(result.history)
        assert lines == [
            "8 sites, 8 bonds, diagonalization, T = 0.1 t",
            "computing density",
            "computing grand potential",
        ]
        assert set(parts) == {"momenta"}

    @pytest.mark.parametrize("temperature", [{}, {"temperature": 0.0}])
    def test_a_temperature_of_zero_is_never_silent(self, temperature):
        lines = []
        model = bdg.build_model(bdg.build_sample("chain", [8]), attraction=3.0, **temperature)
        result = bdg.solve(model, hooks=bdg.Hooks(stage=lines.append))
        assert lines[0].endswith("T = 0 t")
        assert "T = 0 t" in str(model)
        assert "T = 0 t" in str(result)

    def test_a_notebook_gets_a_line_a_terminal_a_bar_and_a_file_nothing(self, monkeypatch, capsys):
        class Quick(OneLine):
            every = 0.0

        monkeypatch.setattr(progress, "OneLine", Quick)
        assert progress._own_display() is None  # the tests' output is no terminal
        kernel = types.SimpleNamespace(kernel=object())
        monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: kernel))
        monkeypatch.setitem(sys.modules, "anywidget", None)
        widget._kind.cache_clear()
        assert isinstance(progress._own_display(), Quick)
        monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))
        assert progress._own_display() is None
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        assert isinstance(progress._own_display(), Bar)
        assert capsys.readouterr() == ("", "")

    def test_nothing_is_left_behind(self, monkeypatch, capsys):
        monkeypatch.setattr(progress, "_own_display", OneLine)
        result = bdg.solve(self.MODEL())
        assert result.status == "converged"
        written = capsys.readouterr().out
        assert written.endswith("\r")
        assert not written.rpartition("\r")[2]
        np.testing.assert_array_equal(result.fields.delta, bdg.solve(self.MODEL()).fields.delta)
