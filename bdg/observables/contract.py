"""The contract of an observable: all that is known of one, from its decorated function.

::

    @observable(title="Local density of states.", group="spectra")
    def ldos(state: State, energies: Energies, broadening: PositiveEnergy = 0.05) -> dict[str, Quantity]: ...

The annotated types (:mod:`bdg.observables.parameters`) carry bounds, units and descriptions, the signature
the defaults. From these come the section of a configuration, its JSON schema, the line of the template, and
the check of parameters, the same from a file and from Python; ``needs`` are checked before any work.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
from pydantic import (
    ConfigDict,
    Field,
    PydanticSchemaGenerationError,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import PydanticCustomError

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.model import Model
from bdg.parameters.base import Section
from bdg.parameters.problems import without_echoes
from bdg.parameters.translate import problems_of
from bdg.parameters.wording import Path, key_name

T = TypeVar("T")

GROUPS = (
    "fields",
    "spectra",
    "currents",
    "response",
    "junctions",
    "thermodynamics",
    "topology",
    "dynamics",
    "own",
)
"""What observables are listed by; within a group they are in alphabetical order."""


class ParameterError(InputError):
    """A parameter of an observable cannot be used.

    Parameters
    ----------
    problem
        What is wrong, quoting the bad value.
    path
        The parameter, and the place within it.
    hint
        What would do.
    name
        The observable, for the message.
    """

    def __init__(self, problem: str, path: Path = (), hint: str | None = None, name: str = "") -> None:
        self.problem, self.path, self.hint = problem, path, hint
        where = key_name((name, *path) if name else path)
        super().__init__(": ".join(part for part in (where, problem) if part) + (f"; {hint}" if hint else ""))


@contextmanager
def at(*path: str | int) -> Iterator[None]:
    """Give an error the place within the parameters that it comes from."""
    try:
        yield
    except ParameterError as error:
        raise ParameterError(error.problem, (*path, *error.path), error.hint) from error
    except PydanticCustomError as error:
        first = (error.context or {})["problems"][0]
        raise ParameterError(first.text, (*path, *first.path), first.hint) from error
    except InputError as error:
        raise ParameterError(str(error), path) from error


@dataclass(frozen=True)
class Form:
    """The form in which a parameter is written, where that is not what the function receives.

    Parameters
    ----------
    written
        Its type in a configuration, for pydantic.
    resolve
        What the function receives, from the value and the sample; may raise ``InputError``.
    in_python
        Its type in a call, where more is taken there.
    example
        Its value in the template, where the default would not do.
    """

    written: Any
    resolve: Callable[[Any, Sample], Any] = lambda value, sample: value
    in_python: Any = None
    example: str = ""

    __hash__ = object.__hash__


class NoParameters(Section):
    """Nothing to set: write {}."""


class Checked(dict[str, Any]):
    """Parameters that have been checked against a model and resolved on its sample."""


@dataclass(frozen=True, eq=False)
class Contract:
    """An observable.

    Parameters
    ----------
    name
        Its name in configurations and results.
    function
        ``function(state, **parameters)``, of parameters that have been checked.
    title
        One sentence, for schema and template.
    group
        One of :data:`GROUPS`.
    needs
        What a model must have: functions ``need(model, **parameters)`` that take those parameters they name,
        and raise ``InputError`` with one line that says what would do.
    example
        Its parameters in the template, ``{num: 21}``; by default all with their defaults.
    numbers
        Those of its quantities that are one number worth a line beside figures, and how they are called.
    uses_places
        Whether it depends on where in a cell the orbitals are.
    has_own_section
        Whether its parameters are a section of the configuration, in place of a key of ``observables``.
    """

    name: str
    function: Callable[..., Any]
    title: str = ""
    group: str = "own"
    needs: tuple[Callable[..., object], ...] = ()
    example: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    uses_places: bool = True
    has_own_section: bool = False

    @property
    def path(self) -> Path:
        """Its place in a configuration."""
        return (self.name,) if self.has_own_section else ("observables", self.name)

    @property
    def order(self) -> tuple[int, str]:
        """Sort key of lists of observables."""
        return GROUPS.index(self.group), self.name

    @cached_property
    def forms(self) -> dict[str, Form]:
        """The form of each parameter, by name."""
        return {name: _form(annotation) for name, annotation, _ in self._parameters}

    @property
    def defaults(self) -> dict[str, Any]:
        """The default of each parameter, by name; an ellipsis where it must be given."""
        return {name: default for name, _, default in self._parameters}

    @cached_property
    def section(self) -> type[Section]:
        """The section of a configuration."""
        return self._model(lambda form: form.written, self._title_case) if self.forms else NoParameters

    @cached_property
    def arguments(self) -> type[Section]:
        """The same for arguments of a call, where some parameters may have other forms too."""
        if all(form.in_python is None for form in self.forms.values()):
            return self.section
        return self._model(lambda form: form.in_python or form.written, f"{self._title_case}Arguments")

    @cached_property
    def checked(self) -> Callable[..., Any]:
        """The function, each call of which is checked."""
        signature = inspect.signature(self.function)

        @wraps(self.function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            (_, state), *given = signature.bind(*args, **kwargs).arguments.items()
            return self.call(state, dict(given))

        return checked

    def check(self, model: Model, section: Section) -> Checked:
        """What the function receives, from a section, on a model that has what it needs.

        Raises
        ------
        ParameterError
            If the model has not, or a parameter does not suit its sample.
        """
        written = {name: getattr(section, name) for name in self.forms}
        with at():
            for need in self.needs:
                takes = inspect.signature(need).parameters
                need(model, **{name: value for name, value in written.items() if name in takes})
            return Checked(
                {name: self._resolved(name, value, model.sample) for name, value in written.items()}
            )

    def call(self, state: Any, given: Mapping[str, Any]) -> Any:
        """Call the function with parameters from Python; ``None`` stands for a default.

        Raises
        ------
        ParameterError
            See :meth:`check`, and what the section of a configuration would refuse.
        """
        if isinstance(given, Checked):
            return self.function(state, **given)
        try:
            plain = {name: _plain(value) for name, value in given.items() if value is not None}
            section = self.arguments.model_validate(plain)
            checked = self.check(state.model, section)
        except ValidationError as error:
            first = without_echoes(problems_of(error, self.arguments))[0]
            raise ParameterError(first.text, first.path, first.hint, self.name) from None
        except ParameterError as error:
            raise ParameterError(error.problem, error.path, error.hint, self.name) from None
        return self.function(state, **checked)

    @cached_property
    def _parameters(self) -> list[tuple[str, Any, Any]]:
        """Name, annotation and default of each parameter behind the state."""
        try:
            hints = get_type_hints(self.function, include_extras=True)
        except (NameError, TypeError):  # of names that only a type checker knows
            hints = {}
        known = list(inspect.signature(self.function).parameters.values())[1:]
        return [
            (one.name, hints.get(one.name, Any), ... if one.default is one.empty else one.default)
            for one in known
            if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
        ]

    @property
    def _title_case(self) -> str:
        return "".join(part.capitalize() for part in self.name.split("_"))

    def _model(self, choose: Callable[[Form], Any], name: str) -> type[Section]:
        fields: dict[str, Any] = {
            parameter: (
                choose(self.forms[parameter]),
                Field(default, description=_description(annotation) or parameter.replace("_", " ")),
            )
            for parameter, annotation, default in self._parameters
        }
        made: type[Section] = create_model(name, __base__=Section, __doc__=self.title, **fields)
        return made

    def _resolved(self, name: str, value: Any, sample: Sample) -> Any:
        with at(name):
            return self.forms[name].resolve(value, sample)


def _form(annotation: Any) -> Form:
    marked = _metadata(annotation, Form)
    if marked:
        return marked[-1]
    return Form(annotation if _is_understood(annotation) else Any)


def _description(annotation: Any) -> str | None:
    texts = _metadata(annotation, str)
    return texts[-1] if texts else None


def _metadata(annotation: Any, kind: type[T]) -> list[T]:
    marks = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return [mark for mark in marks if isinstance(mark, kind)]


def _is_understood(annotation: Any) -> bool:
    """Whether pydantic can check a type; a user's own may be annotated with any other."""
    try:
        TypeAdapter(annotation, config=ConfigDict(defer_build=False))
    except (PydanticSchemaGenerationError, TypeError):
        return False
    return True


def _plain(value: Any) -> Any:
    """Numbers and lists of Python, from whatever arrays hold them."""
    if isinstance(value, str | int | float | dict) and not isinstance(value, np.generic):
        return value
    if isinstance(value, list | tuple | range):
        return [_plain(entry) for entry in value]
    return np.asarray(value).tolist() if hasattr(value, "__array__") else value
