"""What can be told about a performance: the overlay's lines and the status file. [main] Reads; changes nothing."""
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from live.audio.stats import read_stats
from live.diffusion.life import DreamStats
from live.vision import MESSAGE_TIME

NOTE_TIME = 15.0        # seconds that a change of what is dreamt with stays on the overlay

if TYPE_CHECKING:
    from live.app import Instrument


def overlay_lines(instrument: 'Instrument') -> Iterator[str]:
    """Yield what the overlay shows."""
    stats, desk, vision = read_stats(instrument.sound.arena), instrument.sound.desk, instrument.vision
    dream = instrument.dream.stats if instrument.dream else None
    if vision:
        yield f'picture  {vision.fps:5.1f} fps'
    if dream:
        yield f'dream    {dream.fps:5.1f} fps   {dream.model}'
        yield f'         drift {dream.drift:.1f}, begun anew {dream.reanchors}, left out {dream.skipped}'
    yield f'sound    {100 * stats["load_p50"]:3.0f} % load, {stats["underflows"]} underflows, {stats["late"]} late'
    if (stream := instrument.sound.stream).losses:
        yield f'         {"GONE" if stream.lost else "lost"} {stream.losses} times, {stream.lost_seconds:.0f} s in all'
    if vision and vision.renderer.guard.counts.held > 0.001:
        yield f'guard    flashes are softened, {vision.renderer.guard.counts.interventions} times so far'
    if vision and vision.ages:
        yield f'age      {vision.ages[-1]:5.0f} ms from sound to picture'
    if recorder := instrument.takes.recorder:
        yield f'take     {recorder.take.frames / recorder.take.samplerate:5.0f} s, {recorder.dropped} pictures dropped'
    yield f'note     {desk.board["drone.root"]:.2f} Hz   {desk.patch.name}'
    yield from vision.renderer.errors if vision else ()
    if dream and time.monotonic() - dream.note_time < NOTE_TIME:
        yield f'dream: {dream.note}'
    elif dream and dream.error:
        yield f'dream: {dream.error}'
    if instrument.sources.trouble:
        yield f'init: {instrument.sources.trouble}'
    if time.monotonic() - desk.message_time < MESSAGE_TIME:
        yield desk.message


def status(instrument: 'Instrument') -> dict:
    """Return everything that can be told about the performance, as plain data."""
    desk = instrument.sound.desk
    return {'sound': sound_status(instrument), 'dream': dream_status(instrument), **vision_status(instrument),
            **control_status(instrument), 'params': dict(desk.board.items()), 'patch': desk.patch.name,
            'record': record_status(instrument), 'share': instrument.sharing.status() if instrument.sharing else [],
            'prompts': list(instrument.sound.prompts.get() or ()), 'init_trouble': instrument.sources.trouble,
            'message': desk.message, 'began': instrument.began}


def sound_status(instrument: 'Instrument') -> dict:
    sound = instrument.sound
    return {'backend': sound.choice.backend, 'reason': sound.choice.reason, 'samplerate': sound.choice.samplerate,
            'blocksize': sound.choice.blocksize, 'latency_ms': 1000 * sound.stream.latency,
            'lost': sound.stream.lost, 'losses': sound.stream.losses, 'lost_s': sound.stream.lost_seconds,
            'priority': sound.priority, 'overruns': overruns(instrument), **read_stats(sound.arena)}


def overruns(instrument: 'Instrument') -> int:
    """Return what readers of the rings have lost by falling behind."""
    return sum(recorder.sound.lost for recorder in instrument.takes.recorders)


def record_status(instrument: 'Instrument') -> list[dict]:
    """Return the files of the take that runs, or has ended by itself; dropped: pictures that are not in it."""
    return [{'path': str(recorder.take.path), 'running': recorder.running,
             'seconds': recorder.take.frames / recorder.take.samplerate, 'pictures': recorder.take.pictures,
             'dropped': recorder.dropped, 'lost': recorder.sound.lost, 'message': recorder.message}
            for recorder in instrument.takes.recorders]


def dream_status(instrument: 'Instrument') -> dict:
    stats = instrument.dream.stats if instrument.dream else DreamStats(instrument.model, instrument.model_reason)
    return {name: getattr(stats, name) for name in (
        'model', 'reason', 'fps', 'frames', 'restarts', 'error', 'note', 'drift', 'reanchors', 'skipped',
        'uncaptured')}


def vision_status(instrument: 'Instrument') -> dict:
    """picture_age_ms: from the end of a slice to its picture being seen."""
    vision = instrument.vision
    ages = np.array(vision.ages if vision and vision.ages else [0.0])
    return {'display': {'backend': vision.window.mode if vision else 'none',
                        'reason': vision.reason if vision else instrument.mode_reason,
                        'fps': vision.fps if vision else 0.0, 'frames': vision.frames if vision else 0},
            'shader_errors': list(vision.renderer.errors) if vision else [],
            'guard': vision.renderer.guard.counts._asdict() if vision else {},
            'picture_age_ms': {'p50': float(np.percentile(ages, 50)), 'p99': float(np.percentile(ages, 99))}}


def control_status(instrument: 'Instrument') -> dict:
    control = instrument.control
    osc, midi = (control.osc, control.midi) if control else (None, None)
    return {'osc': {'port': osc.port if osc else 0, 'received': osc.received if osc else 0,
                    'refused': osc.refused + osc.malformed if osc else 0},
            'midi': {'devices': midi.devices if midi else [], 'received': midi.received if midi else 0}}
