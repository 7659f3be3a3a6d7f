"""CPython's own word on source: prints one JSON object a line, {"name", "source", "parses"}.

    oracle.py files MOST FOLDER...     every Python file below the folders, or at most so many, evenly spread
    oracle.py mutants COUNT FOLDER...  files of the folders with something changed at random, always the same
"""

import io
import json
import os
import random
import sys
import tokenize
import warnings

SEED = 20260101
LARGEST = 1 << 20
FRAGMENTS = (
    "( ) [ ] { } : , ; = == := -> ** * / @ . ... ~ | & ^ << != < \\ ' \" ''' \"\"\" # \n \t ; "
    "if else elif for while def class return yield await async lambda import from as in is not and or try except "
    "finally raise with pass break continue global nonlocal del assert match case _ type None True self x 0 0777 0x 1_ "
    "1e5 1j f'{x}' f'{x!r:>{y}}' rb'a' print exec \u00e9 \u2028 \ufb01 \x0c $ ? !"
).split(" ")


def parses(source, name):
    """True if CPython compiles it."""
    try:
        compile(source, name, "exec", dont_inherit=True)
        return True
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return False


def files(folders):
    for folder in folders:
        for directory, subfolders, names in os.walk(folder):
            subfolders.sort()
            for name in sorted(names):
                if name.endswith(".py"):
                    yield os.path.join(directory, name)


def spread(paths, most):
    paths = list(paths)
    if most <= 0 or most >= len(paths):
        return paths
    return [paths[number * len(paths) // most] for number in range(most)]


def text_of(data):
    """The text that Python reads, or None if it reads none."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return None


def tell(name, source, verdict):
    print(json.dumps({"name": name, "source": source, "parses": verdict}))


def tell_files(most, folders):
    for path in spread(files(folders), most):
        with open(path, "rb") as file:
            data = file.read()
        if len(data) <= LARGEST:
            tell(path, text_of(data), parses(data, path))


def mutant(source, chance):
    """The source with one to three things changed: removed, doubled, moved, swapped, or put in."""
    for _ in range(chance.randint(1, 3)):
        lines = source.split("\n")
        kind = chance.randrange(7)
        at = chance.randrange(len(source) + 1)
        length = chance.randint(1, 12)
        if kind == 0:
            source = source[:at] + source[at + length :]
        elif kind == 1:
            source = source[:at] + chance.choice(FRAGMENTS) + source[at:]
        elif kind == 2:
            source = source[:at] + " " + chance.choice(FRAGMENTS) + " " + source[at + length :]
        elif kind == 3:
            del lines[chance.randrange(len(lines))]
            source = "\n".join(lines)
        elif kind == 4:
            line = chance.randrange(len(lines))
            lines[line] = chance.choice(("  ", "\t", "    ")) + lines[line]
            source = "\n".join(lines)
        elif kind == 5:
            first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
            lines[first], lines[second] = lines[second], lines[first]
            source = "\n".join(lines)
        else:
            source = source[:at] + source[max(0, at - length) : at] + source[at:]
    return source


def tell_mutants(count, folders):
    chance = random.Random(SEED)
    sources = []
    for path in files(folders):
        with open(path, "rb") as file:
            data = file.read()
        text = text_of(data)
        if text and 200 < len(data) < 20000 and parses(text, path):
            sources.append((path, text))
    for number in range(count):
        path, text = chance.choice(sources)
        source = mutant(text, chance)
        tell(f"{path} ({number})", source, parses(source, "mutant"))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    what, number, *where = sys.argv[1:]
    (tell_files if what == "files" else tell_mutants)(int(number), where)
