/**
 * Language models behind {@link io.athena.procedures.generation.model.CodeModel}, which {@link
 * io.athena.procedures.generation.model.LanguageModels} makes of the settings.
 *
 * <p>LangChain4j knows the protocols of the endpoints. Its own HTTP client is left out: it reads an
 * answer on a thread that nobody can end while the other side is silent, hides the header that says
 * when to come again, and goes on after an event that it cannot read. {@code ModelHttpClient} is
 * blocking, ends with an interrupt, and gives up at the first thing that is wrong.
 */
@NullMarked
package io.athena.procedures.generation.model;

import org.jspecify.annotations.NullMarked;
