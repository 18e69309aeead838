"""What every stage of the training shares: device, seeds, steps with a bar, averaged weights, checkpoints, sheets.

A stage asks for `begin(name, modules, rate, steps)` and walks through `.steps()`; killed at any moment, it goes on from
its last checkpoint. Checkpoints hold tensors and numbers only and are read with weights_only.
"""
import copy
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from tqdm import tqdm

SAVE_EVERY, SHEET_EVERY = 120.0, 180.0      # seconds
WARM_UP, FALL = 100, 0.35                   # most steps in which the rate rises; last share in which it falls
CLIP = 1.0                                  # length of a gradient
AVERAGE = 0.999                             # weights of the averaged model, a step


class Training:
    """Where and how everything is trained. folder: checkpoints and sheets."""

    def __init__(self, folder: Path, seed: int = 1, threads: int | None = None) -> None:
        self.folder, self.seed = folder, seed
        self.device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')
        if threads:
            torch.set_num_threads(threads)
        folder.mkdir(parents=True, exist_ok=True)
        self.generator = torch.Generator()
        self.seed_weights()

    def seed_weights(self) -> None:
        """Have what is built next begin with the same weights, whatever ran before."""
        self.generator.manual_seed(self.seed)
        torch.manual_seed(self.seed)

    def half(self) -> Any:
        """Return the context in which networks compute in bfloat16."""
        return torch.autocast(self.device.type, torch.bfloat16)

    def begin(self, name: str, modules: dict[str, torch.nn.Module], rate: float, steps: int,
              average: float = AVERAGE) -> 'Stage':
        return Stage(self, name, modules, rate, steps, average)

    def sheet(self, name: str, rows: tuple[Tensor, ...]) -> None:
        """Write rows of pictures (n, 3, height, width), 0..1, as NAME.png."""
        from PIL import Image
        sheet = torch.cat([torch.cat(tuple(row.detach().float().cpu()), 2) for row in rows], 1)
        pixels = (sheet.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
        Image.fromarray(pixels).save(self.folder / f'{name}.png')


class Stage:
    """One stage: its modules, their averages, an optimizer and where it stands."""

    def __init__(self, training: Training, name: str, modules: dict[str, torch.nn.Module], rate: float,
                 steps: int, average: float = AVERAGE) -> None:
        self._training, self._modules, self._rate, self._total = training, modules, rate, steps
        self._average_by = average
        self._file = training.folder / f'{name}.pt'
        self.averaged = {key: copy.deepcopy(module).eval().requires_grad_(False) for key, module in modules.items()}
        parameters = [p for module in modules.values() for p in module.parameters()]
        self._parameters = parameters
        self._optimizer = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.99), weight_decay=0.01)
        self.done = 0
        self._losses: dict[str, float] = {}
        self._saved = self._sheet = time.monotonic()
        if self._file.is_file():
            self._load()
        self._bar = tqdm(total=steps, initial=self.done, desc=name, unit='step', mininterval=2.0)

    def steps(self) -> Iterator[int]:
        while self.done < self._total:
            seed = self._training.seed * 1_000_003 + self.done
            self._training.generator.manual_seed(seed)
            torch.manual_seed(seed)
            yield self.done

    def step(self, loss: Tensor, /, **shown: Any) -> None:
        """Go one step down the loss; a loss that is not finite is left out."""
        self.done += 1
        self._bar.update()
        if not math.isfinite(float(loss.detach())):
            self._optimizer.zero_grad(set_to_none=True)
            return
        for group in self._optimizer.param_groups:
            group['lr'] = self._rate * schedule(self.done, self._total)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._parameters, CLIP)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._average()
        self._show(shown)
        if time.monotonic() - self._saved > SAVE_EVERY:
            self.save()

    def is_time_for_sheet(self, step: int) -> bool:
        if time.monotonic() - self._sheet < SHEET_EVERY and self.done < self._total:
            return False
        self._sheet = time.monotonic()
        return True

    def save(self) -> None:
        """Write the checkpoint beside the old one, then take its place."""
        fresh = self._file.with_suffix('.new')
        torch.save({'done': self.done, 'optimizer': self._optimizer.state_dict(),
                    'modules': {key: module.state_dict() for key, module in self._modules.items()},
                    'averaged': {key: module.state_dict() for key, module in self.averaged.items()}}, fresh)
        os.replace(fresh, self._file)
        self._saved = time.monotonic()

    def end(self) -> None:
        """Save, and give the modules their averaged weights."""
        self.save()
        self._bar.close()
        for key, module in self._modules.items():
            module.load_state_dict(self.averaged[key].state_dict())

    def _average(self) -> None:
        share = max(1 - self._average_by, 9 / (10 + self.done))
        with torch.no_grad():
            for key, module in self._modules.items():
                torch._foreach_lerp_(list(self.averaged[key].parameters()), list(module.parameters()), share)
                for averaged, statistic in zip(self.averaged[key].buffers(), module.buffers()):
                    averaged.copy_(statistic)

    def _show(self, shown: dict[str, Any]) -> None:
        for key, value in shown.items():
            number = float(value.detach()) if isinstance(value, Tensor) else float(value)
            self._losses[key] = self._losses.get(key, number) * 0.98 + 0.02 * number
        self._bar.set_postfix({key: f'{value:.4f}' for key, value in self._losses.items()}, refresh=False)

    def _load(self) -> None:
        held = torch.load(self._file, map_location=self._training.device, weights_only=True)
        self.done = held['done']
        self._optimizer.load_state_dict(held['optimizer'])
        for key, module in self._modules.items():
            module.load_state_dict(held['modules'][key])
            self.averaged[key].load_state_dict(held['averaged'][key])


def schedule(step: int, total: int) -> float:
    """Return the share of the learning rate at a step: up in a line, flat, and down in a half cosine."""
    rest = (total - step) / max(1.0, FALL * total)
    return min(1.0, step / min(WARM_UP, 1 + total / 10)) * (0.5 - 0.5 * math.cos(math.pi * min(1.0, max(0.01, rest))))
