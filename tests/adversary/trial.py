"""One model before all judges."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field

import numpy as np

from bdg.errors import InputError
from tests.adversary.case import Case
from tests.adversary.generate import random_spec
from tests.adversary.judges import JUDGES
from tests.adversary.measured import measured
from tests.adversary.moves import DoesNotApply

TOLERANCE = 1e-8
"""Largest difference that is no disagreement."""


@dataclass
class Verdict:
    """What one judge says of one state: the largest difference and where; or why it says nothing."""

    judge: str
    state: str
    worst: float = 0.0
    quantity: str = ""
    passed_over: str = ""
    error: str = ""

    @property
    def disagrees(self):
        """Whether this must not be."""
        return bool(self.error) or not self.worst <= TOLERANCE


@dataclass
class Trial:
    """A model and what was said of it."""

    seed: int
    refused: str = ""
    loop: str = ""
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def failures(self):
        """The verdicts that disagree."""
        return [verdict for verdict in self.verdicts if verdict.disagrees]


AT_A_TIME = 4
"""Judges beside the twin that look at a model where not all do."""


OF_FOUND = ("twin", "strengths")
"""Judges that look at self-consistent fields where not all do."""


def in_turn(seed, names):
    """The twin, and a few of the other judges: another few for the next seed."""
    others = [name for name in names if name != "twin"]
    chosen = {others[(AT_A_TIME * seed + n) % len(others)] for n in range(min(AT_A_TIME, len(others)))}
    return [name for name in names if name == "twin" or name in chosen]


def tried(seed, names=tuple(JUDGES), thorough=True):
    """The model of a seed before the judges of these names.

    Where it need not be thorough, a few judges in turn look at random fields, of these those of
    :data:`OF_FOUND` at found ones.
    """
    try:
        case = Case.of(random_spec(seed), seed)
    except InputError as refusal:
        return Trial(seed, refused=str(refusal))
    trial = Trial(seed)
    states = {"random": case.random_fields}
    if case.found is not None:
        trial.loop = case.found.status
        if case.found.status == "converged":
            states["found"] = case.found.fields.as_complex()
    for state, fields in states.items():
        product = measured(case.model, fields)
        some = names if thorough else in_turn(seed, names)
        if not thorough and state == "found":
            some = [name for name in some if name in OF_FOUND]
        trial.verdicts += [_verdict(name, state, case, fields, product) for name in some]
    return trial


def _verdict(name, state, case, fields, product):
    try:
        found = JUDGES[name](case, fields, product)
    except DoesNotApply as reason:
        return Verdict(name, state, passed_over=str(reason))
    except InputError as refusal:
        return Verdict(name, state, error=f"refused: {refusal}")
    except Exception:  # whatever breaks is a finding
        return Verdict(name, state, error=traceback.format_exc(limit=-3))
    quantity = max(found, key=lambda key: found[key] if found[key] == found[key] else np.inf, default="")
    return Verdict(name, state, float(found.get(quantity, 0.0)), quantity)
