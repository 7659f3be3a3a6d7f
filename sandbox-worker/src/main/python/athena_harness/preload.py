"""Modules that programs use most. Imported once here, they cost a program nothing."""

from __future__ import annotations

import builtins
import importlib
import os
import sys

_COMMON = """
abc argparse array ast asyncio atexit base64 binascii bisect calendar cmath collections collections.abc
concurrent.futures concurrent.futures.thread contextlib copy csv ctypes dataclasses datetime decimal difflib enum errno
fnmatch fractions functools glob gzip hashlib heapq hmac html html.parser inspect io itertools json keyword linecache
locale logging math mimetypes numbers operator os pathlib pickle pprint queue random re secrets shutil signal socket
statistics string struct subprocess sys tempfile textwrap threading time timeit tokenize traceback types typing
unicodedata unittest urllib.parse uuid warnings weakref xml.etree.ElementTree zipfile zlib zoneinfo
""".split()


def import_common_modules():
    """Imports them, and adds the names that the site module, which is left out for speed, would have added."""
    # Of no use without a network, and large: asyncio does without it. A program that imports it gets it all the same.
    sys.modules["ssl"] = None
    for name in _COMMON:
        try:
            importlib.import_module(name)
        except ImportError:
            pass  # A trimmed Python: the program gets the same ImportError if it asks for the module.
    del sys.modules["ssl"]
    quitter = importlib.import_module("_sitebuiltins").Quitter
    builtins.quit = quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.exit = quitter("exit", "Ctrl-D (i.e. EOF)")


def import_chosen_modules(names):
    """Imports those of a named environment, and lets its programs import all that is installed beside them."""
    if not names:
        return
    # Threads of a numerical library would not survive the forks; and a program's share of CPU time is one for all it starts.
    for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    folders = importlib.import_module("site").getsitepackages()
    sys.path.extend(each for each in folders if os.path.isdir(each) and each not in sys.path)
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            sys.exit(f"the module '{name}' of this environment cannot be imported: {error}")
