"""A chain of pedals for sounds of any length, in constant memory: what waits, waits on disk."""
