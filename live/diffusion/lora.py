"""LoRA files: small corrections of a model's weights, added to them once, at load.

In: a .safetensors file as diffusers, peft, kohya's scripts or the hub write it, a weight, the components of a model.
Out: the same components, W + weight * alpha / rank * up @ down. What is fused costs nothing per frame and needs no
library more. Places are found by their names with '_' for '.', so that dialects matter little. Runs on the dream's
thread.

    DreamError
      ModelError
        LoraError           a file that cannot be fused: which, what is wrong with it, what to do
"""
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from live.diffusion.hub import PICKLES, ModelError, first_line

PART = re.compile(r'[._](?:lora(?:_linear_layer)?[._])(down|up|A|B)(?:\.default)?\.weight$|\.(alpha)$')
PARTS = {'A': 'down', 'B': 'up'}        # peft's names: others'
PREFIXES = {                            # of a place in the file: the component it lies in
    'lora_unet_': 'unet', 'unet.': 'unet', 'lora_te2_': 'text_encoder_2', 'text_encoder_2.': 'text_encoder_2',
    'lora_te1_': 'text_encoder', 'lora_te_': 'text_encoder', 'text_encoder.': 'text_encoder'}
STABILITY_BLOCK = re.compile(r'(input|middle|output)_blocks?_(\d+)_(?:(\d+)_)?(.*)')
STABILITY_NAMES = {'in_layers_2': 'conv1', 'out_layers_3': 'conv2', 'emb_layers_1': 'time_emb_proj',
                   'skip_connection': 'conv_shortcut', 'op': 'conv'}
OTHER_KINDS = {'hada_': 'LoHa', 'lokr_': 'LoKr', 'dora_scale': 'DoRA', 'lora_magnitude': 'DoRA', 'lora_mid': 'Tucker'}
Place = tuple[str, str]                 # component, flat name


class LoraError(ModelError):
    """A LoRA file that cannot be fused: one sentence."""


@dataclass(frozen=True)
class Lora:
    """One file and how strongly it counts; 1 = as it was trained."""
    path: Path
    weight: float = 1.0


def parse_lora(text: str) -> Lora:
    """[any] Return the Lora of 'PATH' or 'PATH:WEIGHT'; raise LoraError for what is not there or may not be read."""
    name, _, number = text.rpartition(':')
    try:
        lora = Lora(Path(name).expanduser(), float(number)) if name else Lora(Path(text).expanduser())
    except ValueError:
        lora = Lora(Path(text).expanduser())        # the colon belongs to the path
    path = lora.path
    if path.suffix in PICKLES:
        raise LoraError(f'{path.name} is pickled, and nothing pickled is ever loaded; take its .safetensors')
    if path.suffix != '.safetensors' or not path.is_file():
        raise LoraError(f'there is no LoRA file {path}; give the path of a .safetensors file, as PATH or PATH:WEIGHT')
    return lora


def fuse(parts: dict[str, Any], lora: Lora) -> str:
    """[dream] Add a LoRA to the weights of its components; return what there is to say.

    parts: of a model, by their folder names. Nothing is changed when LoraError is raised.
    """
    import torch
    pieces, places = read_pieces(lora.path, parts['unet'].config.layers_per_block), list_places(parts)
    known = [place for place in pieces if place in places]
    if not known:
        raise LoraError(f'{lora.path.name} fits no part of this model; it was made for another kind')
    with torch.no_grad():
        changes = [(places[place], _change(lora, place, pieces[place], places[place])) for place in known]
        for weight, change in changes:
            weight += (lora.weight * change).to(weight.dtype)
    lost = len(pieces) - len(known)
    return (f"{lora.path.name} at {lora.weight:g} changes {len(known)} of the model's weights"
            + (f', and has {lost} for none of them' if lost else ''))


