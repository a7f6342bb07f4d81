"""A study's report: the protocol as the field asks for it, its results as a page that needs no network, and every single vote."""
