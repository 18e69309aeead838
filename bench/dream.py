"""How many dreams a second, where the time goes, and what the machine would allow?

One dream: picture (or latent) and noise in, one step, RGBA8 in host memory out. Ours, from pixels and from a latent (as
the loop runs by default), and diffusers' own StableDiffusionImg2ImgPipeline on a copy of the same weights, picture to
picture with its embedding given, take turns in one run, with the `streamdiffusion` package on the same weights where
there is one (dream_peer.py). However slow they are, each makes five dreams and each stage runs twice: random:sd-turbo
takes 5 minutes of one core so, loading and peer included, and `--quick` leaves it out where there is no GPU.

The floor is physics: every weight is read once a dream (bytes over the measured bandwidth of memory) and every
multiplication is done (FLOPs over the measured speed of a large matrix product); no dream takes less than the longer of
the two. With sound: the instrument plays its first patch meanwhile, into a JACK dummy driver where there is one (256
frames, 5.3 ms a period), else by the clock. Random weights cost what trained ones cost.

Budget: on one H200-class GPU >= 100 dreams/s of sd-turbo at 512 x 512 and >= 5 times diffusers' pipeline; on 2 cores
>= 12 dreams/s of the tiny model at 256 x 256 with the sound playing and 0 underflows. Memory does not grow.

    python bench/dream.py [--quick] [--model NAME ...]
"""
import contextlib
import copy
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from common import argument_parser, machine, play_beside, print_json, print_table, resident, time_frames

ROOT = Path(__file__).resolve().parents[1]
PEER, PEER_SCRIPT = ROOT / '.venv-streamdiffusion/bin/python', ROOT / 'bench/dream_peer.py'
STRENGTH, TOKENS = 499 / 999, 77
ROUNDS = 4              # turns of each engine, after one dream that does not count
SIZES = {'random:tiny': 256, 'embedded': 256, 'random:sd-turbo': 512}
CPU_PEAK, GPU_PEAK = 2048, 8192         # sides of the matrices whose product tells the ceiling


class Job:
    """One model at one size, with everything a dream of it wants. Inputs change from frame to frame."""

    def __init__(self, name: str, pixels: int) -> None:
        import torch
        from live.diffusion.models import load_model
        from live.diffusion.step import Step
        self.name, self.pixels = name, pixels
        self.model = load_model(name)
        self.reference = make_reference(self.model)
        self.step = Step(self.model)
        self.size = pixels // self.model.vae_scale_factor
        self.step.warm_up(self.size, self.size, TOKENS, lambda words: None)
        draw = torch.Generator().manual_seed(1)
        self.noise, self.latent = (torch.randn((1, self.model.latent_channels, self.size, self.size), generator=draw)
                                   .to(self.model.device) for _ in range(2))
        self.picture = (torch.rand((1, 3, pixels, pixels), generator=draw) * 2 - 1).to(self.model.device)
        self.embedding = np.random.default_rng(1).standard_normal((TOKENS, self.model.width)).astype(np.float32)

    def from_latent(self) -> np.ndarray:
        return self.step.read(self.step.dream(self.latent, self.noise, STRENGTH, self.embedding)[1])

    def from_picture(self) -> np.ndarray:
        return self.step.read(self.step.dream(self.picture, self.noise, STRENGTH, self.embedding)[1])

    def by_diffusers(self) -> np.ndarray:
        import torch
        words = torch.from_numpy(self.embedding)[None].to(self.model.device, self.model.dtype)
        said = self.reference(image=(self.picture / 2 + 0.5).to(self.model.dtype), prompt_embeds=words, strength=0.5,
                              num_inference_steps=2, guidance_scale=0.0, output_type='np').images[0]
        return (said * 255).round().astype(np.uint8)

    def sync(self) -> None:
        import torch
        if self.model.device == 'cuda':
            torch.cuda.synchronize()


def make_reference(model):
    """Return diffusers' pipeline over copies of the components, as a user of it would have them."""
    from diffusers import StableDiffusionImg2ImgPipeline
    from live.diffusion.models import quiet
    with quiet():
        pipeline = StableDiffusionImg2ImgPipeline(
            unet=copy.deepcopy(model.unet), vae=copy.deepcopy(model.vae), text_encoder=model.text_encoder,
            tokenizer=model.tokenizer, scheduler=copy.deepcopy(model.scheduler), safety_checker=None,
            feature_extractor=None, requires_safety_checker=False)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def take_turns(job: Job, peer: Callable[[], object] | None, seconds: float) -> dict[str, list[float]]:
    """Return the frame times of each engine, in turns so that a busy machine slows them alike."""
    frames = {'from latent': job.from_latent, 'from picture': job.from_picture, 'diffusers': job.by_diffusers,
              **({'streamdiffusion': peer} if peer else {})}
    times: dict[str, list[float]] = {name: [] for name in frames}
    for frame in frames.values():
        frame()
    for _ in range(ROUNDS):
        for name, frame in frames.items():
            times[name] += time_frames(frame, seconds / ROUNDS / len(frames), 1)
    return times


