"""Models: terms and interactions on a sample; physics, no numerics."""

from bdg.model.disorder import Disorder
from bdg.model.fields import Fields, Layout
from bdg.model.interaction import OnsiteAttraction
from bdg.model.model import Impurity, Model, build_model

__all__ = ["Disorder", "Fields", "Impurity", "Layout", "Model", "OnsiteAttraction", "build_model"]
