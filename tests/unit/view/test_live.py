"""A page that follows a run: made again when there is news, for this machine alone."""

import socket
import urllib.error
import urllib.request
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli import app
from bdg.errors import ResourceError
from bdg.view.live import Followed
from tests.store.made_up import result
from tests.support.served import served
from tests.unit.view.test_page import data_of

CONFIGURATION = """title: Under way
lattice: {kind: square, size: [4, 4], boundary: periodic}
hamiltonian: {chemical_potential: -0.5}
interaction: {onsite: 2.5}
temperature: 0.05
observables: {density: {}}
scf: {max_iterations: 2, tolerance: 1e-12}
"""


def test_from_nothing_over_a_checkpoint_to_the_result(tmp_path):
    followed = Followed(tmp_path / "run.h5")
    assert "this page waits" in followed.text()
    assert "there is no checkpoint" in followed.text()
    (tmp_path / "run.yaml").write_text(f"{CONFIGURATION}output: {tmp_path / 'run.h5'}\n", encoding="utf-8")
    bdg.run_file(tmp_path / "run.yaml")
    (tmp_path / "run.h5").unlink()  # as it is before the run has ended: the checkpoint alone
    data = data_of(followed.text())
    assert data["title"] == "Under way"
    assert data["remarks"][0].startswith("Under way: 2 iterations, residual ")
    assert data["stamp"] == followed.stamp() != ""
    assert [one["name"] for one in data["quantities"]] == ["delta", "mu"]
    assert data["convergence"]["iteration"] == [1, 2]
    before = followed.text()
    assert followed.text() is before  # nothing new: not made again
    bdg.resume_file(tmp_path / "run.h5", ["scf.max_iterations=100"])
    data = data_of(followed.text())
    assert data["remarks"] == []
    assert "density" in [one["name"] for one in data["quantities"]]


def test_a_result_of_an_earlier_run_gives_way_to_the_run_that_replaces_it(tmp_path):
    (tmp_path / "run.yaml").write_text(f"{CONFIGURATION}output: {tmp_path / 'run.h5'}\n", encoding="utf-8")
    bdg.run_file(tmp_path / "run.yaml")
    old = bdg.load(tmp_path / "run.h5", warn=False)
    older = replace(old, provenance=replace(old.provenance, created="2020-01-01T00:00:00.000+00:00"))
    bdg.save(older, tmp_path / "run.h5", overwrite=True)
    assert data_of(Followed(tmp_path / "run.h5").text())["remarks"][0].startswith("Under way")
    bdg.save(old, tmp_path / "run.h5", overwrite=True)
    assert data_of(Followed(tmp_path / "run.h5").text())["remarks"][0].startswith("Not converged")


def test_a_study_without_a_point_waits(tmp_path):
    (tmp_path / "study").mkdir()
    assert "no study, study.yaml is missing" in Followed(tmp_path / "study").text()


def test_the_server_answers_this_machine_alone(tmp_path):
    bdg.save(result(), tmp_path / "run.h5")
    with served(tmp_path / "run.h5", ["dos"]) as address:

        def asked(path="", **headers):
            request = urllib.request.Request(address + path, headers=headers)
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.read().decode()

        data = data_of(asked())
        assert data["stamp"] == asked("stamp")
        assert [one["name"] for one in data["quantities"]] == ["dos"]
        assert "connect-src 'self'" in asked()
        for path, headers in (("run.h5", {}), ("", {"Host": "elsewhere.org"})):
            with pytest.raises(urllib.error.HTTPError, match="404") as refused:
                asked(path, **headers)
            refused.value.close()


def test_a_port_that_is_taken_is_said(tmp_path):
    bdg.save(result(), tmp_path / "run.h5")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = CliRunner().invoke(app, ["view", str(tmp_path / "run.h5"), "--live", "--port", str(port)])
    assert isinstance(ended.exception, ResourceError)
    assert f"port {port} of this machine: " in str(ended.exception)
