"""The section ``observables``: the table of quantities a run can leave in its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, create_model, model_validator

from bdg.parameters.base import Section

if TYPE_CHECKING:
    from bdg.observables.contract import Contract


class Observables(Section):
    """What to compute once the fields are self-consistent: a quantity's name and its parameters."""

    def requested(self) -> dict[str, Section]:
        """Parameters of each quantity asked for, by name."""
        given = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: parameters for name, parameters in given if parameters is not None}

    @model_validator(mode="before")
    @classmethod
    def _bare_names(cls, data: Any) -> Any:
        """``currents:`` with nothing behind it asks for the currents too."""
        if not isinstance(data, dict):
            return data
        return {name: {} if parameters is None else parameters for name, parameters in data.items()}


def section_of(contracts: Mapping[str, Contract]) -> type[Observables]:
    """The section with a key for each of these observables."""
    keys: dict[str, Any] = {
        name: (contract.section | None, Field(None, description=contract.title))
        for name, contract in contracts.items()
    }
    made: type[Observables] = create_model(
        "Observables", __base__=Observables, __doc__=Observables.__doc__, **keys
    )
    return made
