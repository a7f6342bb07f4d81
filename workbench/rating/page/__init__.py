"""The raters' own plain page: a document, a style sheet and modules, served by `ui.rating` as they are, and drawn still by reports."""
