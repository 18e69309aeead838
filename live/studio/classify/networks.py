"""The three networks in torch, named as live/conditioning/classifier.py reads their weights in numpy."""
import torch
from torch import Tensor, nn

HIDDEN, CELLS = 96, 64  # units of the dense layers, of the memory
CHANNELS = 16, 32, 64   # of the convolutions
DROPOUT, FORGETTING = 0.3, 0.4      # shares of units left out in training; of the memory


class Dense(nn.Module):
    """Statistics (n, values) -> scores (n, classes)."""

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(shape[0], HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.out, self.drop = nn.Linear(HIDDEN, classes), nn.Dropout(DROPOUT)

    def forward(self, x: Tensor) -> Tensor:
        x = self.drop(torch.relu(self.first(x)))
        return self.out(self.drop(torch.relu(self.second(x))))


class Cnn(nn.Module):
    """Pictures (n, rows, columns) -> scores (n, classes)."""

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        one, two, three = CHANNELS
        self.first, self.second = nn.Conv2d(1, one, 3, padding=1), nn.Conv2d(one, two, 3, padding=1)
        self.third = nn.Conv2d(two, three, 3, padding=1)
        self.out, self.drop = nn.Linear(2 * three, classes), nn.Dropout(DROPOUT)

    def forward(self, x: Tensor) -> Tensor:
        x = x[:, None]
        for layer in (self.first, self.second, self.third):
            x = nn.functional.max_pool2d(torch.relu(layer(x)), 2)
        return self.out(self.drop(torch.cat((x.mean((2, 3)), x.amax((2, 3))), 1)))


class Lstm(nn.Module):
    """Moments (n, moments, values) -> scores (n, classes)."""

    def __init__(self, shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.memory = nn.LSTM(shape[1], CELLS, batch_first=True)
        self.out, self.drop = nn.Linear(2 * CELLS, classes), nn.Dropout(FORGETTING)

    def forward(self, x: Tensor) -> Tensor:
        said = self.memory(x)[0]
        return self.out(self.drop(torch.cat((said.mean(1), said.amax(1)), 1)))


NETWORKS: dict[str, type[nn.Module]] = {'dense': Dense, 'cnn': Cnn, 'lstm': Lstm}
