package io.athena.procedures.code;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.eclipse.jgit.diff.DiffFormatter;
import org.eclipse.jgit.diff.Edit;
import org.eclipse.jgit.diff.EditList;
import org.eclipse.jgit.diff.RawText;

/**
 * The difference between two pieces of code, line by line.
 *
 * @param text a unified diff of {@code main.py} from {@code ---} on; empty if they are equal
 */
record CodeDiff(String text, int added, int removed) {

  /**
   * Compares.
   *
   * @param hasFrom false if there is nothing to compare with, so that every line is new
   * @param context lines around each change
   */
  static CodeDiff of(boolean hasFrom, String from, String to, int context) {
    RawText before = new RawText(from.getBytes(StandardCharsets.UTF_8));
    RawText after = new RawText(to.getBytes(StandardCharsets.UTF_8));
    EditList edits = BoundedDiff.of(before, after);
    if (edits.isEmpty()) {
      return new CodeDiff("", 0, 0);
    }
    var text = new ByteArrayOutputStream();
    text.writeBytes(
        ((hasFrom ? "--- a/main.py\n" : "--- /dev/null\n") + "+++ b/main.py\n")
            .getBytes(StandardCharsets.UTF_8));
    try (DiffFormatter formatter = new DiffFormatter(text)) {
      formatter.setContext(context);
      formatter.format(edits, before, after);
    } catch (IOException e) {
      throw new UncheckedIOException("memory cannot be written", e);
    }
    return new CodeDiff(
        text.toString(StandardCharsets.UTF_8),
        edits.stream().mapToInt(Edit::getLengthB).sum(),
        edits.stream().mapToInt(Edit::getLengthA).sum());
  }
}
