"""What the tests of the studio's learning tools share."""
import pytest
import torch


@pytest.fixture
def one_thread():
    """Compute on one thread: small networks gain nothing from more, and the sums stay the same."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
