"""The frame: access and navigation, nothing else. `streamlit run streamlit_app.py` serves `app`; a visit runs `frame.draw()`."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from workbench.ui import access, entry, files, frame, rating, serving

if get_script_run_ctx(suppress_warning=True) is None:
    serving.configure()
    app = st.App(
        __file__,
        routes=[*files.routes(), *rating.routes(), *access.routes(), *entry.routes()],
        middleware=serving.middleware(),
        on_script_error=serving.sentence_for,
    )
else:
    frame.draw()
