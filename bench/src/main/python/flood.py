"""Writes COUNT blocks of 64 KiB to standard output; each begins with its number, so that none can be lost or mixed up.

Without an argument it is the code of a procedure, which takes the count as its parameter.
"""

import sys

BLOCK = 64 * 1024


def flood(count: int) -> None:
    out = sys.stdout.buffer
    rest = bytes(range(256)) * (BLOCK // 256)
    for number in range(count):
        out.write(b"%016d" % number + rest[16:])
    out.flush()


if __name__ == "__main__":
    flood(int(sys.argv[1]))
