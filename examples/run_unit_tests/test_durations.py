"""Tests of durations. One of them fails, and it is right: nothing spells zero."""

import unittest

import durations


class ParsingTest(unittest.TestCase):
    def test_reads_one_unit(self):
        self.assertEqual(durations.parse("45s"), 45)

    def test_reads_several_units(self):
        self.assertEqual(durations.parse("1h30m"), 5_400)

    def test_refuses_what_is_no_duration(self):
        for text in ("", "1", "h", "1x", "1h 30m"):
            with self.subTest(text), self.assertRaises(ValueError):
                durations.parse(text)


class SpellingTest(unittest.TestCase):
    def test_leaves_out_what_is_nothing(self):
        self.assertEqual(durations.spell(86_460), "1d1m")

    def test_gives_back_what_was_read(self):
        for text in ("2d", "1h30m", "59s"):
            self.assertEqual(durations.spell(durations.parse(text)), text)

    def test_spells_zero(self):
        self.assertEqual(durations.spell(0), "0s")
