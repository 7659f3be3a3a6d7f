package io.athena.procedures.rpc;

import com.sun.tools.attach.VirtualMachine;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Loads the agent into the tests' process, as {@code java -jar} does it for the server. */
final class MendedHelidon {
  private static boolean loaded;

  private MendedHelidon() {}

  static synchronized void load() throws Exception {
    if (loaded) {
      return;
    }
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Agent-Class", HeaderTableMend.class.getName());
    attributes.putValue("Can-Retransform-Classes", "true");
    Path jar = Files.createTempFile("agent", ".jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream unused = new JarOutputStream(file, manifest)) {
      unused.finish();
    }
    VirtualMachine self = VirtualMachine.attach(Long.toString(ProcessHandle.current().pid()));
    try {
      self.loadAgent(jar.toString());
    } finally {
      self.detach();
      Files.delete(jar);
    }
    String problem = HeaderTableMend.problem();
    if (problem != null) {
      throw new IllegalStateException(problem);
    }
    loaded = true;
  }
}
