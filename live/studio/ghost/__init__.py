"""A memory of recordings: a network that has learnt how their spectra go on, and goes on by itself."""
