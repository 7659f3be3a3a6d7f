package io.athena.procedures.config;

import java.time.Duration;

/**
 * What becomes of executions.
 *
 * @param keepFor age at which finished ones are removed; zero keeps them
 */
public record ExecutionConfig(Duration keepFor) {}
