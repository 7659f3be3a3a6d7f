package io.athena.procedures.config;

import java.time.Duration;

/**
 * What becomes of executions.
 *
 * @param keepFor age at which finished ones are removed; zero keeps them
 * @param mostOfProject runs of one project at a time on this server; 0 sets no limit
 * @param mostWaitingOfProject calls of it that may wait for one of them to end
 * @param longestWait of such a call
 */
public record ExecutionConfig(
    Duration keepFor, int mostOfProject, int mostWaitingOfProject, Duration longestWait) {}
