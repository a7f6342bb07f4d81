"""The Checks page: a card for each finding, with what can be done about it."""
