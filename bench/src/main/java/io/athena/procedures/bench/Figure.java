package io.athena.procedures.bench;

/** A single value, such as the memory of a process. */
record Figure(String name, double value, String unit) {}
