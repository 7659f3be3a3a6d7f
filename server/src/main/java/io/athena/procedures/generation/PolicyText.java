package io.athena.procedures.generation;

/** Tells models what code is held to. */
@FunctionalInterface
public interface PolicyText {
  /** The rules that a project's code must keep, a line each; the same text while they are. */
  String of(String project);
}
