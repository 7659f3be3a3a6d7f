package io.athena.procedures.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The filter of system calls that each slot puts on itself when it has given up all else, written
 * as a program for the kernel's classic BPF machine (seccomp(2)). The profile is {@code
 * slot-seccomp.json}, an allow list with the reason of each rule.
 *
 * <p>What is refused fails with an error instead of a kill: libraries try what they can do without,
 * and code that is refused something has gained nothing by living on. Killed is only who calls by
 * another architecture's numbers: there they mean other calls, and nothing honest does that.
 *
 * <p>The program finds a call by binary search, because when a filter is installed the kernel runs
 * it once for each number there is, and then knows which are allowed whatever their arguments.
 */
final class SlotFilter {
  private static final int KILL = 0x80000000;
  private static final int ALLOW = 0x7FFF0000;
  private static final int ERRNO = 0x00050000;
  private static final int NUMBER = 0;
  private static final int ARCHITECTURE = 4;
  private static final int FIRST_ARGUMENT = 16;

  /** From here on x86-64 counts the calls of its x32 variant. */
  private static final int FOREIGN_NUMBERS = 0x40000000;

  private static final Map<String, Integer> ERRORS =
      Map.of(
          "EPERM",
          1,
          "ENOMEM",
          12,
          "EINVAL",
          22,
          "ENOTTY",
          25,
          "ENOSYS",
          38,
          "EOPNOTSUPP",
          95,
          "EAFNOSUPPORT",
          97);

  private SlotFilter() {}

  /** The filter for this machine: instructions of eight bytes in its byte order. */
  static byte[] forThisMachine() throws IOException {
    return assemble(profile(), SystemCalls.of(System.getProperty("os.arch")));
  }

  static JsonNode profile() throws IOException {
    try (InputStream profile = SlotFilter.class.getResourceAsStream("slot-seccomp.json")) {
      if (profile == null) {
        throw new IOException("slot-seccomp.json is missing from the worker's jar");
      }
      return JsonMapper.shared().readTree(profile);
    }
  }

  /**
   * Assembles a profile.
   *
   * @throws IOException if it names a call or an error that is not known
   */
  static byte[] assemble(JsonNode profile, SystemCalls calls) throws IOException {
    BpfCode otherwise = refusal(profile.path("otherwise").asString(""));
    BpfCode killed = BpfCode.returning(KILL);
    TreeMap<Integer, BpfCode> actions = new TreeMap<>();
    for (JsonNode rule : profile.path("rules")) {
      BpfCode action = action(rule, otherwise);
      for (JsonNode name : rule.path("names")) {
        String call = name.asString("");
        if (!calls.known().contains(call)) {
          throw new IOException("slot-seccomp.json names the unknown system call " + call);
        }
        Integer number = calls.numbers().get(call);
        if (number != null && actions.put(number, action) != null) {
          throw new IOException("slot-seccomp.json has two rules for " + call);
        }
      }
    }
    return new BpfCode()
        .load(ARCHITECTURE)
        .skipIfEqual(calls.auditNumber(), killed)
        .load(NUMBER)
        .skipIfBelow(FOREIGN_NUMBERS, killed)
        .append(search(ranges(actions, otherwise)))
        .bytes();
  }

  /** Where the action changes, with the action from there on. */
  private static NavigableMap<Integer, BpfCode> ranges(
      NavigableMap<Integer, BpfCode> actions, BpfCode otherwise) {
    NavigableMap<Integer, BpfCode> ranges = new TreeMap<>(Map.of(0, otherwise));
    for (int number = 0; number <= actions.lastKey() + 1; number++) {
      BpfCode action = actions.getOrDefault(number, otherwise);
      if (!ranges.lastEntry().getValue().equals(action)) {
        ranges.put(number, action);
      }
    }
    return ranges;
  }

  private static BpfCode search(NavigableMap<Integer, BpfCode> ranges) {
    if (ranges.size() == 1) {
      return ranges.firstEntry().getValue();
    }
    int middle = ranges.keySet().stream().skip(ranges.size() / 2).findFirst().orElseThrow();
    return new BpfCode()
        .branch(
            middle, search(ranges.headMap(middle, false)), search(ranges.tailMap(middle, true)));
  }

  private static BpfCode action(JsonNode rule, BpfCode otherwise) throws IOException {
    BpfCode refusal = rule.has("refuse") ? refusal(rule.path("refuse").asString("")) : otherwise;
    if (!rule.has("allow_if")) {
      return rule.has("refuse") ? refusal : BpfCode.returning(ALLOW);
    }
    BpfCode code = new BpfCode();
    for (JsonNode condition : rule.path("allow_if")) {
      code.append(allowedIf(condition));
    }
    return code.append(refusal);
  }

  /** Returns if the condition holds, else goes on with what follows. */
  private static BpfCode allowedIf(JsonNode condition) throws IOException {
    int low = FIRST_ARGUMENT + 8 * condition.path("argument").asInt();
    BpfCode allow = BpfCode.returning(ALLOW);
    // The kernel takes these arguments as 32 bits; what the upper half holds must not matter.
    if (condition.has("in")) {
      BpfCode code = new BpfCode().load(low);
      for (JsonNode value : condition.path("in")) {
        code.skipUnequal((int) value.asLong(), allow);
      }
      return code;
    }
    if (condition.has("not_in")) {
      BpfCode code = allow;
      for (JsonNode value : condition.path("not_in")) {
        code = new BpfCode().skipIfEqual((int) value.asLong(), code);
      }
      return new BpfCode().load(low).append(code);
    }
    if (condition.has("without_bits")) {
      return new BpfCode()
          .load(low)
          .skipIfAnyBit((int) condition.path("without_bits").asLong(), allow);
    }
    if (condition.has("null")) {
      return new BpfCode()
          .load(low)
          .skipUnequal(0, new BpfCode().load(low + 4).skipUnequal(0, allow));
    }
    throw new IOException("slot-seccomp.json has a condition that means nothing: " + condition);
  }

  private static BpfCode refusal(String error) throws IOException {
    Integer number = ERRORS.get(error);
    if (number == null) {
      throw new IOException("slot-seccomp.json names the unknown error '%s'".formatted(error));
    }
    return BpfCode.returning(ERRNO | number);
  }
}
