"""The index in front: the same packets, the same times, another order of the file."""
import av
import numpy as np

from live.record.faststart import put_index_first
from live.record.take import Take


def packets(path):
    with av.open(str(path)) as movie:
        return [(packet.stream.index, bytes(packet), packet.pts * packet.time_base, packet.is_keyframe)
                for packet in movie.demux() if packet.dts is not None]


def test_nothing_changes_but_the_order(tmp_path):
    take = Take(tmp_path / 'a.mp4', 48000, (64, 48), 10)
    pixels = np.random.default_rng(0).integers(0, 255, (10, 48, 64, 4), np.uint8)
    for number in range(10):
        take.write_sound(np.full((4800, 2), .1, np.float32))
        take.write_picture(pixels[number], 4800 * number)
    take.close()
    put_index_first(tmp_path / 'a.mp4', tmp_path / 'b.mp4')
    data = (tmp_path / 'b.mp4').read_bytes()
    assert 0 < data.index(b'moov') < data.index(b'mdat')
    before, after = (sorted(packets(tmp_path / name), key=lambda packet: packet[::2]) for name in ('a.mp4', 'b.mp4'))
    assert before == after and len(before) > 50
