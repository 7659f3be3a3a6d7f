package io.athena.procedures.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.athena.procedures.db.AnsweredRequests;
import io.athena.procedures.db.TestDatabase;
import io.athena.procedures.error.AbortedException;
import io.athena.procedures.error.AlreadyExistsException;
import io.athena.procedures.error.InvalidArgumentException;
import io.athena.procedures.error.NotFoundException;
import io.athena.procedures.error.ServiceException;
import io.athena.procedures.procedure.Procedures;
import io.athena.procedures.procedure.TestProcedures;
import io.athena.procedures.v1.CodeVersion;
import io.athena.procedures.v1.GetProcedureVersionRequest;
import io.athena.procedures.v1.RollbackProcedureCodeRequest;
import io.athena.procedures.v1.RollbackProcedureCodeResponse;
import io.athena.procedures.v1.SaveProcedureCodeRequest;
import io.athena.procedures.v1.TagProcedureVersionRequest;
import io.athena.procedures.v1.TagProcedureVersionResponse;
import io.athena.procedures.v1.UntagProcedureVersionRequest;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Versions by their names, and what is said of names that are none. */
class VersionNamesTest {
  @RegisterExtension static final TestDatabase database = TestDatabase.create();

  private final AnsweredRequests answeredRequests =
      new AnsweredRequests(database.jdbi(), Clock.systemUTC());
  private final Procedures procedures = TestProcedures.on(database);
  private final CodeVersions codeVersions = TestCodeVersions.on(database);
  private final VersionTags tags = new VersionTags(answeredRequests);

  @Test
  void aVersionIsFoundByNumberTagAndHash() {
    long id = remember("found");
    CodeVersion first = save(id, "a");
    save(id, "b");
    tag(id, "v1", "1.2.0", false);

    for (String name :
        List.of(
            "1",
            "v1",
            "1.2.0",
            first.getCommitId(),
            first.getCommitId().substring(0, 7),
            first.getCommitId().substring(0, 13).toUpperCase(Locale.ROOT))) {
      assertThat(get(id, name).getVersion()).describedAs(name).isEqualTo(1);
    }
    assertThat(get(id, "1.2.0").getTagsList()).containsExactly("1.2.0");
    assertMissing(
        id,
        first.getCommitId().substring(0, 6),
        "it has v1 to v2, and of a commit's hash 7 or more digits are needed");
    assertMissing(id, first.getCommitId() + "0", "it has v1 to v2");
    assertMissing(id, "0000000", "it has v1 to v2");
    assertMissing(id, "refs/heads/procedures/" + id, "it has v1 to v2");
    assertMissing(id, "a\0b", "it has v1 to v2");
  }

  @Test
  void anAbbreviationWithoutLettersIsStillAHash() {
    long id = remember("digits");
    save(id, "a");
    setCommit(id, 1, "1234567" + "b".repeat(33));

    assertThat(get(id, "1234567").getVersion()).isEqualTo(1);
    assertThat(new Codes(database.jdbi()).resolve(id, "1234567").version()).isEqualTo(1);
    assertMissing(id, "1234568", "it has v1 only");
    assertThatThrownBy(() -> new Codes(database.jdbi()).resolve(id, "1234568"))
        .hasMessageContaining("it has v1 only");
  }

  @Test
  void anAmbiguousAbbreviationIsToldWithWhatItFits() {
    long id = remember("ambiguous");
    save(id, "a");
    save(id, "b");
    setCommit(id, 1, "abcdef0" + "1".repeat(33));
    setCommit(id, 2, "abcdef0" + "2".repeat(33));

    assertThatThrownBy(() -> get(id, "abcdef0"))
        .isInstanceOfSatisfying(
            InvalidArgumentException.class,
            e -> assertThat(e.reason()).isEqualTo("VERSION_AMBIGUOUS"))
        .hasMessageContaining("(v1)")
        .hasMessageContaining("abcdef02")
        .hasMessageContaining("give more of its 40 digits");
    assertThat(get(id, "abcdef02").getVersion()).isEqualTo(2);
  }

  @Test
  void theHashOfAnotherProcedureIsNoVersion() {
    long id = remember("mine");
    long other = remember("another's");
    save(id, "a");
    String commit = save(other, "a").getCommitId();

    assertMissing(
        id,
        commit,
        "procedure %d has no version '%s', which is a commit of procedure %d; it has v1 only"
            .formatted(id, commit, other));
  }

