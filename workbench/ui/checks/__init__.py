"""The Checks page: a row for each finding, with what can be done about it."""
