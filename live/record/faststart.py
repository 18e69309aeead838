"""A movie with its index in front, so that it plays while it is still coming, everywhere. Nothing is encoded again."""
from pathlib import Path

import av


def put_index_first(source: Path, out: Path) -> None:
    """Copy an .mp4 packet by packet, sound and pictures as they are."""
    with av.open(str(source)) as movie, av.open(str(out), 'w', options={'movflags': '+faststart'}) as made:
        streams = {stream.index: made.add_stream_from_template(stream) for stream in movie.streams}
        for packet in movie.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                made.mux(packet)
