package io.athena.procedures.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a program for the kernel's classic BPF machine: it loads a word of what is judged and
 * compares it. Every skip jumps over the code it is given, to what is appended next.
 */
final class BpfCode {
  private static final int LOAD_WORD = 0x20;
  private static final int JUMP = 0x05;
  private static final int IF_EQUAL = 0x15;
  private static final int IF_AT_LEAST = 0x35;
  private static final int IF_ANY_BIT = 0x45;
  private static final int RETURN = 0x06;
  private static final int LONGEST_BRANCH = 255;

  private final List<Instruction> instructions = new ArrayList<>();

  private record Instruction(int code, int ifTrue, int ifFalse, int operand) {}

  /** Ends the program with a verdict. */
  static BpfCode returning(int verdict) {
    return new BpfCode().add(RETURN, 0, 0, verdict);
  }

  /** Loads the word at an offset of {@code struct seccomp_data}. */
  BpfCode load(int offset) {
    return add(LOAD_WORD, 0, 0, offset);
  }

  BpfCode append(BpfCode next) {
    instructions.addAll(next.instructions);
    return this;
  }

  /** Runs the code only if the loaded word is the value. */
  BpfCode skipUnequal(int value, BpfCode code) {
    return add(IF_EQUAL, 0, code.length(), value).append(code);
  }

  /** Runs the code only if the loaded word is not the value. */
  BpfCode skipIfEqual(int value, BpfCode code) {
    return add(IF_EQUAL, code.length(), 0, value).append(code);
  }

  /** Runs the code only if the loaded word, unsigned, is at least the value. */
  BpfCode skipIfBelow(int value, BpfCode code) {
    return add(IF_AT_LEAST, 0, code.length(), value).append(code);
  }

  /** Runs the code only if the loaded word has none of the bits. */
  BpfCode skipIfAnyBit(int bits, BpfCode code) {
    return add(IF_ANY_BIT, code.length(), 0, bits).append(code);
  }

  /** Runs one code if the loaded word, unsigned, is below the value, the other if not. */
  BpfCode branch(int value, BpfCode below, BpfCode others) {
    if (below.length() <= LONGEST_BRANCH) {
      add(IF_AT_LEAST, below.length(), 0, value);
    } else {
      // Conditional jumps reach 255 instructions, others any distance.
      add(IF_AT_LEAST, 0, 1, value).add(JUMP, 0, 0, below.length());
    }
    return append(below).append(others);
  }

  /** As the kernel takes it: {@code struct sock_filter}s one after another. */
  byte[] bytes() {
    ByteBuffer buffer = ByteBuffer.allocate(8 * length()).order(ByteOrder.nativeOrder());
    for (Instruction each : instructions) {
      buffer
          .putShort((short) each.code)
          .put((byte) each.ifTrue)
          .put((byte) each.ifFalse)
          .putInt(each.operand);
    }
    return buffer.array();
  }

  private int length() {
    return instructions.size();
  }

  private BpfCode add(int code, int ifTrue, int ifFalse, int operand) {
    if (ifTrue > LONGEST_BRANCH || ifFalse > LONGEST_BRANCH) {
      throw new IllegalArgumentException("a jump over more than 255 instructions");
    }
    instructions.add(new Instruction(code, ifTrue, ifFalse, operand));
    return this;
  }
}
