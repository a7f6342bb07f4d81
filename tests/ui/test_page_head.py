"""The head of the pages' HTML: where the server is, and the files that the browser is to load ahead."""

import re
from pathlib import Path

from streamlit.file_util import get_static_dir

from workbench.ui.app import page_head
from workbench.ui.app.page_head import ELEMENTS


def test_the_files_of_all_elements_and_what_they_import_are_loaded_ahead_and_are_there():
    names = re.findall(r'href="\./static/js/([^"]+)"', page_head.parts().decode())
    assert len(set(names)) == len(names)
    assert set(ELEMENTS) <= {name.split(".")[0] for name in names}, "Streamlit names its files otherwise: look what its pages load"
    folder, page = Path(get_static_dir(), "static", "js"), Path(get_static_dir(), "index.html").read_text("utf-8")
    for name in names:
        imported = page_head.IMPORTED.findall((folder / name).read_text("utf-8"))
        assert all(one in names or one in page for one in imported)
