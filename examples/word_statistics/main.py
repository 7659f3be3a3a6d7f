"""Word statistics of a text, section by section."""

import re
from collections import Counter
from pathlib import Path

_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*$")
_FENCE = re.compile(r"\s*(```|~~~)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_WORDS_PER_MINUTE = 220


def word_statistics(path: str, top: int = 10, shortest: int = 4) -> dict:
    """Counts the words of a Markdown or plain text file.

    Args:
        path: The file, in the workspace.
        top: How many of the most frequent words to tell.
        shortest: Words with fewer letters are left out of the most frequent ones.

    Returns:
        Totals, the words of each section, and the most frequent and longest words. Blocks of code are not counted.

    Raises:
        ValueError: If the file holds no words.
    """
    sections: list = []
    frequencies: Counter = Counter()
    for title, words in _sections(Path(path).read_text(encoding="utf-8")):
        frequencies.update(word.lower() for word in words)
        sections.append({"title": title, "words": len(words)})
        print(f"{len(words):6}  {title}", flush=True)
    total = sum(frequencies.values())
    if total == 0:
        raise ValueError(f"{path} holds no words")
    frequent = Counter({word: count for word, count in frequencies.items() if len(word) >= shortest})
    print(f"{total:6}  words, {len(frequencies)} of them different")
    for word, count in frequent.most_common(top):
        print(f"{count:6}  {word}")
    return {
        "words": total,
        "distinct_words": len(frequencies),
        "sections": sections,
        "most_frequent": dict(frequent.most_common(top)),
        "longest_word": max(frequencies, key=lambda word: (len(word), word)),
        "reading_minutes": round(total / _WORDS_PER_MINUTE, 1),
    }


def _sections(text: str):
    """Yields the title and the words of each section that has any."""
    title, words, in_code = "(before the first heading)", [], False
    for line in text.splitlines():
        if _FENCE.match(line):
            in_code = not in_code
            continue
        if in_code:
            continue
        heading = _HEADING.match(line)
        if heading:
            if words:
                yield title, words
            title, words = heading.group(1), []
        else:
            words.extend(_WORD.findall(line))
    if words:
        yield title, words
