#!/usr/bin/env python3
"""simplechain beside its peers: same data, same work, in turn. See README.md, or `run.py --help`."""
import sys

sys.dont_write_bytecode = True

from session import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main.main())
