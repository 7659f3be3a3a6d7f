package io.athena.procedures.git.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.helidon.http.HttpException;
import io.helidon.http.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GitTargetTest {
  @Test
  void readingHasTwoAddresses() {
    assertThat(GitTarget.of(Method.GET, "/git/my-project.git/info/refs", "git-upload-pack"))
        .isEqualTo(new GitTarget("my-project", GitTarget.Service.ADVERTISEMENT));
    assertThat(GitTarget.of(Method.POST, "/git/my-project.git/git-upload-pack", ""))
        .isEqualTo(new GitTarget("my-project", GitTarget.Service.UPLOAD_PACK));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Pushing, by either step of it.
        "GET  | /git/a.git/info/refs        | git-receive-pack | 403 | SaveProcedureCode",
        "POST | /git/a.git/git-receive-pack |                  | 403 | SaveProcedureCode",
        // The protocol of old, which reads files.
        "GET  | /git/a.git/info/refs        |                  | 403 | smart HTTP",
        "GET  | /git/a.git/HEAD             |                  | 403 | smart HTTP",
        "GET  | /git/a.git/objects/info/packs |                | 403 | smart HTTP",
        "GET  | /git/a.git/objects/01/23    |                  | 403 | smart HTTP",
        "GET  | /git/a.git/info/refs        | git-upload-archive | 403 | 'git-upload-archive'",
        // Addresses of nothing.
        "GET  | /git                        |                  | 404 | /git/PROJECT.git",
        "GET  | /git/a                      |                  | 404 | there is no '/git/a'",
        "GET  | /git/a.git                  |                  | 404 | git clone",
        "GET  | /git/a.git/config           |                  | 404 | serves no 'config'",
        // Names that are none.
        "GET  | /git/.git/info/refs         | git-upload-pack  | 400 | '' is no name",
        "GET  | /git/...git/info/refs       | git-upload-pack  | 400 | '..' is no name",
        "GET  | /git/../../etc/passwd.git/info/refs | git-upload-pack | 400 | is no name",
        "GET  | /git/A.git/info/refs        | git-upload-pack  | 400 | 'A' is no name",
        "GET  | /git/a b.git/info/refs      | git-upload-pack  | 400 | 'a b' is no name",
        "GET  | /git/a/b.git/info/refs      | git-upload-pack  | 400 | 'a/b' is no name",
        "GET  | /git/a%00.git/info/refs     | git-upload-pack  | 400 | is no name",
        // Other methods.
        "POST | /git/a.git/info/refs        | git-upload-pack  | 405 | GET is",
        "GET  | /git/a.git/git-upload-pack  |                  | 405 | POST is",
        "PUT  | /git/a.git/git-upload-pack  |                  | 405 | PUT is not",
      })
  void anythingElseIsRefusedWithTheReason(
      String method, String path, String service, int status, String reason) {
    HttpException refusal =
        catchThrowableOfType(
            HttpException.class,
            () -> GitTarget.of(Method.create(method), path, service == null ? "" : service));
    assertThat(refusal).hasMessageContaining(reason);
    assertThat(refusal.status().code()).isEqualTo(status);
  }

  @Test
  void whatTheCallerWroteIsShownShortenedAndWithoutControlCharacters() {
    HttpException refusal =
        catchThrowableOfType(
            HttpException.class,
            () ->
                GitTarget.of(
                    Method.GET,
                    "/git/\u001b[31m" + "x".repeat(5_000) + ".git/info/refs",
                    "git-upload-pack"));
    assertThat(refusal.getMessage()).hasSizeLessThan(250).contains("'\ufffd[31mxxx").contains("…'");
  }
}
