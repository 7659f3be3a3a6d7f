package io.athena.procedures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.athena.procedures.config.ConfigException;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class ServerOptionsTest {
  @Test
  void aPortThatIsNoNumberIsToldAsEveryOtherSettingIs() {
    ServerOptions options = CommandLine.populateCommand(new ServerOptions(), "--port", "abc");

    assertThatThrownBy(() -> options.load(new LinkedHashMap<>()))
        .isInstanceOf(ConfigException.class)
        .hasMessage("server.port is 'abc'; it must be a whole number from 0 to 65535");
  }

  @Test
  void flagsReachTheSettings() throws ConfigException {
    ServerOptions options =
        CommandLine.populateCommand(
            new ServerOptions(), "--port", "1234", "--data-dir", "/data", "--database-url", "url");

    var configuration = options.load(new LinkedHashMap<>());
    assertThat(configuration.server().port()).isEqualTo(1234);
    assertThat(configuration.server().dataDirectory()).hasToString("/data");
    assertThat(configuration.database().url()).isEqualTo("url");
  }
}
