"""Frequency systems and the building of waves: `tones`, `scale`, `system`."""
