@NullMarked
package io.athena.procedures.db;

import org.jspecify.annotations.NullMarked;
