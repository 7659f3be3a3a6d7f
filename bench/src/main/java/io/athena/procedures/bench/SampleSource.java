package io.athena.procedures.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Python source to examine, as many different ones as are wanted: names and texts in each are its
 * own. Thread-safe.
 */
final class SampleSource {
  /** Stands in the sample where each copy differs. */
  private static final String NUMBER = "0000";

  private final String sample;
  private final int copies;
  private final AtomicInteger number = new AtomicInteger();

  private SampleSource(String sample, int copies) {
    this.sample = sample;
    this.copies = copies;
  }

  /** One of the samples in the benchmark's jar. */
  static SampleSource of(String file) throws IOException {
    try (InputStream source = SampleSource.class.getResourceAsStream(file)) {
      if (source == null) {
        throw new IOException(file + " is missing from the benchmark's jar");
      }
      return new SampleSource(new String(source.readAllBytes(), StandardCharsets.UTF_8), 1);
    }
  }

  /** So many copies of the sample in one source that it has nearly {@code bytes} of ASCII. */
  SampleSource grownTo(int bytes) {
    return new SampleSource(sample, bytes / sample.length());
  }

  /** Another one than all before. */
  String next() {
    StringBuilder source = new StringBuilder(copies * sample.length());
    for (int copy = 0; copy < copies; copy++) {
      source.append(sample.replace(NUMBER, "%04d".formatted(number.incrementAndGet() % 10_000)));
    }
    return source.toString();
  }
}
