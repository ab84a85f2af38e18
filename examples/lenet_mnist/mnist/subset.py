"""Cuts the subset of MNIST in this folder from the four original files: the first 4000 images to train with and the
first 1000 to test with, and their labels.

    python subset.py DIR_OF_THE_ORIGINAL_FILES
"""

import gzip
import pathlib
import struct
import sys

COUNTS = {"train": 4000, "t10k": 1000}
KINDS = {"images-idx3-ubyte": (16, 28 * 28), "labels-idx1-ubyte": (8, 1)}

source, target = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
for part, count in COUNTS.items():
    for kind, (header, size) in KINDS.items():
        name = f"{part}-{kind}.gz"
        data = gzip.decompress((source / name).read_bytes())
        data = data[:4] + struct.pack(">i", count) + data[8 : header + count * size]
        (target / name).write_bytes(gzip.compress(data, 9, mtime=0))
