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
import warnings
from json import dumps

from athena_harness import names, scopes, structure, values

_LONGEST_MESSAGE = 2000
_MOST_WARNINGS = 200
_SILENCE = re.compile(r"#\s*athena:\s*allow\b(.*)", re.DOTALL)
_DECLARED_ENCODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", re.ASCII)
# Characters that change the order in which an editor shows others (Boucher and Anderson, "Trojan Source", 2021), and
# those that are shown as nothing.
_ODD_CHARACTERS = re.compile("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u2060\ufeff\u061c]")


def to_json(code):
    """The facts about a module's source as UTF-8 JSON. Never raises for what the source is."""
    return as_json(collect(code))


def as_json(report):
    """Facts as UTF-8 JSON."""
    return dumps(report, ensure_ascii=False, separators=(",", ":"), check_circular=False).encode(
        "utf-8", "backslashreplace"
    )


def collect(code):
    """The facts as a dict; see the keys below. With `error` there is nothing else but what needs no tree."""
    places = Places(code)
    report = {"python": sys.version.split()[0], "lines": places.count, "odd_characters": _odd_characters(code)}
    declared = _declared_encoding(places)
    if declared:
        report["encoding"] = declared
    tree, compiled, complaints = None, None, []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            tree = ast.parse(code, "procedure.py")
            compiled = compile(tree, "procedure.py", "exec", dont_inherit=True)
        except SyntaxError as error:
            report["error"] = _syntax_error(error, places)
        except (RecursionError, MemoryError) as error:
            # The parser says so for source that is nested too deep, long before memory is used up.
            report["error"] = {"kind": "depth", "message": str(error) or "too complex to parse", "at": [0, 0, 0, 0]}
        except (ValueError, OverflowError) as error:
            report["error"] = {"kind": "value", "message": _text(str(error)), "at": [0, 0, 0, 0]}
        complaints = caught[:_MOST_WARNINGS]
    if tree is None:
        return report
    report["warnings"] = [
        [_text(str(each.message)), places.whole_line(each.lineno or 0)] for each in complaints if each.filename
    ]
    walk = scopes.Walk(tree, places)
    report.update(names.Names(walk, places).report())
    if compiled is not None:
        report.update(structure.report(walk, tree, compiled))
    report["silences"], report["renamed"] = _from_tokens(code, places)
    return report


class Places:
    """Turns the parser's positions, which count bytes, into characters."""

    def __init__(self, code):
        self._lines = None if code.isascii() else code.encode("utf-8", "surrogatepass").splitlines()
        self.source_lines = code.encode("utf-8", "surrogatepass").splitlines() if self._lines is None else self._lines
        self.count = len(self.source_lines)

    def of(self, node):
        """The place of a node."""
        if self._lines is None:
            return [node.lineno, node.col_offset + 1, node.end_lineno, node.end_col_offset + 1]
        end_line = node.end_lineno or node.lineno
        return [
            node.lineno,
            self.column(node.lineno, node.col_offset),
            end_line,
            self.column(end_line, node.end_col_offset or node.col_offset),
        ]

    def column(self, line, offset):
        """The column of a byte."""
        if self._lines is None or not 0 < line <= self.count:
            return offset + 1
        return len(self._lines[line - 1][:offset].decode("utf-8", "replace")) + 1

    def whole_line(self, line):
        """The place of a line without its indentation."""
        if not 0 < line <= self.count:
            return [0, 0, 0, 0]
        text = self.source_lines[line - 1].decode("utf-8", "replace")
        stripped = text.strip()
        start = len(text) - len(text.lstrip()) + 1
        return [line, start, line, start + len(stripped)]


def _syntax_error(error, places):
    line = error.lineno if isinstance(error.lineno, int) and error.lineno > 0 else 0
    column = error.offset if isinstance(error.offset, int) and error.offset > 0 else 0
    end_line = error.end_lineno if isinstance(error.end_lineno, int) and error.end_lineno >= line else line
    end_column = error.end_offset if isinstance(error.end_offset, int) and error.end_offset > 0 else 0
    # Errors at the end of the file may be told to be one line after it.
    if line > places.count:
        line, column, end_line, end_column = max(places.count, 1), 0, max(places.count, 1), 0
    if end_line == line and end_column <= column:
        end_column = column + 1 if column else 0
    return {
        "kind": type(error).__name__,
        "message": _text(error.msg or "invalid syntax"),
        "at": [line, column, end_line, end_column],
    }


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


def _declared_encoding(places):
    for number in range(min(2, places.count)):
        line = places.source_lines[number].decode("utf-8", "replace")
        match = _DECLARED_ENCODING.match(line)
        if match:
            return [match.group(1), places.whole_line(number + 1)]
        if line.strip() and not line.lstrip().startswith("#"):
            break
    return None


def _from_tokens(code, places):
    """Comments that silence a rule, and names that Python reads as others (PEP 3131: NFKC)."""
    silences, renamed = [], []
    wants_silences, wants_names = "athena:" in code, not code.isascii()
    if not wants_silences and not wants_names:
        return silences, renamed
    try:
        standing_alone = True
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            kind, text, (line, column), (end_line, end_column), _ = token
            if kind == tokenize.COMMENT and wants_silences:
                match = _SILENCE.match(text)
                if match:
                    at = [line, column + 1, end_line, end_column + 1]
                    silences.append([_text(match.group(1).strip()), at, standing_alone])
            elif kind == tokenize.NAME and wants_names and not text.isascii():
                read = unicodedata.normalize("NFKC", text)
                if read != text and len(renamed) < 100:
                    renamed.append([_text(text), _text(read), [line, column + 1, end_line, end_column + 1]])
            if kind in (tokenize.NEWLINE, tokenize.NL):
                standing_alone = True
            elif kind not in (tokenize.INDENT, tokenize.DEDENT):
                standing_alone = False
    except (tokenize.TokenError, SyntaxError):
        pass  # The parser took it and this tokenizer does not (form feeds, continuation at the end): no more to be had.
    return silences, renamed


def _text(text):
    return values.clean_text(text)[:_LONGEST_MESSAGE]
