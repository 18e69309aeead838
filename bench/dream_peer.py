r"""Dream with the `streamdiffusion` package on a model of ours, picture to picture in one step: for `bench/dream.py`.

    python3 -m venv .venv-streamdiffusion
    .venv-streamdiffusion/bin/pip install streamdiffusion torchvision \
        transformers==4.46.3 accelerate==0.30.1 'huggingface_hub<0.26' 'numpy<2'
    .venv-streamdiffusion/bin/python bench/dream_peer.py FOLDER PIXELS DTYPE

FOLDER: a model in diffusers' format. Says `ready` once it has dreamt, and then, for every line it reads, dreams and
says so. The package is taken as its own img2img example does for Turbo models: TAESD, one step, no guidance, its
`similar image` filter off. Without CUDA its `__call__` fails, because it takes its time with CUDA's events; its steps
are then called as it calls them, without the events.
"""
import sys

WARM_FRAMES = {'cuda': 20, 'cpu': 1}


def main() -> None:
    dream = make_dream(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    print('ready', flush=True)
    for _ in sys.stdin:
        dream()
        print('done', flush=True)


def make_dream(folder: str, pixels: int, format_: str):
    """Return a function that makes one picture, warmed up."""
    import torch
    from diffusers import StableDiffusionPipeline
    from streamdiffusion import StreamDiffusion
    from streamdiffusion.image_utils import postprocess_image
    from transformers import CLIPTokenizerFast
    device, dtype = 'cuda' if torch.cuda.is_available() else 'cpu', getattr(torch, format_)
    pipeline = StableDiffusionPipeline.from_pretrained(folder, tokenizer=None, safety_checker=None,
                                                       requires_safety_checker=False)
    pipeline.tokenizer = CLIPTokenizerFast.from_pretrained(f'{folder}/tokenizer')   # the slow one wants older files
    stream = StreamDiffusion(pipeline.to(device, dtype), t_index_list=[25], torch_dtype=dtype, width=pixels,
                             height=pixels, cfg_type='none')
    stream.prepare('', num_inference_steps=50, guidance_scale=0.0)
    picture = torch.rand((1, 3, pixels, pixels), device=device, dtype=dtype)

    def dream():
        made = stream(picture) if device == 'cuda' else call_steps(stream, picture)
        postprocess_image(made, output_type='np')

    for _ in range(WARM_FRAMES[device]):
        dream()
    return dream


def call_steps(stream, picture):
    """Do what StreamDiffusion.__call__ does between its events."""
    import torch
    with torch.no_grad():
        picture = stream.image_processor.preprocess(picture, stream.height, stream.width)
        latent = stream.encode_image(picture.to(device=stream.device, dtype=stream.dtype))
        return stream.decode_image(stream.predict_x0_batch(latent)).detach().clone()


if __name__ == '__main__':
    main()
