"""The section ``sweep``: the values that keys of the configuration take, a run for each combination."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, Tag, model_validator

from bdg.config.schema.added import Find, Refine, Spread, Until
from bdg.config.schema.numerics import InitialValues, Start
from bdg.parameters.base import LIST, MAPPING, Count, Number, Section, Seed, Text, one_of
from bdg.parameters.problems import refuse
from bdg.parameters.wording import choices, quote

WAYS = {"forward": ("forward",), "backward": ("backward",), "both": ("forward", "backward")}
"""The ways along a followed key, by the word in the configuration."""

KEY = re.compile(r"[A-Za-z_]\w*(?:\[\d+\])*(?:\.[A-Za-z_]\w*(?:\[\d+\])*)*")
"""A dotted key, list indices in brackets."""


class Range(Section):
    """Numbers from ``start`` to ``stop``, or as many whole numbers as ``count`` from ``first`` on."""

    start: Number | None = Field(None, description="The first number.")
    stop: Number | None = Field(None, description="The last number, included.")
    num: Annotated[int, Field(strict=True, ge=2)] | None = Field(None, description="How many numbers.")
    spacing: Literal["linear", "log"] = Field(
        "linear", description="Equal differences, or with log equal ratios."
    )
    count: Count | None = Field(None, description="How many whole numbers, for seeds.")
    first: Seed = Field(0, description="The first of these.")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Range:
        given = [name for name in ("start", "stop", "num") if getattr(self, name) is not None]
        if (self.count is None) == (not given) or (given and len(given) < 3):
            refuse("gives no numbers", hint="write {start: 0.1, stop: 1, num: 10}, or {count: 20} for seeds")
        if self.spacing == "log" and given and min(self.start or 0, self.stop or 0) <= 0:
            refuse("equal ratios need numbers above 0", "spacing", hint="use linear, or other ends")
        return self


Values = Annotated[
    Annotated[tuple[Any, ...], Field(min_length=1), Tag(LIST)] | Annotated[Range, Tag(MAPPING)],
    one_of("a list of values, {start, stop, num} or {count}", LIST, MAPPING),
]
"""What a key takes, one after the other."""


def has_between(given: Values) -> bool:
    """Whether a key takes at least two numbers that ascend or descend, so that others lie between them."""
    if isinstance(given, Range):
        return given.count is None
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in given):
        return False
    ascends = {low < high for low, high in pairwise(given) if low != high}
    return len(given) > 1 and len(ascends) == 1 and len(set(given)) == len(given)


Starts = Annotated[
    Annotated[tuple[Start, ...], Tag(LIST)] | Annotated[dict[Text, Start], Tag(MAPPING)],
    one_of("a list of starts, or starts by names of their branches", LIST, MAPPING),
]
"""What branches start from."""


class Sweep(Section):
    """Dotted keys of the configuration with their values; all combinations are run, by ``bdg sweep``."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Values]

    zip: tuple[tuple[Text, ...], ...] = Field(
        (), description="Groups of keys that advance together, [[temperature, hamiltonian.onsite]]."
    )
    derived: dict[Text, Text] = Field(
        default_factory=dict,
        description="Keys whose values follow from the swept ones: formulas with their names, or last parts.",
    )
    where: Text | None = Field(
        None, description="A condition on the swept keys, temperature < onsite/3; other points are left out."
    )
    follow: Text | None = Field(
        None, description="A key along which each point starts from the fields of the one before."
    )
    direction: Literal["forward", "backward", "both"] = Field(
        "forward", description="The way along follow; both make two branches of every point."
    )

    starts: Starts = Field(
        (),
        description="Starts as in scf.initial, {d wave: {d_x2_y2: 0.3}} with names of one's own; each makes a"
        " branch of every point, beside those of follow.",
    )
    refine: Refine | None = Field(None, description="Points are added where a quantity changes fast.")
    find: Find | None = Field(None, description="A value of a key that is searched for.")
    spread: Spread | None = Field(None, description="States of neighbours are tried until no energy falls.")
    until: Until | None = Field(None, description="Members are added until a mean is known well enough.")

    @property
    def axes(self) -> dict[str, Values]:
        """The swept keys with their values, the ends of the bracket for one that is searched."""
        searched = {} if self.find is None else {self.find.key: self.find.between}
        return {**(self.__pydantic_extra__ or {}), **searched}

    @property
    def ensemble(self) -> str:
        """The key whose values are members of ensembles that grow; empty where none does."""
        if self.until is None:
            return ""
        counted = [key for key, given in self.axes.items() if isinstance(given, Range) and given.count]
        return self.until.over or (counted[0] if len(counted) == 1 else "")

    @property
    def branches(self) -> dict[str, str | InitialValues | None]:
        """The branches of every point by name, with their starts; ``None`` for the configuration's."""
        branches: dict[str, str | InitialValues | None] = {}
        none: dict[str, str | InitialValues | None] = {"" if self.spread is None else "initial": None}
        if self.follow is not None:
            branches = dict.fromkeys(WAYS[self.direction])
        if isinstance(self.starts, dict):
            return {**branches, **self.starts} or none
        for start in self.starts:
            name = start if isinstance(start, str) else " and ".join(start.names)
            again = 2
            while name in branches:
                name, again = f"{name.split(' #')[0]} #{again}", again + 1
            branches[name] = start
        return branches or none

    @property
    def trials(self) -> tuple[str, ...]:
        """The branches that start from the state of a neighbour."""
        return () if self.spread is None else tuple(f"spread {n + 1}" for n in range(self.spread.at_most))

    @property
    def compete(self) -> bool:
        """Whether a point has several branches, of which the energies are compared."""
        return len(self.branches) > 1 or self.spread is not None

    @model_validator(mode="after")
    def _names_agree(self) -> Sweep:
        axes = self.axes
        if not axes:
            refuse("no key is swept", hint="write for example temperature: [0.05, 0.1]")
        for name in axes:
            if not KEY.fullmatch(name) or name.split(".")[0] in ("sweep", "output", "title"):
                refuse(f"{quote(name)} is not a key that can be swept", name, hint="write interaction.onsite")
        for name in self.derived:
            if name in axes or not KEY.fullmatch(name):
                refuse(f"{quote(name)} is swept, or not a key", "derived", name, hint="name another key")
        known = f"use {', '.join(axes)}"
        for index, group in enumerate(self.zip):
            for name in group:
                if name not in axes:
                    refuse(f"{quote(name)} is not swept", "zip", index, hint=known)
        if self.follow is not None and self.follow not in axes:
            refuse(f"{quote(self.follow)} is not swept", "follow", hint=known)
        grouped = [name for group in self.zip for name in group]
        twice = next((name for name in grouped if grouped.count(name) > 1), None)
        if twice is not None:
            refuse(f"{quote(twice)} is in two groups", "zip", hint="put all that advance together in one")
        if self.follow in grouped:
            refuse(f"{quote(self.follow)} is in a group of zip", "follow", hint="follow a key of its own")
        self._adding_agrees(grouped)
        return self

    def _adding_agrees(self, grouped: Sequence[str]) -> None:
        """Refuse branches that are the same, and what adds points where they cannot be."""
        self._branches_differ()
        adding = [name for name in ("refine", "find", "spread", "until") if getattr(self, name) is not None]
        if len(adding) > 1:
            refuse(f"{adding[0]} and {adding[1]} do not go together", adding[1], hint="remove one of them")
        if self.refine is not None:
            self._can_refine(self.refine, grouped)
        if self.find is not None:
            self._can_find(self.find, grouped)
        if self.spread is not None:
            self._can_spread(self.spread)
        if self.until is not None:
            self._can_gain_members(self.until, grouped)

    def _branches_differ(self) -> None:
        words = [start for start in self.starts if isinstance(start, str)]
        if not isinstance(self.starts, dict) and len(set(words)) < len(words):
            refuse("a start is listed twice", "starts", hint="remove one")
        for name in WAYS["both"]:
            if isinstance(self.starts, dict) and name in self.starts:
                refuse(f"{quote(name)} is the name of a way", "starts", name, hint="use another name")

    def _can_refine(self, refine: Refine, grouped: Sequence[str]) -> None:
        between = [key for key, given in self.axes.items() if has_between(given) and key not in grouped]
        for index, name in enumerate(refine.keys):
            if name not in between or name in refine.keys[:index]:
                text = f"{quote(name)} takes no numbers that ascend or descend by themselves"
                text = f"{quote(name)} is named twice" if name in refine.keys[:index] else text
                refuse(text, "refine", "keys", index, hint=f"use {choices(between)}" if between else "")

    def _can_spread(self, spread: Spread) -> None:
        for index, name in enumerate(spread.keys):
            if name not in self.axes or name in spread.keys[:index]:
                text = f"{quote(name)} is {'named twice' if name in self.axes else 'not swept'}"
                refuse(text, "spread", "keys", index, hint=f"use {', '.join(self.axes)}")
        for name in set(self.trials) & set(self.branches):
            refuse(f"{quote(name)} is the name of a run from a neighbour", "starts", hint="use another name")

    def _can_find(self, find: Find, grouped: Sequence[str]) -> None:
        if find.key in (self.__pydantic_extra__ or {}):
            refuse(f"{quote(find.key)} is swept", "find", "key", hint="remove its values")
        if find.over is not None and (
            find.over not in (self.__pydantic_extra__ or {}) or find.over in grouped
        ):
            refuse(f"{quote(find.over)} is not swept by itself", "find", "over", hint="name a key of seeds")
        if find.at == "crossing" and len(self.branches) != 2:
            hint = "add starts: [uniform, normal], or follow with direction: both"
            refuse("a crossing needs two branches", "find", "at", hint=hint)

    def _can_gain_members(self, until: Until, grouped: Sequence[str]) -> None:
        given = self.axes.get(self.ensemble)
        if not isinstance(given, Range) or given.count is None or self.ensemble in grouped:
            hint = "write hamiltonian.disorder.seed: {count: 8} and over: hamiltonian.disorder.seed"
            refuse("names no seeds that can be added to", "until", hint=hint)
        elif until.at_most < given.count:
            refuse(f"is fewer than the {given.count} to begin with", "until", "at_most", hint="raise it")
