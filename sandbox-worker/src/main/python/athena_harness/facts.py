"""What can be known of Python source without running it, as JSON. It reports and judges nothing.

Positions are [line, column, end line, end column], all from 1, columns in characters, the end exclusive. The parser and
the compiler are those that will run the code.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import unicodedata
from json import JSONEncoder

from athena_harness import names, places, structure, values, verdict, walk

_LONGEST_MESSAGE = 2000
_ENCODER = JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_SILENCE = re.compile(r"#\s*athena:\s*allow\b(.*)", re.DOTALL)
_DECLARED_ENCODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)
_BETWEEN_STATEMENTS = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
# Characters that change the order in which an editor shows others (Boucher and Anderson, "Trojan Source", 2021), and
# those that are shown as nothing.
_ODD_CHARACTERS = re.compile("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2060\ufeff\u061c]")


def to_json(code):
    """The facts about a module's source as UTF-8 JSON. Never raises for what the source is."""
    return as_json(collect(code))


def as_json(report):
    """Facts as UTF-8 JSON."""
    return _ENCODER.encode(report).encode("utf-8", "backslashreplace")


def collect(code, find_verdict=None, kept=None):
    """The facts as a dict; see the keys below. With `error` there is nothing else but what needs no tree.

    `find_verdict` gives what `verdict.of` would, if somebody else has been asked. To `kept` is added what only takes time
    to free: `forget` does it.
    """
    where = places.Places(code)
    report = {"python": sys.version.split()[0], "lines": where.count, "odd_characters": _odd_characters(code)}
    declared = _declared_encoding(code, where)
    if declared:
        report["encoding"] = declared
    # Before there is a tree: both take much memory for a while.
    found = verdict.of(code) if find_verdict is None else None
    tree, error = verdict.parse_error(ast.parse, code)
    if tree is not None:
        walked = walk.Walk(tree, where)
        named = names.Names(walked, where)
        report.update(named.report())
        if kept is not None:
            kept += (walked, named, tree)
    if find_verdict is not None:
        found = find_verdict()
    if tree is None:
        report["error"] = error
        return report
    report.update(found)
    if "error" not in found:
        report.update(structure.report(walked, tree))
    report["silences"], report["renamed"] = _from_tokens(code, where)
    return report


def forget(kept):
    """Frees what `collect` has kept, so that its memory is used again."""
    if kept:
        kept[0].forget()
        kept.clear()


def _odd_characters(code):
    if code.isascii():
        return []
    found, line, start = [], 1, 0
    for match in _ODD_CHARACTERS.finditer(code):
        line += code.count("\n", start, match.start())
        start = match.start()
        column = start - code.rfind("\n", 0, start)
        found.append([unicodedata.name(match.group(), hex(ord(match.group()))), [line, column, line, column + 1]])
        if len(found) == 100:
            break
    return found


def _declared_encoding(code, where):
    if "coding" not in code:
        return None
    for number in range(min(2, where.count)):
        line = where.source_lines()[number].decode("utf-8", "replace")
        match = _DECLARED_ENCODING.match(line)
        if match:
            return [match.group(1), where.whole_line(number + 1)]
        if line.strip() and not line.lstrip().startswith("#"):
            break
    return None


def _from_tokens(code, where):
    """Comments that silence a rule, and names that Python reads as others (PEP 3131: NFKC)."""
    silences, renamed = [], []
    wants_silences, wants_names = "athena:" in code, not code.isascii()
    if not wants_silences and not wants_names:
        return silences, renamed
    try:
        standing_alone, begin, last = True, 0, None
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            kind, text, (line, column), (end_line, end_column), _ = token
            if kind == tokenize.COMMENT and wants_silences:
                match = _SILENCE.match(text)
                if match:
                    at = [line, column + 1, end_line, end_column + 1]
                    silences.append([_text(match.group(1).strip()), at, standing_alone, line])
            elif kind == tokenize.NAME and wants_names and not text.isascii():
                read = unicodedata.normalize("NFKC", text)
                if read != text and len(renamed) < 100:
                    renamed.append([_text(text), _text(read), [line, column + 1, end_line, end_column + 1]])
            if kind == tokenize.NEWLINE:
                # A comment at the end of a statement of several lines is one on all of it.
                if last == tokenize.COMMENT and silences and silences[-1][1][0] == line:
                    silences[-1][3] = begin or line
                begin = 0
            elif not begin and kind not in _BETWEEN_STATEMENTS:
                begin = line
            if kind in (tokenize.NEWLINE, tokenize.NL):
                standing_alone = True
            elif kind not in (tokenize.INDENT, tokenize.DEDENT):
                standing_alone = False
            last = kind
    except (tokenize.TokenError, SyntaxError):
        pass  # The parser took it and this tokenizer does not (form feeds, continuation at the end): no more to be had.
    return silences, renamed


def _text(text):
    return values.clean_text(text)[:_LONGEST_MESSAGE]
