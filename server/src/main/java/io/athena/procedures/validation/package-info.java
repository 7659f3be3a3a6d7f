/**
 * Says of code, before it runs, what is wrong with it, where, and what it would need.
 *
 * <p>A parser in a sandbox reports facts; policies, which are data, decide what they amount to. It
 * is advice and policy: what contains a program is its container.
 */
@NullMarked
package io.athena.procedures.validation;

import org.jspecify.annotations.NullMarked;
