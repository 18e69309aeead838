"""The network: spectra of a sound in, where each knob may stand out. Saved as safetensors and JSON.

First it names the choices, as classes; then, told the choices, it says for each knob how likely it stands at each of
POSITIONS places between 0 and 1. So it can be unsure between two octaves without pointing in the middle, and tells how
wide a search must look.
"""
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from live.studio.files import StudioError, check_file
from live.studio.match.spectra import BINS, CHANNELS
from live.studio.match.synth import Synth, open_synth

POSITIONS = 64
WIDTHS = 48, 64, 96, 64         # channels, layer by layer
HIDDEN = 256
BLUR = 0.6              # positions that a truth is blurred by (standard deviation)
WEIGHTS, TOLD = 'match.safetensors', 'match.json'


class MatchNet(nn.Module):
    """choices: how many names each choice has; knobs: how many knobs there are besides."""

    def __init__(self, choices: Sequence[int], knobs: int) -> None:
        super().__init__()
        self.choices, self.knobs = tuple(choices), knobs
        layers: list[nn.Module] = []
        before = CHANNELS
        for after in WIDTHS:
            layers += [nn.Conv1d(before, after, 7, 2, 3), nn.GroupNorm(8, after), nn.GELU()]
            before = after
        left = before * -(-BINS // 2 ** len(WIDTHS))
        self.listen = nn.Sequential(*layers, nn.Flatten(), nn.Linear(left, HIDDEN), nn.GELU(), nn.Dropout(0.1))
        self.name = nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.GELU(), nn.Linear(HIDDEN, sum(choices))) \
            if choices else nn.Identity()
        self.point = nn.Sequential(nn.Linear(HIDDEN + sum(choices), HIDDEN), nn.GELU(),
                                   nn.Linear(HIDDEN, knobs * POSITIONS))

    def forward(self, spectra: Tensor) -> Tensor:
        """Return what is heard, (n, HIDDEN)."""
        return self.listen(spectra)

    def name_choices(self, heard: Tensor) -> tuple[Tensor, ...]:
        """Return logits (n, names) of each choice."""
        return self.name(heard).split(self.choices, 1) if self.choices else ()

    def point_knobs(self, heard: Tensor, chosen: Tensor) -> Tensor:
        """Return logits (n, knobs, POSITIONS); chosen: (n, choices) int64."""
        told = [functional.one_hot(chosen[:, k], names).float() for k, names in enumerate(self.choices)]
        return self.point(torch.cat((heard, *told), 1)).unflatten(1, (self.knobs, POSITIONS))


def build_network(synth: Synth) -> MatchNet:
    if not synth.continuous:
        raise StudioError(f'{synth.name}: only choices are steered; steer a parameter that has a range as well')
    return MatchNet([len(synth.knobs[k].param.choices) for k in synth.choices], len(synth.continuous))


def measure_loss(network: MatchNet, spectra: Tensor, chosen: Tensor, positions: Tensor, heard: Tensor) -> Tensor:
    """Return the mean cross entropy of choices and knobs, in nats; what is not heard does not count.

    chosen (n, choices) int64; positions (n, knobs) 0..1; heard (n, choices + knobs) 0 or 1, choices first.
    """
    inside = network(spectra)
    losses = [functional.cross_entropy(logits, chosen[:, k], reduction='none')
              for k, logits in enumerate(network.name_choices(inside))]
    places = torch.arange(POSITIONS)
    wanted = torch.softmax(-((places - positions[..., None] * (POSITIONS - 1)) / BLUR).square() / 2, -1)
    likely = functional.log_softmax(network.point_knobs(inside, chosen), -1)
    each = torch.cat((*(loss[:, None] for loss in losses), -(wanted * likely).sum(-1)), 1)
    return (each * heard).sum() / heard.sum().clamp_min(1)


def save_model(folder: Path, network: MatchNet, synth: Synth, figures: dict[str, Any]) -> None:
    """Write a model folder; figures: how it was trained."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}, folder / WEIGHTS)
    told = {'synth': synth.name, 'text': synth.text, 'knobs': describe(synth), **figures}
    (folder / TOLD).write_text(json.dumps(told, indent=1) + '\n', encoding='utf-8')


def load_model(folder: Path) -> tuple[MatchNet, Synth]:
    """Return the network and the synthesizer it was trained on; raise StudioError for what cannot be used."""
    from live.studio.match.csound import CsoundSynth
    text = check_file(folder / TOLD).read_text(encoding='utf-8')
    try:
        told = json.loads(text)
        synth = open_synth('live', told['text'].split()) if told['synth'] == 'live' \
            else CsoundSynth(Path(told['synth']), told['text'])
        if told['knobs'] != describe(synth):
            raise StudioError(f'{folder}: it was trained for other ranges of {synth.name}; train it again')
        network = build_network(synth)
        weights = load_file(check_file(folder / WEIGHTS))
        network.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    except (KeyError, TypeError, RuntimeError, SafetensorError, json.JSONDecodeError) as error:
        raise StudioError(f'{folder}: this is no model of `live studio match train`') from error
    return network.eval(), synth


def describe(synth: Synth) -> list[dict[str, Any]]:
    """Return the knobs as plain data: a model is of use only where they are the same."""
    return [{'name': knob.name, 'low': knob.param.low, 'high': knob.param.high, 'curve': knob.param.curve,
             'choices': list(knob.param.choices)} for knob in synth.knobs]
