"""The frame: access and navigation, nothing else; a visit runs `navigation.draw()`.

`workbench serve` serves `app` behind the front, which answers raters itself; `streamlit run streamlit_app.py` all in one process.
"""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from workbench.ui.app import media_routes, navigation, password, rater_access, server, shell
from workbench.ui.rating import app as rating

if get_script_run_ctx(suppress_warning=True) is None:
    server.configure_log()
    server.configure()
    app = st.App(
        __file__,
        routes=[*media_routes.routes(), *rating.routes(), *rater_access.routes(), *password.routes(), *shell.routes()],
        middleware=server.middleware(),
        on_script_error=server.sentence_for,
    )
    server.warm_up()
else:
    navigation.draw()
