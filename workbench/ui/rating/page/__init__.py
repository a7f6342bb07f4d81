"""The raters' own plain page: a document, a style sheet and modules, served by `rating` as they are."""
