"""Models: terms and interactions on a sample; physics, no numerics."""

from bdg.model.disorder import Disorder
from bdg.model.fields import Fields, Layout
from bdg.model.interaction import OnsiteAttraction
from bdg.model.model import Model, build_model
from bdg.model.terms import Impurity, Term

__all__ = ["Disorder", "Fields", "Impurity", "Layout", "Model", "OnsiteAttraction", "Term", "build_model"]
