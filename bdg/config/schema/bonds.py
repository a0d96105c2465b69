"""Interactions on bonds: of a shell of neighbours, of a single bond of the cell, or from a table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, Tag, model_validator

from bdg.config.schema.cell import Offset, Orbital, bond_name
from bdg.config.schema.values import SiteEnergy
from bdg.model.couplings.words import BondInteraction
from bdg.model.terms.shells import WITHIN, shell_number
from bdg.parameters.base import NUMBER, WORD, Line, Number, Section, one_of
from bdg.parameters.defaults import default_of
from bdg.parameters.problems import refuse

Shell = Annotated[
    Annotated[Annotated[int, Field(strict=True, ge=1, le=20)], Tag(NUMBER)]
    | Annotated[Literal["within"], Tag(WORD)],
    one_of("a shell of neighbours, from 1, or within (a place)", NUMBER, WORD, words=(WITHIN,)),
]


class BondAttraction(Section):
    """An interaction between sites that a bond joins; what several entries give a bond adds up."""

    # ``from`` is a word of Python's, so the key and the name differ.
    model_config = ConfigDict(populate_by_name=True)

    shell: Shell | None = Field(
        None,
        description=(
            "Which shell of neighbours, from 1, or within: between orbitals that share a place. By default 1."
        ),
    )
    start: Orbital | None = Field(
        None,
        alias="from",
        description="In place of a shell, one bond of each cell: the orbital it starts from.",
    )
    end: Orbital | None = Field(None, alias="to", description="The orbital that bond leads to.")
    offset: Offset | None = Field(None, description="Cells from the one to the other along each direction.")
    file: Line | None = Field(
        None,
        description=(
            "In place of all others, a file of V: a line for each bond with R (the cell of j less that of i,"
            " a number for each direction, or three), i, j (orbitals, from 1 as in seedname_hr.dat) and V."
        ),
    )
    factor: Number = Field(
        default_of(BondInteraction, "factor"),
        description="What V of the file is multiplied by: −1 where it repels.",
    )
    value: SiteEnergy | None = Field(
        None,
        description=(
            "V in −V n_i n_j (V > 0 attracts): a number, an expression in x, y, z, or a list of {region,"
            " value}; a bond has the mean of its ends."
        ),
    )
    exchange: SiteEnergy | None = Field(
        None,
        description=(
            "J in J S_i·S_j (J > 0: antiparallel spins, pairs in singlets), given as value is. The exchange"
            " of the t–J model, J (S_i·S_j − n_i n_j/4), is {value: J/4, exchange: J}."
        ),
    )

    @property
    def strengths(self) -> tuple[Any, ...]:
        """What is given of V and J."""
        given = (self.value, self.exchange, None if self.file is None else self.factor)
        return tuple(value for value in given if value is not None)

    @property
    def bond(self) -> tuple[int, int, tuple[int, ...]] | None:
        """The bond (from, to, offset), if it is a single one."""
        if self.start is None or self.end is None or self.offset is None:
            return None
        return self.start, self.end, self.offset

    @property
    def place(self) -> tuple[int, ...] | str | None:
        """What it acts on, the same for both orientations of a bond."""
        if self.bond is not None:
            return bond_name(*self.bond)
        return self.file if self.shell is None else (shell_number(self.shell),)

    @model_validator(mode="before")
    @classmethod
    def _nearest_neighbours(cls, data: Any) -> Any:
        """Without a bond or a file, the first shell."""
        named = ("shell", "from", "to", "offset", "file", "start", "end")
        if not isinstance(data, dict) or any(data.get(name) is not None for name in named):
            return data
        return {**data, "shell": 1}

    @model_validator(mode="after")
    def _something(self) -> BondAttraction:
        names = {"from": self.start, "to": self.end, "offset": self.offset}
        given = [name for name, part in names.items() if part is not None]
        if given and len(given) < 3:
            lacking = next(name for name in names if name not in given)
            refuse(f"a single bond needs {lacking} beside {given[0]}", hint="write {from, to, offset, value}")
        if self.shell is not None and (given or self.file is not None):
            refuse(
                f"names a shell and {given[0] if given else 'a file'}", "shell", hint="keep one of the two"
            )
        if self.file is not None and (given or self.value is not None or self.exchange is not None):
            refuse(
                "a file has the bonds and their V", "file", hint="write other bonds as entries of their own"
            )
        if not self.strengths:
            refuse("has neither a value nor an exchange", hint="add 'value: 1' or 'exchange: 0.4'")
        return self
