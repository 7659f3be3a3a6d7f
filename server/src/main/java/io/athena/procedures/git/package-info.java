/**
 * Git repositories whose objects and refs are rows of PostgreSQL: JGit's storage over two tables.
 *
 * <p>A repository holds the history of one project's procedures: a branch {@code procedures/<id>}
 * for each that has code, and tags {@code procedures/<id>/<name>}. Whatever one transaction writes
 * through {@link io.athena.procedures.git.GitRepositories#in} commits or vanishes with the rest of
 * that transaction, so git and the other tables cannot disagree.
 */
@NullMarked
package io.athena.procedures.git;

import org.jspecify.annotations.NullMarked;
