"""Models ⇄ /model: every field of the frozen dataclasses that a model is made of, by its name.

A dataclass is a group with the attribute ``class``, arrays are its datasets and plain values its attributes;
``None`` is left out. The sample is that of /sample. Fields marked as derived are not kept: a class with such
fields makes itself anew with ``restored(sample, **kept)``. So a new term of the Hamiltonian needs nothing
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any, get_args, get_type_hints

import h5py
import numpy as np

from bdg.lattice import Sample
from bdg.model import Model
from bdg.store.groups.arrays import read_array, read_attribute, write_array, write_bare_scale
from bdg.store.groups.objects import SMALL, new_group, write_attributes

CLASS = "class"
"""Attribute that names what a group is: no field can have the name of a keyword."""


def write_model(group: Any, model: Model) -> None:
    """Fill a group with all that a model holds except the sample."""
    _Writer(group).record(group, model)


def read_model(group: Any, sample: Sample) -> Callable[[], Model]:
    """Read the model of a sample; what is derived is made when the function that is returned is called."""
    kept = _read(group)

    def model() -> Model:
        made = _restored(kept, sample)
        assert isinstance(made, Model)
        return made

    return model


class _Writer:
    """Writes values into groups; axes of one length share a scale, so that netCDF readers find them."""

    def __init__(self, root: Any) -> None:
        self.root, self.scales = root, dict[str, Any]()

    def record(self, group: Any, value: Any) -> None:
        """The fields of a dataclass."""
        write_attributes(group, {CLASS: type(value).__name__})
        for field in _kept(type(value)):
            self.put(group, field.name, getattr(value, field.name))

    def put(self, group: Any, name: str, value: Any) -> None:
        """One value of any type that a model may hold."""
        if value is None or isinstance(value, Sample):
            return
        if is_dataclass(value):
            self.record(new_group(group, name), value)
        elif isinstance(value, tuple):
            members = new_group(group, name)
            write_attributes(members, {CLASS: "tuple", "length": len(value)})
            for number, member in enumerate(value):
                self.put(members, str(number), member)
        elif isinstance(value, np.ndarray):
            scales = [self.scale(axis, length) for axis, length in enumerate(value.shape)]
            write_array(group, name, value, scales, compact=value.nbytes > SMALL)
        elif isinstance(value, str | bool | int | float | complex | np.generic):
            write_attributes(group, {name: value})
        else:
            raise TypeError(f"{group.name}: {name} is a {type(value).__name__}, which a model cannot keep")

    def scale(self, axis: int, length: int) -> Any:
        """The scale of an axis that has a length only."""
        name = f"axis_{axis}_of_{length}"
        if name not in self.scales:
            self.scales[name] = write_bare_scale(self.root, name, length)
        return self.scales[name]


def _kept(kind: type[Any]) -> Iterator[Field[Any]]:
    """The fields of a dataclass that a file keeps."""
    return (field for field in fields(kind) if not field.metadata.get("derived"))


def _read(group: Any) -> dict[str, Any]:
    """All that is in a group, its groups included, by name."""
    found = {name: read_attribute(value) for name, value in group.attrs.items()}
    for name, member in group.items():
        if isinstance(member, h5py.Group):
            found[name] = _read(member)
        elif not member.is_scale:
            found[name] = read_array(member)
    return found


def _restored(kept: Any, sample: Sample) -> Any:
    """The value that was written, from what was read."""
    if not isinstance(kept, Mapping):
        return kept
    if kept[CLASS] == "tuple":
        return tuple(_restored(kept.get(str(number)), sample) for number in range(int(kept["length"])))
    kind = _classes(Model)[str(kept[CLASS])]
    values = {name: _restored(value, sample) for name, value in kept.items() if name != CLASS}
    if hasattr(kind, "restored"):
        return kind.restored(sample, **values)
    known = get_type_hints(kind)
    for field in _kept(kind):
        if known[field.name] is Sample:
            values[field.name] = sample
        elif field.default is MISSING and field.default_factory is MISSING:
            values.setdefault(field.name, None)
    return kind(**values)


def _classes(*roots: Any) -> dict[str, type[Any]]:
    """The dataclasses that a model may be made of, by name: no file names another one."""
    found: dict[str, type[Any]] = {}
    waiting = list(roots)
    while waiting:
        kind = waiting.pop()
        waiting += get_args(kind)
        if not isinstance(kind, type) or found.get(kind.__name__) is kind:
            continue
        if kind.__module__.startswith("bdg.") and not issubclass(kind, Sample):
            found[kind.__name__] = kind
            waiting += kind.__subclasses__()
            if is_dataclass(kind):
                hints = get_type_hints(kind)
                waiting += [hints[field.name] for field in _kept(kind)]
    return found
