"""Time the `streamdiffusion` package on a model of ours: picture in, picture out, one step. Run by `bench/dream.py`.

    python bench/dream_peer.py FOLDER PIXELS FRAMES

FOLDER: a model in diffusers' format. Prints the seconds of each frame as a JSON list. The package wants CUDA; it is
taken as its own img2img example does for Turbo models: TAESD, one step, no guidance, its `similar image` filter off.
"""
import json
import sys
import time


def main() -> None:
    import torch
    from diffusers import StableDiffusionPipeline
    from streamdiffusion import StreamDiffusion
    from streamdiffusion.image_utils import postprocess_image
    folder, pixels, frames = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    pipeline = StableDiffusionPipeline.from_pretrained(folder, safety_checker=None, requires_safety_checker=False)
    stream = StreamDiffusion(pipeline.to('cuda', torch.float16), t_index_list=[25], torch_dtype=torch.float16,
                             width=pixels, height=pixels, cfg_type='none')
    stream.prepare('', num_inference_steps=50, guidance_scale=0.0)
    picture = torch.rand((1, 3, pixels, pixels), device='cuda', dtype=torch.float16)
    times = []
    for _ in range(frames + 20):
        begin = time.perf_counter()
        postprocess_image(stream(picture), output_type='np')
        times.append(time.perf_counter() - begin)
    print(json.dumps(times[20:]))


if __name__ == '__main__':
    main()
