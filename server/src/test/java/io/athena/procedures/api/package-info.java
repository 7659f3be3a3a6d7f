@NullMarked
package io.athena.procedures.api;

import org.jspecify.annotations.NullMarked;
