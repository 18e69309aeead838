"""Training with early stopping: the network that was best on the validation files is kept. Seeded; CPU only."""
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from live.conditioning.classifier import FEATURES, Classifier
from live.studio.classify.dataset import Data
from live.studio.classify.networks import NETWORKS
from live.studio.progress import progress_bar

BATCH = 32
LEAST_STD = 1e-3
TRANSPOSED = 12         # rows of a picture, an octave
CHROMA = FEATURES.index('chroma1')      # the last twelve of FEATURES
RATE_BY_KIND = {'dense': 2e-3, 'cnn': 3e-3, 'lstm': 3e-3}
DECAY_BY_KIND = {'dense': 0.01, 'cnn': 0.01, 'lstm': 0.05}      # of the weights


@dataclass
class Trained:
    """weights: of the best epoch, by name, as Classifier has them; losses: of training and validation, by epoch."""
    weights: dict[str, np.ndarray]
    best: int = 0
    losses: list[tuple[float, float]] = field(default_factory=list)


def train(data: Data, kind: str, split: dict[str, np.ndarray], seed: int, epochs: int, patience: int) -> Trained:
    """Train until the validation loss has not fallen for `patience` epochs, at most `epochs`."""
    torch.manual_seed(seed)
    mean, std = standard(kind, data.select(split['train'])[0])
    inputs, labels = tensors(data, split['train'], mean, std)
    checked = tensors(data, split['validation'], mean, std)
    network = NETWORKS[kind](tuple(inputs.shape[1:]), len(data.classes))
    optimizer = torch.optim.AdamW(network.parameters(), RATE_BY_KIND[kind], weight_decay=DECAY_BY_KIND[kind])
    trained, least = Trained({'input.mean': mean, 'input.std': std}), np.inf
    with progress_bar(epochs, kind) as bar:
        for epoch in range(epochs):
            loss = run_epoch(network, optimizer, inputs, labels, VARY[kind])
            network.eval()
            with torch.no_grad():
                validation = float(torch.nn.functional.cross_entropy(network(checked[0]), checked[1]))
            trained.losses.append((loss, validation))
            if validation < least:
                least, trained.best = validation, epoch
                trained.weights |= {name: value.numpy().copy() for name, value in network.state_dict().items()}
            bar.update(1)
            bar.set_postfix_str(f'{loss:.3f}, validation {validation:.3f}')
            if epoch - trained.best >= patience:
                break
    return trained


def run_epoch(network: torch.nn.Module, optimizer: torch.optim.Optimizer, inputs: torch.Tensor,
              labels: torch.Tensor, vary: Callable[[torch.Tensor], torch.Tensor]) -> float:
    """Go once through the training segments in a new order, each varied anew; return their mean loss."""
    network.train()
    total = 0.0
    for chosen in torch.randperm(len(labels)).split(BATCH):
        scores = network(vary(inputs[chosen]))
        loss = torch.nn.functional.cross_entropy(scores, labels[chosen], label_smoothing=0.05)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += float(loss.detach()) * len(chosen)
    return total / len(labels)


def vary_statistics(inputs: torch.Tensor) -> torch.Tensor:
    """Return statistics (n, values) of a sound that is nearly this one, in another key."""
    return transpose(inputs) + 0.2 * torch.randn_like(inputs)


def vary_moments(inputs: torch.Tensor) -> torch.Tensor:
    """Return some moments in a row (n, moments, values), at least half, of a sound that is nearly this one."""
    whole = inputs.shape[1]
    length = int(torch.randint((whole + 1) // 2, whole + 1, ()))
    start = int(torch.randint(whole - length + 1, ()))
    part = transpose(inputs[:, start:start + length])
    return part + 0.25 * torch.randn_like(part[:, :1]) + 0.3 * torch.randn_like(part)


def transpose(inputs: torch.Tensor) -> torch.Tensor:
    """Return inputs (..., values) with their twelve pitch classes turned, all by as many: no key is learnt."""
    turned, classes = inputs.clone(), int(torch.randint(12, ()))
    for values in turned.split(len(FEATURES), -1):
        values[..., CHROMA:] = values[..., CHROMA:].roll(classes, -1)
    return turned


def vary_picture(inputs: torch.Tensor) -> torch.Tensor:
    """Return pictures (n, rows, columns) of the sounds transposed, all by as many rows; what comes in is black."""
    rows = int(torch.randint(-TRANSPOSED, TRANSPOSED + 1, ()))
    moved = torch.roll(inputs, rows, 1)
    moved[:, slice(0, rows) if rows > 0 else slice(moved.shape[1] + rows, None)] = inputs.min()
    return moved


VARY = {'dense': vary_statistics, 'cnn': vary_picture, 'lstm': vary_moments}


def standard(kind: str, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what brings inputs to mean 0 and deviation 1: value by value; of pictures, as a whole."""
    axes: Any = {'dense': 0, 'lstm': (0, 1), 'cnn': None}[kind]
    values = inputs.astype(np.float32)
    mean, std = np.asarray(values.mean(axes)), np.asarray(values.std(axes))
    return mean.astype(np.float32), np.maximum(std, LEAST_STD).astype(np.float32)


def tensors(data: Data, files: np.ndarray, mean: np.ndarray, std: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    inputs, labels = data.select(files)
    return torch.from_numpy((inputs.astype(np.float32) - mean) / std), torch.from_numpy(labels)


def confusion(data: Data, files: np.ndarray, classifier: Classifier) -> np.ndarray:
    """Return how many files of each class (rows) are taken for each (columns): the mean over a file's segments."""
    counts = np.zeros((len(data.classes),) * 2, int)
    for number in files:
        shares = classifier.weigh(data.inputs[data.file == number]).mean(0)
        counts[data.label[number], shares.argmax()] += 1
    return counts
