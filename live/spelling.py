"""What a misspelt name may have meant. [any]"""
from difflib import get_close_matches


def hint(name: str, known) -> str:
    """Return '; did you mean x?' for the nearest known spelling, else ''."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f'; did you mean {near[0]}?' if near else ''
