package io.athena.procedures.code;

import io.athena.procedures.git.Git;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a plain git repository on disk makes of the same operations. */
final class PlainGit {
  private final List<History> histories = new ArrayList<>();

  /** One version as it must be in git. */
  record Version(String code, String definition, String ident, long seconds, String message) {}

  /** The versions of one procedure, and its tags besides {@code v<n>}. */
  record History(long procedureId, List<Version> versions, Map<String, Integer> tags) {
    Version current() {
      return versions.getLast();
    }
  }

  History begin(long procedureId) {
    History history = new History(procedureId, new ArrayList<>(), new TreeMap<>());
    histories.add(history);
    return history;
  }

  void forget(History history) {
    histories.remove(history);
  }

  /** Makes the repository, with git's own program. */
  Path write(Path folder) throws IOException {
    Files.createDirectory(folder);
    Git.in(folder, "init", "-q", "--bare");
    Path stream = folder.resolve("operations");
    Files.write(stream, operations());
    Git.in(folder, stream, "fast-import", "--quiet");
    return folder;
  }

  private byte[] operations() {
    var out = new ByteArrayOutputStream();
    int mark = 0;
    for (History history : histories) {
      String name = "procedures/" + history.procedureId();
      int first = mark;
      for (Version version : history.versions()) {
        mark++;
        say(out, "commit refs/heads/%s\nmark :%d\n".formatted(name, mark));
        String person = version.ident() + " " + version.seconds() + " +0000\n";
        say(out, "author " + person + "committer " + person);
        data(out, version.message().endsWith("\n") ? version.message() : version.message() + "\n");
        say(out, "M 100644 inline main.py\n");
        data(out, version.code());
        say(out, "M 100644 inline procedure.json\n");
        data(out, version.definition());
        say(out, "reset refs/tags/%s/v%d\nfrom :%d\n\n".formatted(name, mark - first, mark));
      }
      history
          .tags()
          .forEach((tag, version) ->
              say(
                  out,
                  "reset refs/tags/%s/%s\nfrom :%d\n\n".formatted(name, tag, first + version)));
    }
    return out.toByteArray();
  }

  private static void data(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    say(out, "data " + bytes.length + "\n");
    out.writeBytes(bytes);
    say(out, "\n");
  }

  private static void say(ByteArrayOutputStream out, String line) {
    out.writeBytes(line.getBytes(StandardCharsets.UTF_8));
  }
}
