/**
 * Makes code from the words of a procedure, and says how far it can be relied on.
 *
 * <p>{@code RuleGenerator} reads each step by the catalogue (YAML files beside this package) and
 * writes Python; {@code Generation} runs the examples and streams what happens.
 */
@NullMarked
package io.athena.procedures.generation;

import org.jspecify.annotations.NullMarked;
