"""Finds what depends on itself: names lead in circles, and in chains of any length.

A cell is whatever expressions put something into and others take it from: a variable, an attribute, the result of a
function, and what is in each of these as containers. It is (a method that looks at it, and what that needs to know).
"""

from __future__ import annotations

from collections import deque

from athena_harness import constants, modules

# Of steps from expression to expression; a step to another cell counts for several.
DEEPEST = 250
NEXT_CELL = 4
# Cells further away than that are looked at when those on the way to them have been.
_FARTHEST = 100
# More names than that stand for nothing that anybody could mean.
_MOST_FOUND = 64
# After so many looks at a cell, nothing new is taken that only makes a name longer which is in it: `x = x.next`.
_LOOKS_AT_GROWTH = 2
_NONE = frozenset()


class Cells:
    """The part of Origins that remembers what is in cells.

    Where cells depend on each other each is looked at again when what it was found to depend on has grown, until nothing
    grows: what is found does not depend on where it was begun.
    """

    def __init__(self):
        self.work = constants.Work()
        # True if there was more than is followed.
        self.truncated = False
        self._settled = {}
        # What is known so far of cells that depend on others which are not settled, and which have read it, in order.
        self._unsettled = {}
        self._readers = {}
        # Cells to look at (again), each once.
        self._queue = deque()
        self._queued = set()
        self._looks = {}
        # The cell that is being looked at, how far it is from where this began, and how far the first was.
        self._current = None
        self._start = 0
        self._floor = 0
        # How often an answer was left incomplete, because a cell is not settled or names lead too far.
        self._cuts = 0

    def _in_cell(self, cell, depth):
        found = self._settled.get(cell)
        if found is not None:
            return found
        found = self._unsettled.get(cell)
        if found is None:
            if not self.work.spend(1):
                self._cuts += 1
                return _NONE
            self._unsettled[cell] = found = _NONE
            self._readers[cell] = {}
            if depth <= _FARTHEST or self._current is None:
                return self._first_look(cell, depth)
            self._look_later((cell,))
        self._depend_on(cell)
        return found

    def _first_look(self, cell, depth):
        outer, start, cuts = self._current, self._start, self._cuts
        self._current, self._start = cell, depth
        if outer is None:
            self._floor = depth
        found = cell[0](self, cell, depth)
        self._current, self._start = outer, start
        if self._cuts == cuts:
            del self._unsettled[cell], self._readers[cell]
            self._settled[cell] = found
            return found
        self._grow(cell, found)
        if outer is not None:
            self._depend_on(cell)
            return self._unsettled[cell]
        self._settle()
        self._cuts = cuts
        return self._settled[cell]

    def _depend_on(self, cell):
        self._cuts += 1
        if self._current is not None:
            self._readers[cell][self._current] = True

    def _cut(self):
        """What is too far away is left out: true if the cell in hand is looked at again, from nearer."""
        self._cuts += 1
        if self._current is None or self._start <= self._floor or self.work.left <= 0:
            return False
        self._look_later((self._current,))
        return True

    def _look_later(self, wanted):
        for cell in wanted:
            if cell not in self._queued:
                self._queued.add(cell)
                self._queue.append(cell)

    def _settle(self):
        while self._queue and self.work.spend(1):
            cell = self._queue.popleft()
            self._queued.discard(cell)
            self._current, self._start = cell, self._floor
            self._grow(cell, cell[0](self, cell, self._floor))
        self._current = None
        self._settled.update(self._unsettled)
        for each in (self._unsettled, self._readers, self._looks, self._queue, self._queued):
            each.clear()

    def _grow(self, cell, found):
        before = self._unsettled[cell]
        new = found - before
        looks = self._looks[cell] = self._looks.get(cell, 0) + 1
        if looks > 1 and before:
            # In circles, calls and attributes make ever more names of what was known before.
            new = {each for each in new if "(" not in each}
            if looks > _LOOKS_AT_GROWTH:
                known = tuple(before)
                new = {each for each in new if not each.startswith(known) or modules.is_module(each)}
        if not new:
            return
        if len(before) >= _MOST_FOUND:
            known = tuple(before)
            self.truncated = self.truncated or not all(each.startswith(known) for each in new)
            return
        self._unsettled[cell] = before | new
        self._look_later(self._readers[cell])
