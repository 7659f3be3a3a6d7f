package io.athena.procedures.code;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.diff.DiffAlgorithm;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.diff.EditList;
import org.eclipse.jgit.diff.HistogramDiff;
import org.eclipse.jgit.diff.RawText;
import org.eclipse.jgit.diff.RawTextComparator;
import org.eclipse.jgit.diff.Subsequence;
import org.eclipse.jgit.diff.SubsequenceComparator;

/**
 * What {@code git diff --histogram} finds, in a bounded time whatever the lines are: that algorithm
 * may take time in proportion to the product of both lengths, and callers choose the lines.
 *
 * <p>Texts too long for that are first cut at lines that each of them has exactly once, the longest
 * run of them in the same order (B. Cohen's <i>patience diff</i>); what lies between two cuts and
 * still is too much is told as replaced.
 */
final class BoundedDiff {
  /** Product of lengths that takes some tenths of a second at worst. */
  private static final long MOST_PRODUCT = 10_000_000;

  private final RawText before;
  private final RawText after;
  private final DiffAlgorithm histogram;
  private final EditList edits = new EditList();
  private long left = MOST_PRODUCT;

  private BoundedDiff(RawText before, RawText after) {
    this.before = before;
    this.after = after;
    HistogramDiff algorithm = new HistogramDiff();
    // For regions in which every line is frequent; it takes the whole product.
    algorithm.setFallbackAlgorithm(null);
    this.histogram = algorithm;
  }

  static EditList of(RawText before, RawText after) {
    BoundedDiff diff = new BoundedDiff(before, after);
    Edit all = new Edit(0, before.size(), 0, after.size());
    Edit middle =
        all.isEmpty() ? all : RawTextComparator.DEFAULT.reduceCommonStartEnd(before, after, all);
    if (product(middle) <= MOST_PRODUCT) {
      // As a whole, for edits to slide along equal lines to where git puts them.
      return diff.histogram.diff(RawTextComparator.DEFAULT, before, after);
    }
    diff.cutAndCompare(middle);
    return diff.edits;
  }

  private void cutAndCompare(Edit region) {
    int beginA = region.getBeginA();
    int beginB = region.getBeginB();
    for (int[] common : longestIncreasing(uniqueCommon(region))) {
      compare(new Edit(beginA, common[0], beginB, common[1]));
      beginA = common[0] + 1;
      beginB = common[1] + 1;
    }
    compare(new Edit(beginA, region.getEndA(), beginB, region.getEndB()));
  }

  private void compare(Edit region) {
    if (region.isEmpty()) {
      return;
    }
    left -= product(region);
    if (left < 0 || region.getLengthA() == 0 || region.getLengthB() == 0) {
      add(region);
      return;
    }
    Subsequence<RawText> a = Subsequence.a(before, region);
    Subsequence<RawText> b = Subsequence.b(after, region);
    EditList found = histogram.diff(new SubsequenceComparator<>(RawTextComparator.DEFAULT), a, b);
    Subsequence.toBase(found, a, b);
    found.forEach(this::add);
  }

  /** Edits that touch each other are one. */
  private void add(Edit edit) {
    Edit last = edits.isEmpty() ? null : edits.getLast();
    if (last != null && last.getEndA() == edit.getBeginA() && last.getEndB() == edit.getBeginB()) {
      edits.set(
          edits.size() - 1,
          new Edit(last.getBeginA(), edit.getEndA(), last.getBeginB(), edit.getEndB()));
    } else {
      edits.add(edit);
    }
  }

  /** Pairs of line numbers, by the first, of lines that stand once in each text. */
  private List<int[]> uniqueCommon(Edit region) {
    Map<String, Integer> inA = positions(before, region.getBeginA(), region.getEndA());
    Map<String, Integer> inB = positions(after, region.getBeginB(), region.getEndB());
    List<int[]> pairs = new ArrayList<>();
    inA.forEach((line, a) -> {
      int b = inB.getOrDefault(line, -1);
      if (a >= 0 && b >= 0) {
        pairs.add(new int[] {a, b});
      }
    });
    pairs.sort((one, other) -> Integer.compare(one[0], other[0]));
    return pairs;
  }

  /** Where each line stands, -1 for those that stand several times. */
  private static Map<String, Integer> positions(RawText text, int begin, int end) {
    Map<String, Integer> positions = HashMap.newHashMap(end - begin);
    for (int line = begin; line < end; line++) {
      positions.merge(text.getString(line), line, (first, again) -> -1);
    }
    return positions;
  }

  /** The longest part whose second numbers increase, by patience sorting: O(n log n). */
  private static List<int[]> longestIncreasing(List<int[]> pairs) {
    int[] previous = new int[pairs.size()];
    int[] ends = new int[pairs.size()];
    int length = 0;
    for (int index = 0; index < pairs.size(); index++) {
      int low = 0;
      int high = length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (pairs.get(ends[middle])[1] < pairs.get(index)[1]) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      previous[index] = low == 0 ? -1 : ends[low - 1];
      ends[low] = index;
      length = Math.max(length, low + 1);
    }
    int[][] longest = new int[length][];
    int index = length == 0 ? -1 : ends[length - 1];
    for (int place = length - 1; place >= 0; place--) {
      longest[place] = pairs.get(index);
      index = previous[index];
    }
    return Arrays.asList(longest);
  }

  private static long product(Edit region) {
    return (long) region.getLengthA() * region.getLengthB();
  }
}
