package io.athena.procedures.git.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request asks for.
 *
 * @param project whose repository it is
 * @param service the part of the protocol
 */
record GitTarget(String project, Service service) {
  /** The parts of the protocol that reading needs. */
  enum Service {
    /** Which refs there are, or, in version 2, what the server can do. */
    ADVERTISEMENT,
    /** Everything else. */
    UPLOAD_PACK
  }

  private static final Pattern PATH = Pattern.compile("/git/(.*?)\\.git(?:/(.*))?");
  private static final Pattern PROJECT = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final Pattern DUMB =
      Pattern.compile("HEAD|info/.*|objects/.*|refs/.*|packed-refs");
  private static final int MOST_SHOWN = 100;

  /**
   * Understands a request line.
   *
   * @param path decoded, without dot segments
   * @param serviceParameter value of the query's {@code service}, empty if there is none
   * @throws HttpException with the status and message to answer with, if it asks for nothing that
   *     is there
   */
  static GitTarget of(Method method, String path, String serviceParameter) {
    Matcher matcher = PATH.matcher(path);
    if (!matcher.matches()) {
      throw new NotFoundException(
          "there is no '%s'; repositories are at /git/PROJECT.git".formatted(shown(path)));
    }
    String project = matcher.group(1);
    if (!PROJECT.matcher(project).matches()) {
      throw new HttpException(
          "'%s' is no name of a project: 1 to 63 of a-z, 0-9 and '-', beginning with a letter"
              .formatted(shown(project)),
          Status.BAD_REQUEST_400);
    }
    String rest = matcher.group(2) == null ? "" : matcher.group(2);
    return switch (rest) {
      case "info/refs" -> advertisement(method, project, serviceParameter);
      case "git-upload-pack" -> {
        require(method, Method.POST);
        yield new GitTarget(project, Service.UPLOAD_PACK);
      }
      case "git-receive-pack" -> throw pushRefused();
      case "" ->
          throw new NotFoundException(
              "this is the address of a repository, for git: git clone URL-OF-THIS-SERVER"
                  + shown(path));
      default -> throw DUMB.matcher(rest).matches() ? dumb() : unknown(project, rest);
    };
  }

  private static GitTarget advertisement(Method method, String project, String service) {
    require(method, Method.GET);
    return switch (service) {
      case "git-upload-pack" -> new GitTarget(project, Service.ADVERTISEMENT);
      case "git-receive-pack" -> throw pushRefused();
      case "" -> throw dumb();
      default ->
          throw new HttpException(
              "git has no service '%s' for reading; it is git-upload-pack"
                  .formatted(shown(service)),
              Status.FORBIDDEN_403);
    };
  }

  private static HttpException pushRefused() {
    return new HttpException(
        "push is refused: this repository is a record of what was saved, for reading only. To add a"
            + " version of a procedure's code, call SaveProcedureCode (athena save NAME FILE).",
        Status.FORBIDDEN_403);
  }

  private static HttpException dumb() {
    return new HttpException(
        "only git's smart HTTP protocol is spoken here: use git 1.6.6 or newer, and leave"
            + " GIT_SMART_HTTP alone",
        Status.FORBIDDEN_403);
  }

  private static HttpException unknown(String project, String rest) {
    return new NotFoundException(
        "the repository %s.git serves no '%s'; it has info/refs and git-upload-pack"
            .formatted(project, shown(rest)));
  }

  private static void require(Method method, Method allowed) {
    if (!method.equals(allowed)) {
      throw new HttpException(
              "%s is not for this address; %s is".formatted(shown(method.text()), allowed.text()),
              Status.METHOD_NOT_ALLOWED_405)
          .header(HeaderValues.create(HeaderNames.ALLOW, allowed.text()));
    }
  }

  /** What the caller wrote, fit for a line of an answer. */
  private static String shown(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(MOST_SHOWN)
        .map(c -> Character.isISOControl(c) ? 0xFFFD : c)
        .forEach(shown::appendCodePoint);
    return shown.length() < text.length() ? shown + "…" : shown.toString();
  }
}
