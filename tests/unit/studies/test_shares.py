"""Shares of a study: every point in one of them, chains whole, and no share in another's way."""

from __future__ import annotations

import json

import pytest

import bdg
from bdg.config.schema.sweep import Sweep
from bdg.errors import FileBusyError, InputError
from bdg.store import only_run_on
from bdg.studies.plan.points import points_of
from bdg.studies.work.shares import Share

SEEDS = {"hamiltonian.disorder.seed": {"count": 5}}
CHAIN = """
lattice: {kind: chain, size: [4], boundary: periodic}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 0.5, seed: 0}}
interaction: {onsite: 2.0}
temperature: 0.1
observables: {spectral_gap: {}}
"""


@pytest.fixture
def chain(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chain.yaml").write_text(CHAIN)
    return tmp_path


def shared(share, **options):
    return bdg.sweep("chain.yaml", SEEDS, folder="chain", executor="serial", share=share, **options)


@pytest.mark.parametrize("of", [1, 2, 3, 7, 40])
@pytest.mark.parametrize(
    "more",
    [{}, {"follow": "temperature"}, {"follow": "temperature", "direction": "both"}, {"where": "seed != 2"}],
)
def test_every_point_is_in_one_share_with_those_it_starts_from(of, more):
    given = {"temperature": [0.1, 0.2, 0.3], "hamiltonian.disorder.seed": {"count": 4}, **more}
    points = points_of(Sweep.model_validate(given))
    shares = [[point.number for point in Share(k, of).of_points(points)] for k in range(1, of + 1)]
    assert sorted(number for share in shares for number in share) == [point.number for point in points]
    for share in shares:
        assert all(points[number].after is None or points[number].after in share for number in share)
    sizes = [len(share) for share in shares]
    longest = 3 if "follow" in more else 1
    assert max(sizes) - min(sizes) <= longest


@pytest.mark.parametrize("text", ["0/4", "5/4", "2", "a/b", "1/0", "-1/4", "2/", ""])
def test_a_share_that_is_none_is_refused(text):
    with pytest.raises(InputError, match="share"):
        Share.read(text)


def test_shares_together_do_all_points_and_each_its_own(chain):
    first = shared("1/2")
    assert sorted(path.stem for path in (chain / "chain/points").glob("*.h5")) == ["00000", "00002", "00004"]
    assert "share 1/2, 3 points: 3 converged" in repr(first)
    assert bdg.open_study("chain").counts() == {"converged": 3, "waiting": 2}
    shared("2/2")
    assert bdg.open_study("chain").counts() == {"converged": 5}
    lines = {path.name: path.read_text().splitlines() for path in (chain / "chain").glob("index*.jsonl")}
    points = {name: [json.loads(line)["point"] for line in text] for name, text in lines.items()}
    assert points == {"index-1-of-2.jsonl": [0, 2, 4], "index-2-of-2.jsonl": [1, 3]}


def test_what_shares_have_done_is_not_done_again(chain):
    for share in ("1/3", "2/3", "3/3"):
        shared(share)
    before = {path.name: path.stat().st_mtime_ns for path in (chain / "chain/points").glob("*.h5")}
    shared(None)
    shared("2/4")
    assert {path.name: path.stat().st_mtime_ns for path in (chain / "chain/points").glob("*.h5")} == before
    assert not (chain / "chain/index.jsonl").exists()
    assert len(bdg.collect(bdg.open_study("chain"))["spectral_gap"].values) == 5


@pytest.mark.parametrize(
    ("held", "asked", "is_refused"),
    [
        ("index.jsonl", "1/2", True),
        ("index-2-of-2.jsonl", None, True),
        ("index-1-of-2.jsonl", "1/2", True),
        ("index-2-of-2.jsonl", "1/2", False),
    ],
)
def test_only_those_at_work_on_the_same_points_are_in_the_way(chain, held, asked, is_refused):
    (chain / "chain").mkdir()
    (chain / "chain" / held).touch()
    with only_run_on(chain / "chain" / held):
        if is_refused:
            with pytest.raises(FileBusyError, match="another run is at work on it"):
                shared(asked)
        else:
            assert len(shared(asked).todo) == 0


def test_a_request_to_stop_is_of_one_share(chain):
    study = bdg.open_study(shared("1/2", stop=lambda: True).folder)
    assert study.counts() == {"waiting": 5}
    (chain / "chain/stop-1-of-2").touch()
    assert shared("2/2").counts() == {"converged": 2}
    assert shared("1/2").counts() == {"converged": 3}
