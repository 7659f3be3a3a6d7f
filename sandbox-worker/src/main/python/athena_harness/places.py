"""Where things stand in source, in lines and characters."""

from __future__ import annotations


# How often the characters before a byte of a long line are counted once and for all.
_BLOCK = 1024
# Bytes of UTF-8 that begin no character.
_CONTINUATIONS = bytes(range(0x80, 0xC0))


class Places:
    """Turns the parser's positions, which count bytes, into characters."""

    def __init__(self, code):
        self._code = code
        self._split = None
        self._is_ascii = code.isascii()
        if self._is_ascii:
            self.of = _place_in_ascii
        # All but Python's own ends of lines are rare.
        self.count = len(self.source_lines()) if "\r" in code else code.count("\n") + (code[-1:] not in ("\n", ""))
        # Of each long line that was asked for, the characters before each block of bytes.
        self._counted = {}

    def source_lines(self):
        """The lines in UTF-8."""
        if self._split is None:
            self._split = self._code.encode("utf-8", "surrogatepass").splitlines()
        return self._split

    def of(self, node):
        """The place of a node."""
        end_line = node.end_lineno or node.lineno
        return [
            node.lineno,
            self.column(node.lineno, node.col_offset),
            end_line,
            self.column(end_line, node.end_col_offset or node.col_offset),
        ]

    def column(self, line, offset):
        """The column of a byte."""
        if self._is_ascii or not 0 < line <= self.count:
            return offset + 1
        text = self.source_lines()[line - 1]
        if offset < _BLOCK:
            return _characters(text[:offset]) + 1
        counted = self._counted.get(line)
        if counted is None:
            counted = self._counted[line] = [0]
            for start in range(0, len(text), _BLOCK):
                counted.append(counted[-1] + _characters(text[start : start + _BLOCK]))
        block = min(offset, len(text)) // _BLOCK
        return counted[block] + _characters(text[block * _BLOCK : offset]) + 1

    def whole_line(self, line):
        """The place of a line without its indentation."""
        if not 0 < line <= self.count:
            return [0, 0, 0, 0]
        text = self.source_lines()[line - 1].decode("utf-8", "replace")
        stripped = text.strip()
        start = len(text) - len(text.lstrip()) + 1
        return [line, start, line, start + len(stripped)]


def _place_in_ascii(node):
    return [node.lineno, node.col_offset + 1, node.end_lineno, node.end_col_offset + 1]


def _characters(text):
    return len(text.translate(None, _CONTINUATIONS))
