package io.athena.procedures.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.commonmark.node.Block;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.ListBlock;
import org.commonmark.node.Node;
import org.commonmark.node.OrderedList;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SourceSpan;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a skill, read from its Markdown (CommonMark). They are, of these, the first that
 * there are:
 *
 * <ol>
 *   <li>what stands under headings such as "Step 1: Gather", or "1. Gather" below a heading that
 *       names steps, if there are at least two;
 *   <li>the items of the lists under a heading that names steps;
 *   <li>the items of the first numbered list, and of those that follow it under the same heading;
 *   <li>those of the first list of another kind.
 * </ol>
 *
 * <p>A step keeps the Markdown of its item: lines of a paragraph are joined, lists and code below
 * the item are lines of its text. A list in a quotation, in code or in a comment is none.
 */
final class MarkdownSteps {
  private static final Pattern LINE_END = Pattern.compile("\r\n|\r|\n");
  private static final Pattern OF_STEPS =
      Pattern.compile("(?i).*\\b(?:steps?|instructions|workflow|procedure|process|how to)\\b.*");
  private static final Pattern STEP = Pattern.compile("(?i)step\\s+\\d+\\b[\\s.:)–—-]*(.*)");
  private static final Pattern NUMBERED = Pattern.compile("\\d+[.:)]\\s+(.*)");
  private static final Pattern TASK = Pattern.compile("^\\[[ xX]\\] +");

  private final String[] lines;
  private final List<Block> blocks = new ArrayList<>();

  private MarkdownSteps(String markdown) {
    lines = LINE_END.split(markdown, -1);
    Node document =
        Parser.builder().includeSourceSpans(IncludeSourceSpans.BLOCKS).build().parse(markdown);
    for (Node node = document.getFirstChild(); node != null; node = node.getNext()) {
      if (node instanceof Block block) {
        blocks.add(block);
      }
    }
  }

  static List<String> read(String markdown) {
    MarkdownSteps steps = new MarkdownSteps(markdown);
    List<String> headed = steps.underHeadings();
    if (headed.size() > 1) {
      return headed;
    }
    List<String> named = steps.inNamedSections();
    if (!named.isEmpty()) {
      return named;
    }
    List<String> numbered = steps.ofFirstList(true);
    return numbered.isEmpty() ? steps.ofFirstList(false) : numbered;
  }

  /** A list of steps, for {@link #read}. */
  static String write(List<String> steps) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < steps.size(); i++) {
      String mark = (i + 1) + ". ";
      String below = "\n" + " ".repeat(mark.length());
      text.append(mark)
          .append(LINE_END.splitAsStream(steps.get(i)).collect(Collectors.joining(below)))
          .append('\n');
    }
    return text.toString();
  }

  private List<String> underHeadings() {
    List<String> steps = new ArrayList<>();
    StringBuilder step = new StringBuilder();
    int level = 0;
    int sectionLevel = 0;
    for (Block block : blocks) {
      if (block instanceof Heading heading) {
        String title = title(heading);
        if (sectionLevel > 0 && heading.getLevel() <= sectionLevel) {
          sectionLevel = 0;
        }
        Matcher named = STEP.matcher(title);
        Matcher numbered = NUMBERED.matcher(title);
        boolean isStep = named.matches() || (sectionLevel > 0 && numbered.matches());
        if (level > 0 && (isStep || heading.getLevel() <= level)) {
          steps.add(step.toString());
          step.setLength(0);
          level = 0;
        }
        if (isStep) {
          level = heading.getLevel();
          step.append(named.matches() ? named.group(1) : numbered.group(1));
          continue;
        }
        if (sectionLevel == 0 && OF_STEPS.matcher(title).matches()) {
          sectionLevel = heading.getLevel();
        }
      }
      if (level > 0) {
        step.append(step.isEmpty() ? "" : "\n").append(text(block));
      }
    }
    if (level > 0) {
      steps.add(step.toString());
    }
    return steps;
  }

  /**
   * A title of the whole file names what it is about: it counts only for what stands next to it,
   * and only if no other heading names steps.
   */
  private List<String> inNamedSections() {
    List<String> ofTitle = new ArrayList<>();
    List<String> steps = new ArrayList<>();
    int level = 0;
    for (Block block : blocks) {
      if (block instanceof Heading heading) {
        if (level > 0 && (heading.getLevel() <= level || level == 1)) {
          level = 0;
        }
        if (level == 0 && OF_STEPS.matcher(title(heading)).matches()) {
          level = heading.getLevel();
        }
      } else if (level > 0) {
        addItems(level == 1 ? ofTitle : steps, block);
      }
    }
    return steps.isEmpty() ? ofTitle : steps;
  }

  private List<String> ofFirstList(boolean numbered) {
    List<String> steps = new ArrayList<>();
    for (Block block : blocks) {
      if (block instanceof Heading && !steps.isEmpty()) {
        return steps;
      }
      if (!steps.isEmpty() || block instanceof OrderedList == numbered) {
        addItems(steps, block);
      }
    }
    return steps;
  }

  /** Code between two parts of a list belongs to the step that it stands below. */
  private void addItems(List<String> steps, Block block) {
    if (block instanceof ListBlock list) {
      for (Node item = list.getFirstChild(); item != null; item = item.getNext()) {
        String text = content(item);
        if (!text.isBlank()) {
          steps.add(text);
        }
      }
    } else if (block instanceof FencedCodeBlock
        && block.getPrevious() instanceof OrderedList
        && goesOn(block.getNext())
        && !steps.isEmpty()) {
      steps.add(steps.removeLast() + "\n" + text(block));
    }
  }

  private static boolean goesOn(@Nullable Node next) {
    return next instanceof OrderedList list
        && list.getMarkerStartNumber() != null
        && list.getMarkerStartNumber() > 1;
  }

  private String title(Heading heading) {
    return text(heading).replaceFirst("^#+[ \\t]*", "").replaceFirst("[ \\t]+#+$", "").strip();
  }

  private String content(Node item) {
    List<String> parts = new ArrayList<>();
    for (Node part = item.getFirstChild(); part != null; part = part.getNext()) {
      parts.add(text(part));
    }
    return TASK.matcher(String.join("\n", parts)).replaceFirst("");
  }

  private String text(Node block) {
    boolean isParagraph = block instanceof Paragraph;
    return block.getSourceSpans().stream()
        .map(this::source)
        .map(line -> isParagraph ? line.strip() : line.stripTrailing())
        .collect(Collectors.joining(isParagraph ? " " : "\n"));
  }

  private String source(SourceSpan span) {
    return lines[span.getLineIndex()].substring(
        span.getColumnIndex(), span.getColumnIndex() + span.getLength());
  }
}
