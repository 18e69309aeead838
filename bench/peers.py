"""Render N sines in an engine of another make and print its seconds of processor time. Run by `bench/partials.py`.

    python bench/peers.py ENGINE SINES SECONDS FOLDER

The engines are found as they come from PyPI and Debian; sound goes into a file in FOLDER or into memory, whichever the
engine does by itself. What is built before the sound begins is not timed where the engine lets it be told apart.
"""
import asyncio
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

RATE, BLOCK = 48000, 64


def pitches(count: int) -> list[float]:
    """Return the same frequencies for every engine."""
    draw = random.Random(1)
    return [440.0 * 2 ** draw.uniform(-1, 1) for _ in range(count)]


def spent() -> float:
    """Return the processor time that this process and its ended children have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def run(*words: str) -> float:
    """Run a program and return how long it worked."""
    begin = spent()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return spent() - begin


def supercollider(count: int, seconds: float, folder: Path) -> float:
    """scsynth, not in real time: synths of 64 SinOsc each."""
    import supriya
    from supriya.ugens import Mix, Out, SinOsc

    frequencies = pitches(count)
    score = supriya.Score(maximum_node_count=4096, wire_buffer_count=1024)
    with score.at(0):
        for first in range(0, count, BLOCK):
            with supriya.SynthDefBuilder() as builder:
                sines = [SinOsc.ar(frequency=f) for f in frequencies[first:first + BLOCK]]
                Out.ar(bus=0, source=Mix.new(sines) / count)
            definition = builder.build(name=f'sines{first}')
            with score.add_synthdefs(definition):
                score.add_synth(definition)
    with score.at(seconds):
        score.do_nothing()
    begin = spent()
    _, code = asyncio.run(score.render(folder / 'out.wav', sample_rate=RATE,
                                       render_directory_path=folder, suppress_output=True))
    assert code == 0
    return spent() - begin


def csound(count: int, seconds: float, folder: Path) -> float:
    """Csound's poscil, blocks of 64."""
    notes = '\n'.join(f'i1 0 {seconds} {f}' for f in pitches(count))
    (folder / 'sines.csd').write_text(f"""<CsoundSynthesizer>
<CsInstruments>
sr = {RATE}
ksmps = {BLOCK}
nchnls = 1
0dbfs = 1
gisine ftgen 1, 0, 16384, 10, 1
instr 1
out poscil({1 / count}, p4, 1)
endin
</CsInstruments>
<CsScore>
{notes}
</CsScore>
</CsoundSynthesizer>
""")
    return run('csound', '-n', '-d', '-m0', str(folder / 'sines.csd'))


def puredata(count: int, seconds: float, folder: Path) -> float:
    """Pure Data's osc~, summed at the inlet of one *~."""
    lines = ['#N canvas 0 0 450 300 12;', f'#X obj 10 10 *~ {1 / count};', '#X obj 10 50 dac~;',
             '#X obj 200 10 loadbang;', f'#X obj 200 40 delay {seconds * 1000};',
             '#X msg 200 70 \\; pd quit;']
    lines += [f'#X obj 10 100 osc~ {f};' for f in pitches(count)]
    lines += ['#X connect 0 0 1 0;', '#X connect 2 0 3 0;', '#X connect 3 0 4 0;']
    lines += [f'#X connect {5 + k} 0 0 0;' for k in range(count)]
    (folder / 'sines.pd').write_text('\n'.join(lines) + '\n')
    return run('pd', '-batch', '-nogui', '-noaudio', '-r', str(RATE), '-send', 'pd dsp 1',
               '-open', str(folder / 'sines.pd'))


def pyo(count: int, seconds: float, folder: Path) -> float:
    """pyo's Sine, given all frequencies as one list."""
    import pyo

    server = pyo.Server(sr=RATE, nchnls=1, buffersize=BLOCK, duplex=0, audio='offline').boot()
    server.recordOptions(dur=seconds, filename=str(folder / 'out.wav'), sampletype=3)
    sines = pyo.Sine(freq=pitches(count), mul=1 / count).mix(1).out()
    begin = spent()
    server.start()
    del sines
    return spent() - begin


def signalflow(count: int, seconds: float, folder: Path) -> float:
    """signalflow's SineOscillator, one node each."""
    import signalflow as flow

    graph = flow.AudioGraph(output_device=flow.AudioOut_Dummy(1, RATE, BLOCK), start=False)
    graph.play(flow.Sum([flow.SineOscillator(f) for f in pitches(count)]) * (1 / count))
    sound = flow.Buffer(1, int(seconds * RATE))
    begin = spent()
    graph.render_to_buffer(sound)
    return spent() - begin


def dawdreamer(count: int, seconds: float, folder: Path) -> float:
    """Faust's os.osc, compiled by DawDreamer (whose compiler takes minutes from a thousand oscillators on)."""
    import dawdreamer as daw

    engine = daw.RenderEngine(RATE, BLOCK)
    faust = engine.make_faust_processor('sines')
    waves = ', '.join(f'os.osc({f})' for f in pitches(count))
    faust.set_dsp_string(f'import("stdfaust.lib"); process = {waves} :> *({1 / count});')
    assert faust.compile()
    engine.load_graph([(faust, [])])
    engine.render(0.01)
    begin = spent()
    engine.render(seconds)
    return spent() - begin


ENGINES = {f.__name__: f for f in (supercollider, csound, puredata, pyo, signalflow, dawdreamer)}

if __name__ == '__main__':
    print(ENGINES[sys.argv[1]](int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4])))
