package io.athena.procedures.validation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON that comes with the server. */
final class DataFiles {
  private DataFiles() {}

  static JsonNode read(String name) {
    try (InputStream file = DataFiles.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException(name + " is missing from the server's jar");
      }
      return JsonMapper.shared().readTree(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
