package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.DiffProcedureVersionsRequest;
import io.athena.procedures.v1.DiffProcedureVersionsResponse;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

class VersionDiffTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final Procedures procedures = TestProcedures.on(database);
  private final CodeVersions codeVersions = TestCodeVersions.on(database);

  @Test
  void aDiffShowsLinesWithContext() {
    long id = remember("compared");
    save(id, "a\nb\nc\nd\ne");
    save(id, "a\nb\nX\nd\ne\n");

    DiffProcedureVersionsResponse diff = diff(id, "", "", 1);
    assertThat(diff.getDiff())
        .isEqualTo(
            """
            --- a/main.py
            +++ b/main.py
            @@ -2,4 +2,4 @@
             b
            -c
            +X
             d
            -e
            \\ No newline at end of file
            +e
            """);
    assertThat(diff.getLinesAdded()).isEqualTo(2);
    assertThat(diff.getLinesRemoved()).isEqualTo(2);
    assertThat(diff.getFromVersion().getVersion()).isEqualTo(1);
    assertThat(diff.getToVersion().getCode()).isEmpty();
    assertThat(diff(id, "v2", "2", 3).getDiff()).isEmpty();
    assertThat(diff(id, "", "v1", 3).getDiff()).startsWith("--- /dev/null\n+++ b/main.py\n@@ -0,0");
    assertThat(diff(id, "", "v1", 3).hasFromVersion()).isFalse();
    for (int wrong : new int[] {-1, 101}) {
      assertThatThrownBy(() -> diff(id, "", "", wrong)).hasMessageContaining("context_lines");
    }
    assertThatThrownBy(() -> diff(id, "v7", "", 1)).isInstanceOf(NotFoundException.class);
  }

  @Test
  @Timeout(60)
  void aDiffOfTheLargestCodesEnds() {
    long id = remember("large");
    StringBuilder one = new StringBuilder();
    StringBuilder other = new StringBuilder();
    for (int line = 0; line < 262_144; line++) {
      one.append((line * 7919L) % 97).append('\n');
      other.append((line * 104_729L) % 89).append('\n');
    }
    one.setLength(Math.min(one.length(), 1 << 20));
    other.setLength(Math.min(other.length(), 1 << 20));
    save(id, one.toString());
    save(id, other.toString());

    DiffProcedureVersionsResponse diff = diff(id, "", "", 0);

    assertThat(diff.getLinesAdded()).isPositive();
    assertThat(diff.getDiff().length()).isLessThan(16 << 20);
  }

  /** Every second line is common: the algorithm of git looks at all that follows for each. */
  @Test
  @Timeout(60)
  void aLongDiffOfManySmallChangesIsFoundExactly() {
    long id = remember("alternating");
    StringBuilder one = new StringBuilder();
    StringBuilder other = new StringBuilder();
    for (int line = 0; line < 40_000; line++) {
      one.append("same").append(line).append("\nold").append(line).append('\n');
      other.append("same").append(line).append("\nnew").append(line).append('\n');
    }
    save(id, one.toString());
    save(id, other.toString());

    DiffProcedureVersionsResponse diff = diff(id, "", "", 0);

    assertThat(diff.getLinesAdded()).isEqualTo(40_000);
    assertThat(diff.getLinesRemoved()).isEqualTo(40_000);
  }

  @Test
  @Timeout(60)
  void aDiffOfTheSameLinesInAnotherOrderEnds() {
    long id = remember("reordered");
    StringBuilder one = new StringBuilder();
    StringBuilder other = new StringBuilder();
    for (int line = 0; line < 120_000; line++) {
      one.append('#').append(line).append('\n');
      other.append('#').append(line * 7L % 120_001).append('\n');
    }
    save(id, one.toString());
    save(id, other.toString());

    DiffProcedureVersionsResponse diff = diff(id, "", "", 0);

    // No line is kept that is not in its place, and what is taken away comes again elsewhere.
    assertThat(diff.getLinesAdded()).isEqualTo(diff.getLinesRemoved()).isLessThan(120_000);
  }

  private long remember(String name) {
    return TestProcedures.remember(procedures, "", name).getProcedureId();
  }

  private void save(long id, String code) {
    codeVersions.save(
        SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code).build());
  }

  private DiffProcedureVersionsResponse diff(long id, String from, String to, int context) {
    return codeVersions.diff(
        DiffProcedureVersionsRequest.newBuilder()
            .setProcedureId(id)
            .setFromVersion(from)
            .setToVersion(to)
            .setContextLines(context)
            .build());
  }
}