def read_pieces(path: Path, layers: int) -> dict[Place, dict[str, Any]]:
    """Return place -> its tensors 'down', 'up' and perhaps 'alpha'; layers: of each block of the UNet."""
    pieces: dict[Place, dict[str, Any]] = defaultdict(dict)
    for key, tensor in _read(path).items():
        found = PART.search(key)
        if not found:
            raise LoraError(f'{path.name} holds {key!r}, which is no LoRA of the plain kind')
        part = found[1] or found[2]
        pieces[find_place(key[:found.start()], layers)][PARTS.get(part, part)] = tensor
    return {place: piece for place, piece in pieces.items() if 'down' in piece and 'up' in piece}


def list_places(parts: dict[str, Any]) -> dict[Place, Any]:
    """Return place -> weight, of everything that a LoRA can change."""
    return {(component, flatten(name)): module.weight
            for component in dict.fromkeys(PREFIXES.values()) if component in parts
            for name, module in parts[component].named_modules()
            if getattr(module, 'weight', None) is not None and module.weight.dim() > 1}


def find_place(name: str, layers: int) -> Place:
    """Return where a name of any dialect points to."""
    name = name.removeprefix('base_model.model.')
    prefix = next((prefix for prefix in PREFIXES if name.startswith(prefix)), '')
    return PREFIXES.get(prefix, 'unet'), from_stability(flatten(name.removeprefix(prefix)), layers)


def flatten(name: str) -> str:
    """Return a module's name with '_' for '.', and without what differs between versions and dialects."""
    flat = name.replace('.', '_').removeprefix('text_model_').replace('_processor_', '_')
    return re.sub(r'to_out$', 'to_out_0', flat)


def from_stability(flat: str, layers: int) -> str:
    """Return diffusers' name of what Stability's own code calls input_blocks_4_1_..., as LoRAs of SDXL do."""
    found = STABILITY_BLOCK.match(flat)
    if not found:
        return flat
    part, index, kind, rest = found[1], int(found[2]), int(found[3] or 0), found[4]
    if part == 'middle':
        place = ('resnets_0', 'attentions_0', 'resnets_1')[min(index, 2)]
        return f'mid_block_{place}_{STABILITY_NAMES.get(rest, rest)}' if not found[3] else flat
    block, layer = divmod(index - (part == 'input'), layers + 1)
    if part == 'input' and layer == layers:
        return f'down_blocks_{block}_downsamplers_0_{STABILITY_NAMES.get(rest, rest)}'
    if rest == 'conv':
        return f'up_blocks_{block}_upsamplers_0_conv'
    side, place = 'down' if part == 'input' else 'up', 'attentions' if kind else 'resnets'
    return f'{side}_blocks_{block}_{place}_{layer}_{STABILITY_NAMES.get(rest, rest)}'


def _read(path: Path) -> dict[str, Any]:
    from safetensors.torch import load_file
    try:
        tensors = load_file(path)
    except Exception as error:      # the library's own error is no public one
        raise LoraError(f'{path.name} cannot be read ({first_line(error)}); copy or fetch it again') from error
    for mark, kind in OTHER_KINDS.items():
        if any(mark in key for key in tensors):
            raise LoraError(f'{path.name} is a {kind}, and only plain LoRA can be fused')
    return tensors


def _change(lora: Lora, place: Place, piece: dict[str, Any], weight: Any) -> Any:
    """Return alpha / rank * up @ down in the shape of the weight."""
    down, up = (piece[part].to(device=weight.device).float().flatten(1) for part in ('down', 'up'))
    rank = len(down)
    if up.shape[1] != rank or (len(up), down.shape[1]) != (len(weight), weight[0].numel()):
        raise LoraError(f'{lora.path.name} was made for another kind of model: {place[0]} {place[1]} is '
                        f'{len(up)} x {down.shape[1]} there and {len(weight)} x {weight[0].numel()} here')
    alpha = float(piece['alpha']) if 'alpha' in piece else rank
    return (alpha / rank * (up @ down)).reshape(weight.shape)
