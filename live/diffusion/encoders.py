"""What UNets want besides tokens, hidden where it cannot be lost: SDXL's second encoder, LCM's guidance.

SDXL's UNet takes the rows of two text encoders side by side, and besides them the second one's summary of the whole
text, the pooled embedding. Here that summary travels in the first row of the embedding: this row begins every text, is
the same for all of them, and no mapping of sound touches it. So whatever blends, turns and moves embeddings row by row
carries the summary with it and need not know that it is there. A hook on the UNet takes it out and puts the true first
row back; it runs inside a captured graph as well. Runs on the dream's thread.
"""
import math
from types import SimpleNamespace
from typing import Any

LCM_GUIDANCE = 8.5      # what diffusers' pipeline of latent consistency models takes


class TwoEncoders:
    """Two text encoders that answer as one; has what a PromptBook asks of an encoder.

    first: CLIPTextModel; second: CLIPTextModelWithProjection; their tokenizers differ in padding alone.
    """

    def __init__(self, first: Any, second: Any, tokenizer: Any, tokenizer_2: Any) -> None:
        self.first, self.second, self.tokenizer_2 = first, second, tokenizer_2
        self.pooled_width = second.config.projection_dim
        self._end, self._padding = tokenizer.eos_token_id, tokenizer_2.pad_token_id
        self.config = SimpleNamespace(
            hidden_size=first.config.hidden_size + second.config.hidden_size,
            max_position_embeddings=min(first.config.max_position_embeddings, second.config.max_position_embeddings))

    @property
    def device(self) -> Any:
        return self.first.device

    def __call__(self, ids: Any) -> tuple[Any]:
        """[dream] Return embeddings (n, rows, width) with the pooled one in the first row, zeros behind it."""
        import torch
        with torch.inference_mode():
            rows, pooled = self.read(ids)
            rows[:, 0] = torch.nn.functional.pad(pooled, (0, rows.shape[2] - self.pooled_width))
            return (rows,)

    def read(self, ids: Any) -> tuple[Any, Any]:
        """[dream] Return what diffusers gives the UNet: the last but one layers side by side, and the pooled one."""
        import torch
        first = self.first(ids, output_hidden_states=True)
        second = self.second(self._pad(ids), output_hidden_states=True)
        return torch.cat((first.hidden_states[-2], second.hidden_states[-2]), -1), second.text_embeds

    def _pad(self, ids: Any) -> Any:
        """Return the tokens as the second tokenizer pads: after the first end comes its own padding."""
        ends = (ids == self._end).cumsum(-1)
        return ids.masked_fill((ends > 1) | ((ends == 1) & (ids != self._end)), self._padding)


def hook_pooled(unet: Any, encoders: TwoEncoders, begin: int, tokens: int, size: int) -> None:
    """[dream] Let a UNet find the pooled embedding in the first row, and pictures called `size` pixels a side.

    begin: the token that begins every text; tokens: rows from one first row to the next, where several texts follow
    each other. SDXL was trained with the sizes of its pictures, small ones are blurred: so the size stays the model's
    own, whatever is dreamt.
    """
    import torch
    with torch.inference_mode():
        row = encoders.read(torch.tensor([[begin]], device=encoders.device))[0][0, 0]
    row = row.to(unet.dtype).clone()
    sizes = torch.tensor([[size, size, 0, 0, size, size]], dtype=unet.dtype, device=unet.device)

    def give(module, arguments, options):
        rows = options['encoder_hidden_states']
        pooled = rows[:, 0, :encoders.pooled_width]
        rows = rows.clone()
        rows[:, ::tokens] = row
        added = {'text_embeds': pooled, 'time_ids': sizes.expand(len(rows), -1)}
        return arguments, options | {'encoder_hidden_states': rows, 'added_cond_kwargs': added}
    unet.register_forward_pre_hook(give, with_kwargs=True)


def hook_guidance(unet: Any, guidance: float = LCM_GUIDANCE) -> None:
    """[dream] Tell a distilled UNet, at every call, the guidance that it has learnt to imitate."""
    import torch
    half = unet.config.time_cond_proj_dim // 2
    angles = 1000 * (guidance - 1) * torch.exp(torch.arange(half) * (-math.log(10000) / (half - 1)))
    moment = torch.cat((angles.sin(), angles.cos()))[None].to(device=unet.device, dtype=unet.dtype)
    unet.register_forward_pre_hook(
        lambda module, arguments, options: (arguments, options | {'timestep_cond': moment.to(module.dtype)}),
        with_kwargs=True)
