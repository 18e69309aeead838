"""The network: dense layers at each moment around a long short-term memory, which says of every frame how the next is.

Places of frames (n, frames, count) in; mean and logarithm of the deviation of each next frame's place out, for the
whole sequence. The deviation is what keeps a ghost alive: frames are drawn, not averaged.
"""
import torch
from torch import Tensor, nn

DENSE, MEMORY = 128, 192        # units
LEAST, MOST = -5.0, 1.0         # logarithm of the deviation


class GhostNetwork(nn.Module):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.enter = nn.Linear(count, DENSE)
        self.memory = nn.LSTM(DENSE, MEMORY, batch_first=True)
        self.leave, self.out = nn.Linear(MEMORY, DENSE), nn.Linear(DENSE, 2 * count)

    def forward(self, places: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[
            Tensor, Tensor, tuple[Tensor, Tensor]]:
        """Return mean, logarithm of the deviation, and the state of the memory after the last frame."""
        heard, state = self.memory(torch.tanh(self.enter(places)), state)
        move, spread = self.out(torch.tanh(self.leave(heard))).chunk(2, -1)
        return places + move, LEAST + (MOST - LEAST) * torch.sigmoid(spread), state


def loss_of(mean: Tensor, log_deviation: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean negative log-likelihood of frames under Gaussians, without its constant."""
    return (0.5 * ((wanted - mean) * torch.exp(-log_deviation)) ** 2 + log_deviation).mean()