def time_stages(job: Job, seconds: float) -> dict[str, float]:
    """Return the median milliseconds of each stage alone; on CUDA each as a captured graph of its own."""
    import torch
    from live.diffusion.graphs import Graphs
    step, unet = job.step, job.model.unet
    dtype = next(unet.parameters()).dtype
    words, moment = torch.from_numpy(job.embedding)[None].to(job.latent), torch.tensor([499.0]).to(job.latent)

    def say(latent):
        return unet(latent.to(dtype), moment, encoder_hidden_states=words.to(dtype), return_dict=False)

    graphs = Graphs() if job.model.device == 'cuda' else None
    stages = {'encode': (lambda picture: (step.encode(picture),), job.picture), 'unet': (say, job.latent),
              'decode': (lambda latent: (step.decode(latent),), job.latent)}
    found = {}

    def stage(name, function, value):
        def run():
            graphs.run(name, function, (value,)) if graphs else function(value)
            job.sync()
        return run

    with torch.inference_mode():
        for name, (function, value) in stages.items():
            found[name] = median_ms(stage(name, function, value), seconds / 6)
        found['readback'] = median_ms(lambda: step.read(job.picture), seconds / 6)
        if graphs:
            found['unet without graph'] = median_ms(lambda: (say(job.latent), job.sync()), seconds / 6)
            found['launch'] = time_launch(job)
    return found


def median_ms(run, seconds: float) -> float:
    run()
    return 1000 * statistics.median(time_frames(run, seconds, 1))


def time_launch(job: Job) -> float:
    """Return the milliseconds until `dream` comes back, while the GPU is still at work."""
    times = []
    for _ in range(50):
        job.sync()
        begin = time.perf_counter()
        job.step.dream(job.picture, job.noise, STRENGTH, job.embedding)
        times.append(time.perf_counter() - begin)
    return 1000 * statistics.median(times)


