/**
 * The sandbox worker: runs Python in pooled, isolated containers.
 *
 * <p>Start with {@link io.athena.procedures.sandbox.SandboxWorker}. The other half, which lives
 * inside a container, is in {@code src/main/python}.
 */
@NullMarked
package io.athena.procedures.sandbox;

import org.jspecify.annotations.NullMarked;
