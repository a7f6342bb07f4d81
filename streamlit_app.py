"""The frame: access and navigation, nothing else. `streamlit run streamlit_app.py` serves `app`; a visit runs `frame.draw()`."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from workbench.ui.app import media_routes, navigation, password, rater_access, server, shell
from workbench.ui.rating import app as rating

if get_script_run_ctx(suppress_warning=True) is None:
    server.configure()
    app = st.App(
        __file__,
        routes=[*media_routes.routes(), *rating.routes(), *rater_access.routes(), *password.routes(), *shell.routes()],
        middleware=server.middleware(),
        on_script_error=server.sentence_for,
    )
else:
    navigation.draw()
