"""The studies in ``configs/studies``: run into a folder, and what their headers expect."""

from __future__ import annotations

import re
from pathlib import Path

import bdg

STUDIES = Path(__file__).parents[2] / "configs/studies"


def collected(name, folder, overrides=(), values=None):
    """All quantities of a study, every point converged."""
    study = bdg.sweep(STUDIES / f"{name}.yaml", values, folder=folder, overrides=overrides, executor="serial")
    assert set(study.counts()) == {"converged"}
    return bdg.collect(study)


def stands_in_header(name, *texts):
    """Whether all texts are among what a header expects."""
    lines = (STUDIES / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    header = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    expected = re.split("Expect: ", header)[1]
    return [text for text in texts if text not in expected] == []
