package io.athena.procedures;

import com.sun.tools.attach.VirtualMachine;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Loads an agent into the tests' process, as {@code java -jar} does it for the server. */
public final class AgentForTests {
  private static final Set<Class<?>> LOADED = new HashSet<>();

  private AgentForTests() {}

  /** Runs {@code agentmain} of the class, once. */
  public static synchronized void load(Class<?> agent) throws Exception {
    if (!LOADED.add(agent)) {
      return;
    }
    Manifest manifest = new Manifest();
    Attributes attributes = manifest.getMainAttributes();
    attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    attributes.putValue("Agent-Class", agent.getName());
    attributes.putValue("Can-Retransform-Classes", "true");
    Path jar = Files.createTempFile("agent", ".jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      out.finish();
    }
    VirtualMachine self = VirtualMachine.attach(Long.toString(ProcessHandle.current().pid()));
    try {
      self.loadAgent(jar.toString());
    } finally {
      self.detach();
      Files.delete(jar);
    }
  }
}
