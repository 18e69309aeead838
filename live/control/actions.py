"""What a performer can do beside moving a parameter, one row each: names for buttons, keys, pads and addresses.

An action's name is its identity: 'go' is the OSC address /go, `{ action = 'go' }` in a map of a controller, and a
button of the performer's page. Who can do it offers it to the Desk. Knows nothing of how it is done.
"""
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. takes: what its number means, '' where it takes none."""
    name: str
    doc: str
    takes: str = ''

    @property
    def address(self) -> str:
        return '/' + self.name


ACTIONS = (
    Action('go', 'Begins the next cue of the set.'),
    Action('back', 'Begins the cue before.'),
    Action('hold', 'Stops morphs and the time to the next cue; again: they go on.'),
    Action('cue', 'Begins a cue of the set.', 'number of a cue'),
    Action('recall', 'Goes to a stored scene.', 'number of a scene'),
    Action('store', 'Stores what is now as a scene.', 'number of a scene'),
    Action('patch_next', 'Loads the next patch of the list.'),
    Action('patch_back', 'Loads the patch before in the list.'),
    Action('tap', 'Taps the tempo.'),
    Action('undo', 'Takes the last gesture back.'),
    Action('redo', 'Does again what was taken back.'),
    Action('revert', 'Drops what was changed in this patch or scene.'),
    Action('safe', 'Goes to the safe patch; again: back to where one was.'),
    Action('panic', 'Silences everything at once; again: it sounds.'),
    Action('record', 'Begins a recording; again: ends it.'),
    Action('record_start', 'Begins a recording where none runs.'),
    Action('record_stop', 'Ends the recording where one runs.'),
    Action('keep', 'Writes the last minutes of sound and picture to a file.'),
)
ACTION_BY_NAME = {action.name: action for action in ACTIONS}
