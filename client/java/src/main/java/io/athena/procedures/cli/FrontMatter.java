package io.athena.procedures.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * The head of a Markdown file, between lines of three hyphens: YAML, of which texts are taken as
 * they are written ("1.0" and "yes" are texts). Names do not differ by case.
 *
 * <p>People also write what is no YAML: {@code description: Use this when: somebody comes in}. An
 * entry, or a part of a list, that cannot be read as YAML is taken for the plain text that it looks
 * like, and a note tells so; but a quote or bracket that is never closed leaves open what was
 * meant.
 *
 * @param entries by their names in lower case
 * @param body what comes after it
 * @param notes what was not as it should be, for people
 */
record FrontMatter(Map<String, Node> entries, String body, List<String> notes) {
  private static final Pattern FENCE = Pattern.compile("---[ \\t]*");
  private static final Pattern END = Pattern.compile("(?:---|\\.\\.\\.)[ \\t]*");
  private static final Pattern ENTRY = Pattern.compile("([A-Za-z][\\w-]*)[ \\t]*:(?:[ \\t]+(.*))?");
  private static final Pattern LISTED = Pattern.compile("([ \\t]*-[ \\t]+)(.*)");

  private static final String OPENING = "\"'[{";
  private static final String CLOSING = "\"']}";
  private static final int SHOWN = 60;

  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setLabel("the head").setUseMarks(true).build();

  /** Keeps a copy. */
  FrontMatter {
    entries = Map.copyOf(entries);
    notes = List.copyOf(notes);
  }

  /**
   * A text, without blanks around it; empty if there is no such entry.
   *
   * @throws UnreadableException if it is something else
   */
  Optional<String> text(String name) throws UnreadableException {
    Node node = entries.get(name);
    return switch (node) {
      case null -> Optional.empty();
      case ScalarNode scalar -> Optional.of(scalar.getValue().strip());
      default -> throw new UnreadableException("'%s' in the head is no text".formatted(name));
    };
  }

  /** True if the entry is one text, and no list. */
  boolean isText(String name) {
    return entries.get(name) instanceof ScalarNode;
  }

  /**
   * The texts of a list, or of one text that one; empty if there is no such entry. {@code a: b} in
   * a list is the text "a:b".
   *
   * @throws UnreadableException if it holds something else
   */
  Optional<List<String>> list(String name) throws UnreadableException {
    Node node = entries.get(name);
    if (node instanceof ScalarNode scalar) {
      return Optional.of(scalar.getValue().isBlank() ? List.of() : List.of(scalar.getValue()));
    }
    if (node instanceof SequenceNode sequence) {
      List<String> texts = new ArrayList<>();
      for (Node each : sequence.getValue()) {
        texts.add(listed(name, texts.size() + 1, each));
      }
      return Optional.of(List.copyOf(texts));
    }
    if (node == null) {
      return Optional.empty();
    }
    throw new UnreadableException("'%s' in the head is no list".formatted(name));
  }

  private static String listed(String name, int number, Node node) throws UnreadableException {
    if (node instanceof ScalarNode scalar) {
      return scalar.getValue();
    }
    if (node instanceof MappingNode mapping && mapping.getValue().size() == 1) {
      NodeTuple only = mapping.getValue().getFirst();
      if (only.getKeyNode() instanceof ScalarNode key
          && only.getValueNode() instanceof ScalarNode value) {
        // What has a colon already is a text that only looks like an entry.
        return key.getValue() + (key.getValue().contains(":") ? ": " : ":") + value.getValue();
      }
    }
    throw new UnreadableException(
        "'%s' in the head: entry %d of the list is no text".formatted(name, number));
  }

  /**
   * Reads it; a file without a head has no entries.
   *
   * @throws UnreadableException if it has no end, an entry twice, or cannot be read otherwise
   */
  static FrontMatter read(String text) throws UnreadableException {
    List<String> lines = text.lines().toList();
    int first = 0;
    while (first < lines.size() && lines.get(first).isBlank()) {
      first++;
    }
    if (first == lines.size() || !FENCE.matcher(lines.get(first)).matches()) {
      return new FrontMatter(Map.of(), text, List.of("it has no head between lines of '---'"));
    }
    int end = first + 1;
    while (end < lines.size() && !END.matcher(lines.get(end)).matches()) {
      end++;
    }
    if (end == lines.size()) {
      throw new UnreadableException(
          "the head begins with '---' in line %d but has no end".formatted(first + 1));
    }
    List<String> notes = new ArrayList<>();
    return new FrontMatter(
        entries(lines.subList(first + 1, end), first + 1, notes),
        String.join("\n", lines.subList(end + 1, lines.size())),
        notes);
  }

