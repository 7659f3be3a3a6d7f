package io.athena.procedures.git;

import java.io.IOException;
import java.io.InputStream;
import org.eclipse.jgit.attributes.AttributesNode;
import org.eclipse.jgit.attributes.AttributesNodeProvider;
import org.eclipse.jgit.lib.BaseRepositoryBuilder;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.lib.ObjectDatabase;
import org.eclipse.jgit.lib.RefDatabase;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.StoredConfig;

/** A project's repository. Bare, and with JGit's defaults for configuration. */
final class DatabaseRepository extends Repository {
  private final String project;
  private final DatabaseObjects objects;
  private final DatabaseRefs refs;

  DatabaseRepository(String project, GitTables tables) {
    super(new BaseRepositoryBuilder<>().setBare());
    this.project = project;
    this.objects = new DatabaseObjects(tables);
    this.refs = new DatabaseRefs(tables);
  }

  /** There is nothing to make: a repository is its rows. */
  @Override
  public void create(boolean bare) {}

  @Override
  public String getIdentifier() {
    return project;
  }

  @Override
  public ObjectDatabase getObjectDatabase() {
    return objects;
  }

  @Override
  public RefDatabase getRefDatabase() {
    return refs;
  }

  @Override
  public StoredConfig getConfig() {
    return new NoConfiguration();
  }

  @Override
  public AttributesNodeProvider createAttributesNodeProvider() {
    return new NoAttributes();
  }

  @Override
  public void scanForRepoChanges() {}

  @Override
  public void notifyIndexChanged(boolean internal) {}

  /** A repository has no file of configuration, and the host's must not matter. */
  private static final class NoConfiguration extends StoredConfig {
    NoConfiguration() {
      super(new Config());
    }

    @Override
    public void load() {}

    @Override
    public void save() throws IOException {
      throw new IOException("the configuration of this repository is fixed");
    }
  }

  private static final class NoAttributes implements AttributesNodeProvider {
    @Override
    public AttributesNode getInfoAttributesNode() {
      return new EmptyNode();
    }

    @Override
    public AttributesNode getGlobalAttributesNode() {
      return new EmptyNode();
    }

    private static final class EmptyNode extends AttributesNode {
      @Override
      public void parse(InputStream in) {}
    }
  }
}
