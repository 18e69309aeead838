"""`live studio train`: the shipped model from nothing, stage by stage, to its folder.

Every stage goes on from its checkpoint, so the command may be stopped and given again. The same seed and steps on the
same machine give the same weights.
"""
import argparse
from pathlib import Path
from typing import Any

from live.studio.seed import add_seed

STEPS = {'autoencoder': 1500, 'eye': 8000, 'words': 800, 'denoiser': 7500, 'touch': 4400}
PICTURES, PROMPTS = 12288, 96
EXAMPLES = """examples:
  live studio train --seed 1 --threads 2                some three hours; writes over live/embedded
  live studio train --folder work --out mine --pictures 256 --autoencoder-steps 4 --eye-steps 4 --words-steps 4 \\
      --denoiser-steps 4 --touch-steps 4                a minute or two, and mud: to see that it works
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--folder', default='.train', help='checkpoints, bank and sheets (default: .train)')
    parser.add_argument('--out', default='live/embedded', help='the model folder to write (default: live/embedded)')
    add_seed(parser, 'of the pictures, the weights and the order', 1)
    parser.add_argument('--threads', type=int, help='of the processor (default: all)')
    parser.add_argument('--pictures', type=int, default=PICTURES, help=f'in the bank (default: {PICTURES})')
    for stage, steps in STEPS.items():
        parser.add_argument(f'--{stage}-steps', type=int, default=steps, help=f'(default: {steps})')


def run(arguments: argparse.Namespace) -> None:
    from live.studio.train.autoencoder import train_autoencoder
    from live.studio.train.bank import Bank, fill
    from live.studio.train.captions import VOCABULARY
    from live.studio.train.denoiser import train_denoiser
    from live.studio.train.eye import train_eye
    from live.studio.train.parts import build_tokenizer, build_unet
    from live.studio.train.touch import finish_decoder
    from live.studio.train.training import Training
    from live.studio.train.words import Words, teach_words
    training = Training(Path(arguments.folder), arguments.seed, arguments.threads)
    tokenizer = build_tokenizer(VOCABULARY)
    vae = train_autoencoder(training, arguments.autoencoder_steps)
    bank = Bank(training.folder / 'bank', arguments.pictures)
    fill(bank, tokenizer, vae.encoder, arguments.seed, training.device)
    eye = train_eye(training, bank, arguments.eye_steps)
    training.seed_weights()
    unet, words = build_unet().to(training.device), Words(tokenizer).to(training.device)
    teach_words(training, bank, unet, words, arguments.words_steps)
    unet, words = train_denoiser(training, bank, unet, words, vae, eye, arguments.denoiser_steps)
    vae = finish_decoder(training, bank, unet, words, vae, arguments.touch_steps)
    write(Path(arguments.out), unet, words, vae, tokenizer)


def write(folder: Path, unet: Any, words: Any, vae: Any, tokenizer: Any) -> None:
    """Write the model folder; its prompts are captions, so that they lie where the model is at home."""
    import torch

    from live.diffusion.models import quiet
    from live.studio.train.captions import caption, sample_spec
    from live.studio.train.parts import save_folder
    generator = torch.Generator().manual_seed(0)
    prompts = tuple(dict.fromkeys(caption(sample_spec(generator), generator) for _ in range(PROMPTS)))
    with quiet():
        save_folder(folder, {'unet': unet, 'vae': vae, 'text_encoder': words.encoder, 'tokenizer': tokenizer}, prompts)
