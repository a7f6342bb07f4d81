"""Composing training scenes: recolored cut-outs on photos, with exact masks and captions at three levels."""
