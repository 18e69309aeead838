"""A ghost goes on by itself: primed with random frames, drawn frame by frame, given phases, made a sound."""
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from live.signals import HOP
from live.studio.files import StudioError
from live.studio.ghost.network import GhostNetwork
from live.studio.ghost.spectra import Space, frames_db, spectral_distance, to_magnitudes, to_peak
from live.studio.ghost.training import JSON, SPACE, stage_name
from live.studio.ghost.phases import lead_phases
from live.studio.griffin_lim import ROUNDS, find_sound
from live.studio.progress import progress, progress_bar

WIDEST = 3.5            # deviations that a frame may lie from the mean
CLING = 0.0             # to what it remembers
FADE = 0.02             # seconds at both ends


@dataclass(frozen=True)
class Ghost:
    """What a folder holds. said: ghost.json."""
    folder: Path
    space: Space
    said: dict[str, Any]

    @property
    def samplerate(self) -> int:
        return int(self.said['samplerate'])

    @property
    def stages(self) -> list[int]:
        return list(self.said['stages'])

    def network(self, stage: int) -> GhostNetwork:
        """Return the network as it was after so many steps; raise StudioError with the stages there are."""
        if stage not in self.stages:
            raise StudioError(f'{self.folder}: there is no stage {stage}; there are {", ".join(map(str, self.stages))}')
        network = GhostNetwork(self.space.count)
        try:
            network.load_state_dict(load_file(self.folder / stage_name(stage)))
        except (OSError, RuntimeError, SafetensorError) as error:
            raise StudioError(f'{self.folder / stage_name(stage)}: {str(error).splitlines()[0]}') from error
        return network.eval()


def load_ghost(folder: str | Path) -> Ghost:
    """Read a folder that `train_ghost` has written; raise StudioError."""
    folder = Path(folder)
    try:
        said = json.loads((folder / JSON).read_text(encoding='utf-8'))
        space = Space(**{name: value.numpy() for name, value in load_file(folder / SPACE).items()})
        if not {'samplerate', 'length', 'stages'} <= set(said):
            raise ValueError(f'{JSON} needs samplerate, length, stages')
    except FileNotFoundError as error:
        raise StudioError(f'{folder}: there is no ghost in it; live studio ghost train makes one') from error
    except (OSError, ValueError, TypeError, SafetensorError) as error:
        raise StudioError(f'{folder}: {error}') from error
    return Ghost(folder, space, said)


def generate_ghost(ghost: Ghost, seconds: float = 20.0, stage: int | None = None, seed: int = 0,
                   temperature: float = 1.0, cling: float = CLING, rounds: int = ROUNDS) -> np.ndarray:
    """Return a sound (samples,) float32.

    stage: steps of training, None the last; temperature: 0 calm, 1 as it has learnt; cling: 0 frames as the network
    draws them, 1 only what it remembers. Raise StudioError.
    """
    if not 0.2 <= seconds <= 3600:
        raise StudioError(f'--seconds {seconds:g} is outside 0.2..3600')
    if not 0 <= temperature <= 4:
        raise StudioError(f'--temperature {temperature:g} is outside 0..4')
    if not 0 <= cling <= 1:
        raise StudioError(f'--cling {cling:g} is outside 0..1')
    count = round(seconds * ghost.samplerate / HOP) + 1
    frames = dream_frames(ghost, count, stage, seed, temperature, cling)
    return sound_of(frames, ghost.samplerate, seed, rounds)


def dream_frames(ghost: Ghost, count: int, stage: int | None = None, seed: int = 0,
                 temperature: float = 1.0, cling: float = CLING) -> np.ndarray:
    """Return frames (count, BINS) in dB that follow after random ones.

    Each is drawn from what the network says, then drawn towards the nearest frames of the corpus before the network
    hears it: so it does not lose its way among sounds that nobody has played.
    """
    network = ghost.network(stage or ghost.stages[-1])
    generator = torch.Generator().manual_seed(seed)
    primer = torch.randn((1, int(ghost.said['length']), ghost.space.count), generator=generator)
    places = np.empty((count, ghost.space.count), np.float32)
    with torch.no_grad():
        mean, spread, state = network(primer)
        place = mean[:, -1:]
        for number in progress(range(count), 'ghost'):
            mean, spread, state = network(place, state)
            noise = torch.randn(mean.shape, generator=generator)
            drawn = (mean + temperature * torch.exp(spread) * noise).clamp(-WIDEST, WIDEST)[0, 0].numpy()
            places[number] = drawn + cling * (ghost.space.recall(drawn) - drawn)
            place = torch.from_numpy(places[None, number:number + 1])
    return ghost.space.frames(places)


def sound_of(frames: np.ndarray, samplerate: float, seed: int = 0, rounds: int = ROUNDS) -> np.ndarray:
    """Return the sound of frames in dB, its phases led along its partials, then found; its peak is PEAK."""
    magnitudes = to_magnitudes(frames)
    with progress_bar(rounds, 'phases') as bar:
        sound = find_sound(magnitudes, rounds=rounds, tell=bar.update, turns=lead_phases(magnitudes, seed))
    fade = np.minimum(1.0, np.arange(1, len(sound) + 1) / (FADE * samplerate))
    return to_peak(sound * fade * fade[::-1])


def distances(ghost: Ghost, sound: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """Return how far a sound and white noise lie from the corpus: `spectral_distance` in dB."""
    noise = np.random.default_rng(seed).standard_normal(2 * ghost.samplerate).astype(np.float32) * 0.2
    heard, hissed = (frames_db(part[:, None], ghost.samplerate) for part in (sound, noise))
    return spectral_distance(heard, ghost.space.kept), spectral_distance(hissed, ghost.space.kept)
