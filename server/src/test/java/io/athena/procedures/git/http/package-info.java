@NullMarked
package io.athena.procedures.git.http;

import org.jspecify.annotations.NullMarked;
