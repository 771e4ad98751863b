"""Sphinx: ``sphinx-build -W -b html docs build/docs``. Every build generates the option reference from the code."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "csedb-tests"
author = "the csedb-tests authors"
release = version = installed_version("csedb-tests")
extensions = ["myst_parser", "sphinx_click"]
exclude_patterns = ["build"]
html_theme = "furo"
html_title = "csedb-tests"
html_show_sourcelink = False
html_static_path: list[str] = []
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
source_suffix = {".md": "markdown"}


def setup(app: Sphinx) -> None:
    """Write what is generated before anything is read."""
    from reference import write_options

    app.connect("builder-inited", lambda _: write_options(HERE / "generated" / "options.md"))
