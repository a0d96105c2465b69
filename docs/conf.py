"""The site of the documentation; ``scripts/docs`` builds it."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import bdg  # noqa: E402
from docs.generators import site  # noqa: E402

project = "bdg"
author = "The bdg developers"
project_copyright = f"2026, {author}"
release = version = bdg.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "generators", "plugins/*"]
root_doc = "index"

myst_enable_extensions = ["dollarmath", "attrs_block"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_class_signature = "mixed"
python_maximum_signature_line_length = 90
napoleon_google_docstring = False
napoleon_use_rtype = False
add_module_names = False

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = f"bdg {release}"
html_copy_source = False
html_show_sourcelink = False
html_math_renderer = "mathml"
pygments_style = "friendly"
pygments_dark_style = "github-dark"


def setup(app):
    """Connect what is generated to the build."""
    site.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
