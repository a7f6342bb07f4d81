"""The words of the raters' page, a file a language; `workbench.studies.rater_words` reads and checks them."""
