"""The instrument as OSCQuery tells it: a tree of addresses with type, range, unit, value and a sentence about each.

Made from the registry and the list of actions; nothing is listed twice. In: what stands at an address. Out: plain data
for JSON. Knows nothing of HTTP. Attributes are those of the OSCQuery proposal (Vidvox, third revision). [any]
"""
from collections.abc import Callable, Iterator

from live.control.actions import ACTIONS
from live.control.osc_values import MIRROR, WHOLE, Values, is_menu
from live.params import PARAMS, Param

NO_VALUE, READ, WRITE, BOTH = range(4)      # ACCESS
UNITS = {'Hz': 'time.hz', 's': 'time.second', 'cents': 'time.cents', 'bpm': 'time.bpm', 'dB': 'gain.db',
         'deg': 'angle.degree'}
ATTRIBUTES = ('FULL_PATH', 'CONTENTS', 'TYPE', 'VALUE', 'RANGE', 'DESCRIPTION', 'ACCESS', 'UNIT', 'CLIPMODE',
              'CRITICAL')
WORDS = {'/patch': 'The patch in force.', '/scene/names': 'Names of the stored scenes.',
         '/message': 'The newest sentence for the performer.',
         '/learn': 'What the next MIDI controller moved will steer.',
         '/shaders/before': 'Shaders through which the picture goes before it is dreamt of, in order.',
         '/shaders/after': 'Shaders through which the picture goes before it is seen, in order.',
         '/prompt/negative_text': 'What prompt.negative turns away from.'}
READ_ONLY = ('/scene/names', '/message')

Node = dict


class Tree:
    """All nodes by address. patches: lists the patches that can be loaded."""

    def __init__(self, values: Values, patches: Callable[[], list[str]]) -> None:
        self.values, self.patches = values, patches
        self.nodes: dict[str, Node] = {'/': make_group('/')}
        for node in self._leaves():
            self._hang(node)

    def tell(self, address: str) -> Node:
        """Return a node with all that is in it and the values that stand there; raise KeyError."""
        node = dict(self.nodes[address])
        if 'CONTENTS' in node:
            node['CONTENTS'] = {name: self.tell(below['FULL_PATH']) for name, below in node['CONTENTS'].items()}
        elif node['ACCESS'] & READ:
            node['VALUE'] = list(self.values.answer(address, by_name=True))
        if address == '/patch':
            node['RANGE'] = [{'VALS': self.patches()}]
        return node

    def _hang(self, node: Node) -> None:
        """Put a node into the tree, and the groups above it."""
        address = node['FULL_PATH']
        while address not in self.nodes:
            self.nodes[address] = node
            above, _, name = address.rpartition('/')
            group = self.nodes.get(above or '/') or make_group(above)
            group['CONTENTS'][name] = node
            address, node = above or '/', group

    def _leaves(self) -> Iterator[Node]:
        for param in PARAMS:
            yield make_parameter(param)
            yield make_node(MIRROR + param.address, f'{param.doc} As a knob position.', 'f', BOTH,
                            RANGE=[{'MIN': 0.0, 'MAX': 1.0}], CLIPMODE=['both'])
        for address in self.values.words:
            yield make_node(address, WORDS.get(address, f'Prompt {address[-1:]}.'),
                            's' * len(self.values.answer(address)), READ if address in READ_ONLY else BOTH)
        for action in ACTIONS:
            yield make_node(action.address, action.doc, 'i' if action.takes else 'I', WRITE, VALUE=[None],
                            CRITICAL=True)
        yield make_node('/gate', 'Opens the gate, or closes it with 0.', 'f', WRITE, VALUE=[None],
                        RANGE=[{'MIN': 0.0, 'MAX': 1.0}], CLIPMODE=['both'])
        yield make_node('/note', 'Plays a key with a velocity; 0 releases it.', 'ff', WRITE, VALUE=[None, None],
                        RANGE=[{'MIN': 0.0, 'MAX': 127.0}, {'MIN': 0.0, 'MAX': 1.0}])


def make_parameter(param: Param) -> Node:
    whole = param.curve in WHOLE
    if is_menu(param):
        return make_node(param.address, param.doc, 's', BOTH, RANGE=[{'VALS': list(param.choices)}])
    low, high = (int(param.low), int(param.high)) if whole else (float(param.low), float(param.high))
    unit = {'UNIT': [UNITS[param.unit]]} if param.unit in UNITS else {}
    return make_node(param.address, param.doc, 'i' if whole else 'f', BOTH, RANGE=[{'MIN': low, 'MAX': high}],
                     CLIPMODE=['both'], **unit)


def make_node(address: str, doc: str, types: str, access: int, **more: object) -> Node:
    return {'FULL_PATH': address, 'DESCRIPTION': doc, 'TYPE': types, 'ACCESS': access, **more}


def make_group(address: str) -> Node:
    return {'FULL_PATH': address, 'ACCESS': NO_VALUE, 'CONTENTS': {}}
