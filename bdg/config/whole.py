"""The configuration that is checked: a key for each observable, and the checks between the keys."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, Field, create_model, model_validator

from bdg.config.checks import cross_checks
from bdg.config.schema.config import Config
from bdg.config.schema.observables import section_of
from bdg.observables import DEFAULT_OBSERVABLES, OF_BONDS, contracts
from bdg.parameters.problems import refusal

if TYPE_CHECKING:
    from bdg.observables.contract import Contract


class _Checked(Config):
    """A simulation whose sections agree with each other."""

    model_config = ConfigDict(defer_build=True)

    @model_validator(mode="after")
    def _sections_agree(self) -> _Checked:
        problems = tuple(cross_checks(self))
        if problems:
            raise refusal(*problems)
        return self

    @model_validator(mode="after")
    def _pairs_are_measured(self) -> _Checked:
        """Without the key ``observables`` pairs on bonds are among what is measured."""
        if "observables" in self.model_fields_set or not self.interaction.pairs_on_bonds:
            return self
        usual = type(self.observables)(**{name: {} for name in (*DEFAULT_OBSERVABLES, OF_BONDS)})
        return self.model_copy(update={"observables": usual})


def config_type() -> type[Config]:
    """The configuration with a key for each observable, those that a user registered included."""
    return _config_type(tuple(contracts().values()))


@lru_cache(maxsize=4)
def _config_type(known: tuple[Contract, ...]) -> type[Config]:
    section = section_of({one.name: one for one in known if not one.has_own_section})
    usual = section(**{name: {} for name in DEFAULT_OBSERVABLES})
    names = " and ".join(DEFAULT_OBSERVABLES)
    text = f"What to compute; without this key {names} (of pairs on bonds {OF_BONDS} too), with {{}} nothing."
    key = (section, Field(usual, description=text))
    own: dict[str, Any] = {
        one.name: (one.section | None, Field(None, description=one.title))
        for one in known
        if one.has_own_section
    }
    made: type[Config] = create_model(
        "Config", __base__=_Checked, __doc__="A simulation.", observables=key, **own
    )
    return made


def json_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a configuration file, for editors."""
    schema = config_type().model_json_schema()
    _drop_null(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "bdg configuration",
    }


def _drop_null(schema: Any) -> None:
    """Keys that may be absent are ``None`` in Python, but can't be null in a file."""
    if isinstance(schema, list):
        for entry in schema:
            _drop_null(entry)
    if not isinstance(schema, dict):
        return
    branches = [branch for branch in schema.get("anyOf", ()) if branch != {"type": "null"}]
    if len(branches) < len(schema.get("anyOf", ())):
        schema.pop("default", None)
        schema.pop("anyOf")
        schema.update({"anyOf": branches} if len(branches) > 1 else {**branches[0], **schema})
    for entry in schema.values():
        _drop_null(entry)
