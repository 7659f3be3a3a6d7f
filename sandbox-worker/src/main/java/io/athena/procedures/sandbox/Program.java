package io.athena.procedures.sandbox;

import com.google.protobuf.Value;
import io.athena.procedures.v1.InputFile;
import io.athena.sandbox.v1.RunRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One program to run, checked.
 *
 * @param start the request
 * @param limits what it may use
 */
record Program(RunRequest.Start start, RunLimits limits) {
  private static final int LARGEST_CODE = 8 * 1024 * 1024;
  private static final long LARGEST_FILES = 8 * 1024 * 1024;
  private static final int LONGEST_NAME = 255;
  private static final String USUAL_FILE_NAME = "procedure.py";

  /**
   * Checks a request.
   *
   * @throws InvalidRunException naming the field that cannot be taken
   */
  static Program from(RunRequest.Start start, RunLimits maximum) throws InvalidRunException {
    RunLimits limits = RunLimits.from(start.getLimits(), maximum);
    if (start.getCode().length() > LARGEST_CODE) {
      throw new InvalidRunException("code has more than " + LARGEST_CODE + " characters");
    }
    String fileName = start.getFileName();
    if (fileName.length() > LONGEST_NAME || fileName.contains("/") || fileName.indexOf('\0') >= 0) {
      throw new InvalidRunException("file_name must be a plain name of at most 255 characters");
    }
    if (!Json.isFinite(Value.newBuilder().setStructValue(start.getParameters()).build())) {
      throw new InvalidRunException("parameters contain a number that is not finite");
    }
    checkFiles(start.getInputFilesList(), limits);
    return new Program(start, limits);
  }

  /** The call; the files' contents follow in frames of their own. */
  byte[] callFrame() {
    ObjectNode frame = Json.object();
    frame.put("code", start.getCode());
    frame.put("file_name", start.getFileName().isEmpty() ? USUAL_FILE_NAME : start.getFileName());
    frame.put("entry_point", start.getEntryPoint());
    frame.set("parameters", Json.from(start.getParameters()));
    frame.put("cpu_seconds", limits.cpuSeconds());
    frame.put("artifact_bytes", limits.artifactBytes());
    ArrayNode files = frame.putArray("files");
    start.getInputFilesList().forEach(file -> files.add(file.getName()));
    return Json.bytes(frame);
  }

  private static void checkFiles(List<InputFile> files, RunLimits limits)
      throws InvalidRunException {
    long total = 0;
    Set<String> names = new HashSet<>();
    for (InputFile file : files) {
      if (!FileNames.isRelative(file.getName())) {
        throw new InvalidRunException(
            "input_files: '%s' is no %s".formatted(file.getName(), FileNames.RULE));
      }
      if (!names.add(file.getName())) {
        throw new InvalidRunException("input_files: '%s' is given twice".formatted(file.getName()));
      }
      total += file.getData().size();
    }
    for (String name : names) {
      for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
        if (names.contains(name.substring(0, slash))) {
          throw new InvalidRunException(
              "input_files: '%s' is a file, and a folder in '%s'"
                  .formatted(name.substring(0, slash), name));
        }
      }
    }
    long most = Math.min(LARGEST_FILES, limits.diskBytes());
    if (total > most) {
      throw new InvalidRunException(
          "input_files have %d bytes together; at most %d are taken".formatted(total, most));
    }
  }
}