  /** The same as text, between its lines of hyphens. */
  static String write(Map<String, ?> entries) {
    DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setIndicatorIndent(2)
            .setIndentWithIndicator(true)
            .setSplitLines(false)
            .build();
    return "---\n" + new Dump(settings).dumpToString(entries) + "---\n";
  }

  private static Map<String, Node> entries(List<String> lines, int before, List<String> notes)
      throws UnreadableException {
    String yaml = String.join("\n", lines) + "\n";
    try {
      return entries(compose(yaml));
    } catch (YamlEngineException fault) {
      try {
        return entries(compose(mended(lines, before, notes)));
      } catch (YamlEngineException e) {
        throw new UnreadableException(told(fault, before));
      }
    }
  }

  private static Map<String, Node> entries(Optional<Node> head) throws UnreadableException {
    Map<String, Node> entries = new LinkedHashMap<>();
    if (head.isEmpty()) {
      return entries;
    }
    if (!(head.get() instanceof MappingNode mapping)) {
      throw new UnreadableException("the head is no list of entries such as 'name: greet'");
    }
    for (NodeTuple entry : mapping.getValue()) {
      if (entry.getKeyNode() instanceof ScalarNode key) {
        String name = key.getValue().toLowerCase(Locale.ROOT);
        if (entries.put(name, entry.getValueNode()) != null) {
          throw new UnreadableException("the head has '" + name + "' twice");
        }
      }
    }
    return entries;
  }

  private static Optional<Node> compose(String yaml) {
    return new Compose(SETTINGS).composeString(yaml);
  }

  private static boolean isYaml(String text) {
    try {
      compose(text);
      return true;
    } catch (YamlEngineException e) {
      return false;
    }
  }

  /** With plain texts in place of what is no YAML. */
  private static String mended(List<String> lines, int before, List<String> notes)
      throws UnreadableException {
    StringBuilder yaml = new StringBuilder();
    int line = 0;
    while (line < lines.size()) {
      int begin = line++;
      while (line < lines.size() && !ENTRY.matcher(lines.get(line)).matches()) {
        line++;
      }
      List<String> entry = lines.subList(begin, line);
      String text = String.join("\n", entry) + "\n";
      boolean isYaml = isYaml(text);
      yaml.append(isYaml ? text : mendedEntry(entry, before + begin + 1));
      if (!isYaml) {
        notes.add(
            "line %d, in the head, is no YAML, and is taken for the plain text that stands there: %s"
                .formatted(
                    before + begin + 1,
                    Text.oneLine(Text.shortened(entry.getFirst().strip(), SHOWN))));
      }
    }
    return yaml.toString();
  }

  private static String mendedEntry(List<String> lines, int number) throws UnreadableException {
    Matcher entry = ENTRY.matcher(lines.getFirst());
    if (!entry.matches()) {
      return String.join("\n", lines) + "\n";
    }
    String value = entry.group(2) == null ? "" : entry.group(2).strip();
    List<String> rest = lines.subList(1, lines.size());
    if (!value.isEmpty()) {
      requireClosed(value, rest, number);
      List<String> texts = new ArrayList<>(List.of(value));
      texts.addAll(rest);
      return entry.group(1) + ":" + block(texts, "  ");
    }
    StringBuilder list = new StringBuilder(lines.getFirst()).append('\n');
    for (String line : rest) {
      Matcher listed = LISTED.matcher(line);
      list.append(
          listed.matches() && !isYaml(listed.group(2))
              ? listed.group(1)
                  + block(List.of(listed.group(2)), " ".repeat(listed.group(1).length() + 2))
              : line + "\n");
    }
    return list.toString();
  }

  /** What begins with a quote or bracket and never ends can be anything. */
  private static void requireClosed(String value, List<String> rest, int number)
      throws UnreadableException {
    int kind = OPENING.indexOf(value.charAt(0));
    if (kind >= 0 && (value + String.join("\n", rest)).indexOf(CLOSING.charAt(kind), 1) < 0) {
      throw new UnreadableException(
          "the head cannot be read as YAML: line %d: what begins with %s has no %s at its end"
              .formatted(number, value.charAt(0), CLOSING.charAt(kind)));
    }
  }

  private static String block(List<String> texts, String indent) {
    StringBuilder block = new StringBuilder(" >-\n");
    for (String text : texts) {
      block.append(text.isBlank() ? "" : indent + text.strip()).append('\n');
    }
    return block.toString();
  }

  private static String told(YamlEngineException fault, int before) {
    if (fault instanceof MarkedYamlEngineException marked && marked.getProblemMark().isPresent()) {
      return "the head cannot be read as YAML: line %d: %s"
          .formatted(before + 1 + marked.getProblemMark().get().getLine(), marked.getProblem());
    }
    return "the head cannot be read as YAML: " + fault.getMessage();
  }

  /** It cannot be read; the message says why. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1;

    UnreadableException(String why) {
      super(why);
    }
  }
}
