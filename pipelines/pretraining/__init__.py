"""How the embedded checkpoint is made: its packs of examples and its stages."""
