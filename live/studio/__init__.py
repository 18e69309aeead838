"""The studio: offline tools on the same kernels and the same picture engine as the stage. `live studio --help`."""
