"""Label Studio, both ways: what its people see (forms, tasks), what they answered (answers), and where it lands in the store (landing).

Only `server` knows the SDK; everything else works on plain values, so that tasks can be written to files without it.
"""
