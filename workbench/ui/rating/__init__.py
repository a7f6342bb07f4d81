"""The raters' own door: an app apart from Streamlit that serves their page and takes their ratings."""
