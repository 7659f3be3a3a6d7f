package io.athena.procedures.generation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something a step can ask for.
 *
 * @param name such as "text.words"; what {@code Step.action} names
 * @param about what it does, in a few words
 * @param inputs its slots in order; a predicate comes after the list it is about
 * @param patterns how people ask for it
 * @param code Python with {@code $slots}: an expression, or lines that set {@code $out}
 * @param output what it makes
 * @param imports modules it needs
 * @param helpers functions it needs, by name
 * @param defaults Python for slots that neither the words nor the flow of data fill
 * @param tool the tool of the caller's that it calls; empty if it calls none
 * @param when how a value must be spoken of for this to be meant; empty if it does not matter
 * @param unless how none may be spoken of
 * @param having the field that the examples' records must have for this to be meant; empty if none
 * @param part for a noun: of what it takes a part, which cannot be changed by itself; null if it
 *     takes none
 * @param trials what the catalogue's own test tries
 */
record Action(
    String name,
    String about,
    LinkedHashMap<String, SlotType> inputs,
    List<StepPattern> patterns,
    String code,
    Output output,
    List<String> imports,
    List<String> helpers,
    Map<String, String> defaults,
    String tool,
    String when,
    String unless,
    String having,
    Expr.@Nullable Part part,
    List<Trial> trials) {

  /**
   * What an action makes.
   *
   * @param name of the variable
   * @param spoken further names that steps may use
   * @param like the slot whose value this is a changed state of, and whose names it gets; empty if
   *     it is a new value
   * @param changes the slot whose value is meant by it where that is returned, and nowhere else;
   *     empty if there is none
   */
  record Output(ValueType type, String name, List<String> spoken, String like, String changes) {
    /** The slot whose value is changed; empty if there is none. */
    String changed() {
      return like.isEmpty() ? changes : like;
    }
  }

  /**
   * A step, what the procedure is given, and what it must give.
   *
   * @param tools the calls of tools that it must make, all of them and in order
   */
  record Trial(String step, Map<String, Object> given, Object gives, List<ToolCall> tools) {}

  /** A call of a tool with its arguments by name, and what the tool answers. */
  record ToolCall(String name, Map<String, Object> arguments, Object answer) {}

  /** True for a noun or a comparison, which is a phrase within a step and changes nothing. */
  boolean isPhrase() {
    return about.isEmpty();
  }

  /** True if the code is lines rather than one expression. */
  boolean isBlock() {
    return code.contains("$out");
  }
}
