"""Where things stand in source, in lines and characters."""

from __future__ import annotations


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