def find_floor(job: Job) -> dict[str, float]:
    """Return what a dream from pixels reads and multiplies, what the machine can, and the shortest time for it."""
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode
    step, device = job.step, job.model.device
    size = sum(value.numel() * value.element_size() for module in (job.model.unet, job.model.vae)
               for value in module.parameters())
    dtype = next(job.model.unet.parameters()).dtype
    with torch.inference_mode(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        step._compute((job.picture, job.noise, torch.from_numpy(job.embedding)[None].to(job.noise),
                       torch.tensor(step.schedule(STRENGTH, 1)).to(device)))
    flops = counter.get_total_flops()
    block = torch.ones((1 << 30) if device == 'cuda' else (1 << 27), dtype=torch.uint8, device=device)
    side = GPU_PEAK if device == 'cuda' else CPU_PEAK
    matrix = torch.randn((side, side)).to(device, dtype)
    bandwidth = 2 * block.numel() / best(lambda: (block.clone(), job.sync()))
    peak = 2 * side ** 3 / best(lambda: (matrix @ matrix, job.sync()))
    return {'MB': size / 1e6, 'GFLOP': flops / 1e9, 'GB/s': bandwidth / 1e9, 'TFLOP/s': peak / 1e12,
            'floor_ms': 1000 * max(size / bandwidth, flops / peak)}


def best(run) -> float:
    run()
    return min(time_frames(run, 0.0, 5))


@contextlib.contextmanager
def start_streamdiffusion(job: Job) -> Iterator[tuple[Callable[[], object] | None, str]]:
    """Yield a function that makes one dream by it, in our UNet's format and on as many threads, and ''.

    Or None, and why there is none.
    """
    import torch
    from live.diffusion.models import save_model
    if not PEER.exists():
        yield None, f'there is no {PEER.parents[1].name}; {PEER_SCRIPT.name} says how to make it'
        return
    dtype = str(next(job.model.unet.parameters()).dtype).removeprefix('torch.')
    with TemporaryDirectory() as folder, (Path(folder) / 'errors.txt').open('w+') as errors:
        save_model(job.model, Path(folder))
        process = subprocess.Popen([str(PEER), str(PEER_SCRIPT), folder, str(job.pixels), dtype], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=errors, text=True, bufsize=1,
                                   env={**os.environ, 'OMP_NUM_THREADS': str(torch.get_num_threads())})

        def last_error() -> str:
            errors.seek(0)
            return errors.read().strip().splitlines()[-1]

        def dream() -> None:
            process.stdin.write('\n')
            if process.stdout.readline() != 'done\n':
                raise RuntimeError(last_error())

        if process.stdout.readline() == 'ready\n':
            yield dream, ''
        else:
            yield None, last_error()
        process.communicate()


def watch_memory(name: str, frames: int) -> dict[str, float]:
    """Dream for a long time at a small size, from latents and pictures, 1 to 4 steps; return the growth in MB."""
    import torch
    job = Job(name, 128)
    cuda = job.model.device == 'cuda'
    marks = []
    for k in range(frames):
        if k in (frames // 10, frames - 1):
            job.sync()
            marks.append((resident(), torch.cuda.memory_reserved() if cuda else 0))
        start = job.picture if k % 2 else job.latent
        job.step.read(job.step.dream(start, job.noise, STRENGTH, job.embedding, 1 + k % 8 // 2)[1])
    return {'frames': frames, 'host_mb': (marks[1][0] - marks[0][0]) / 1e6,
            'device_mb': (marks[1][1] - marks[0][1]) / 1e6}


def measure(name: str, seconds: float) -> tuple[Job, dict]:
    """Measure one model, print its table, and return it with its figures."""
    job = Job(name, SIZES[name])
    print(f'{name}, {job.pixels} x {job.pixels}, one step: {job.step.reason}', flush=True)
    with start_streamdiffusion(job) as (peer, why):
        times = take_turns(job, peer, seconds)
    stages, floor = time_stages(job, seconds / 2), find_floor(job)
    fps = {engine: len(taken) / sum(taken) for engine, taken in times.items()}
    print_table([(engine, f'{fps[engine]:.3g}', *(f'{1000 * np.percentile(taken, q):.1f}' for q in (50, 99, 100)))
                 for engine, taken in times.items()], ('engine', 'dreams/s', 'p50 ms', 'p99 ms', 'max ms'))
    print(f'ours is {fps["from picture"] / fps["diffusers"]:.2f} times diffusers, picture to picture')
    if why:
        print(f'streamdiffusion: not run: {why}')
    print('stages, ms:', ', '.join(f'{stage} {taken:.2f}' for stage, taken in stages.items()))
    print('floor:', ', '.join(f'{value:.4g} {unit}' for unit, value in floor.items()), '\n')
    return job, {'ours_fps': round(fps['from latent'], 3), 'ours_picture_fps': round(fps['from picture'], 3),
                 'diffusers_fps': round(fps['diffusers'], 3),
                 'streamdiffusion_fps': round(fps['streamdiffusion'], 3) if peer else None,
                 'stages_ms': {stage: round(taken, 3) for stage, taken in stages.items()},
                 'floor_ms': round(floor['floor_ms'], 3)}


def main() -> None:
    import torch
    from live.diffusion.burden import give_way, spare_a_core
    from live.diffusion.models import EMBEDDED
    parser = argument_parser(__doc__)
    parser.add_argument('--no-sound', action='store_true', help='leave out the row with the sound playing')
    parser.add_argument('--model', action='append', choices=SIZES, help='this one alone, without sound and memory')
    options = parser.parse_args()
    quick, cuda = options.quick, torch.cuda.is_available()
    seconds = 6.0 if quick else 30.0
    spare_a_core()
    give_way()
    device = f'{torch.cuda.get_device_name()}, {machine()}' if cuda else machine()
    print(f'{device}, torch {torch.__version__}, {torch.get_num_threads()} threads\n')
    names = options.model or ['random:tiny', *['embedded'] * (EMBEDDED / 'model_index.json').exists(),
                              *['random:sd-turbo'] * (cuda or not quick)]
    figures: dict = {}
    sounding = sound = memory = None
    for name in names:
        job, figures[name] = measure(name, seconds)
        sounding = job if SIZES[name] == 256 else sounding
    if not options.model:
        sound = None if options.no_sound else play_beside(sounding.from_latent, seconds)
        memory = watch_memory('random:tiny', 500 if quick else 10000)
        print(f'memory over {memory["frames"]} dreams: host {memory["host_mb"]:+.1f} MB, '
              f'device {memory["device_mb"]:+.1f}')
    if sound:
        print(f'with sound, {sounding.name}: {sound["fps"]:.1f} dreams/s, {sound["underflows"]} underflows and '
              f'{sound["late"]} late of {sound["callbacks"]} callbacks ({sound["backend"]})')
    print('GPU part ' + ('above' if cuda else 'not run: no CUDA device'))
    headline = figures['random:sd-turbo' if cuda and 'random:sd-turbo' in figures else (sounding or job).name]
    print_json({'device': device, **headline, 'with_sound': sound, 'memory': memory, 'models': figures,
                'gpu': 'run' if cuda else 'not run: no CUDA device'})


if __name__ == '__main__':
    main()
