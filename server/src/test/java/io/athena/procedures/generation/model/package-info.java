@NullMarked
package io.athena.procedures.generation.model;

import org.jspecify.annotations.NullMarked;
