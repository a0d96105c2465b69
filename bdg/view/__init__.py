"""A page to look at a result or a study: one HTML file, which needs neither a server nor a network."""

from bdg.view.notebook import frame_of
from bdg.view.writing import page_of, write_page

__all__ = ["frame_of", "page_of", "write_page"]
