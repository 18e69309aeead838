"""Kinds of sounds: learnt from folders of them, told apart off stage and on it."""