  @Test
  void aNameBelongsToOneVersion() {
    long id = remember("tagged");
    save(id, "a");
    save(id, "b");

    TagProcedureVersionResponse first = tag(id, "v1", "stable", false);
    assertThat(first.getMovedFromVersion()).isZero();
    assertThat(tag(id, "v1", "stable", false)).isEqualTo(first);
    assertThatThrownBy(() -> tag(id, "v2", "stable", false))
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining("v1 of procedure " + id + " has the tag 'stable'");
    TagProcedureVersionResponse moved = tag(id, "", "stable", true);

    assertThat(moved.getMovedFromVersion()).isEqualTo(1);
    assertThat(moved.getVersion().getVersion()).isEqualTo(2);
    assertThat(get(id, "v1").getTagsList()).isEmpty();
    assertThat(untag(id, "stable").getTagsList()).isEmpty();
    assertThatThrownBy(() -> untag(id, "stable"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("no version of procedure " + id + " has the tag 'stable'");
    assertMissing(id, "stable", "it has v1 to v2");
  }

  /** On a file system that does not tell case apart, a clone could keep only one of both. */
  @Test
  void namesThatDifferOnlyInCapitalsAreNotBothGiven() {
    long id = remember("tagged alike");
    save(id, "a");
    tag(id, "v1", "stable", false);

    assertThatThrownBy(() -> tag(id, "v1", "Stable", true))
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessageContaining("has the tag 'stable', which differs from 'Stable' only in capitals");
    untag(id, "stable");
    assertThat(tag(id, "v1", "Stable", false).getVersion().getTagsList()).containsExactly("Stable");
  }

  @Test
  void namesThatAreNoneAreRefused() {
    long id = remember("badly tagged");
    save(id, "a");

    for (String bad :
        List.of(
            "",
            " ",
            "v1",
            "v99",
            "V3",
            "HEAD",
            "head",
            "17",
            "-x",
            ".x",
            "a b",
            "a/b",
            "a..b",
            "a.lock",
            "a.",
            "ä",
            "a\0",
            "a~1",
            "a^",
            "a:b",
            "a?",
            "a*",
            "a[",
            "a\\",
            "a@{b",
            "refs/heads/x",
            "../x",
            "deadbeef",
            "ABCDEF1234",
            "x".repeat(101))) {
      assertThatThrownBy(() -> tag(id, "v1", bad, true))
          .describedAs(bad)
          .isInstanceOf(InvalidArgumentException.class)
          .hasMessageContaining("tag: must");
      assertThatThrownBy(() -> untag(id, bad)).isInstanceOf(InvalidArgumentException.class);
    }
    assertThat(get(id, "").getTagsList()).isEmpty();
    for (String good : List.of("stable", "1.2.0", "v1.2", "v1a", "dead", "x".repeat(100))) {
      assertThat(tag(id, "", good, false).getVersion().getTagsList()).contains(good);
    }
  }

  @Test
  void aRollbackToWhatIsCurrentMakesNothing() {
    long id = remember("not rolled back");
    save(id, "a");
    save(id, "b");

    RollbackProcedureCodeResponse response = rollback(id, "v2", "");
    assertThat(response.getCreated()).isFalse();
    assertThat(response.getVersion().getVersion()).isEqualTo(2);
    assertThat(response.getEtag()).isEqualTo(procedures.get(id).getEtag());
    assertThatThrownBy(() -> rollback(id, "", "")).hasMessageContaining("target_version");
    assertThatThrownBy(() -> rollback(id, "v3", "")).hasMessageContaining("it has v1 to v2");
    assertThatThrownBy(() -> rollback(id, "v1", id + "-0"))
        .isInstanceOfSatisfying(
            AbortedException.class, e -> assertThat(e.reason()).isEqualTo("ETAG_MISMATCH"));
    assertThat(get(id, "").getVersion()).isEqualTo(2);
    long empty = remember("without code");
    assertThatThrownBy(() -> rollback(empty, "v1", "")).hasMessageContaining("has no code yet");
    assertThatThrownBy(() -> tag(empty, "", "stable", false))
        .hasMessageContaining("has no code yet");
  }

  private long remember(String name) {
    return TestProcedures.remember(procedures, "", name).getProcedureId();
  }

  private CodeVersion save(long id, String code) {
    return codeVersions
        .save(SaveProcedureCodeRequest.newBuilder().setProcedureId(id).setCode(code).build())
        .getVersion();
  }

  private CodeVersion get(long id, String version) {
    return codeVersions.get(
        GetProcedureVersionRequest.newBuilder().setProcedureId(id).setVersion(version).build());
  }

  private TagProcedureVersionResponse tag(long id, String version, String tag, boolean move) {
    return tags.tag(
        TagProcedureVersionRequest.newBuilder()
            .setProcedureId(id)
            .setVersion(version)
            .setTag(tag)
            .setMove(move)
            .build());
  }

  private CodeVersion untag(long id, String tag) {
    return tags.untag(
            UntagProcedureVersionRequest.newBuilder().setProcedureId(id).setTag(tag).build())
        .getVersion();
  }

  private RollbackProcedureCodeResponse rollback(long id, String target, String etag) {
    return codeVersions.rollback(
        RollbackProcedureCodeRequest.newBuilder()
            .setProcedureId(id)
            .setTargetVersion(target)
            .setEtag(etag)
            .build());
  }

  private void assertMissing(long id, String version, String message) {
    assertThatThrownBy(() -> get(id, version))
        .isInstanceOf(NotFoundException.class)
        .asInstanceOf(type(ServiceException.class))
        .satisfies(e -> assertThat(e.reason()).isEqualTo("VERSION_NOT_FOUND"))
        .satisfies(e -> assertThat(e).hasMessageContaining(message));
  }

  /** Hashes with a certain beginning cannot be had otherwise. */
  private static void setCommit(long id, int version, String commit) {
    database
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "update code_version set commit_id = ? where procedure_id = ? and version = ?",
                commit,
                id,
                version));
  }
}
