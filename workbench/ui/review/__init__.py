"""The Review page: one colorization before a curator, and rules over many."""
