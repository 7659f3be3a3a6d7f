package io.athena.procedures.generation.model;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** All that is logged meanwhile by this program and by what speaks with models, down to TRACE. */
public final class CapturedLog implements AutoCloseable {
  private static final List<String> LOUD = List.of("io.athena", "dev.langchain4j");

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          IThrowableProxy thrown = event.getThrowableProxy();
          lines.add(
              event.getFormattedMessage()
                  + (thrown == null ? "" : "\n" + ThrowableProxyUtil.asString(thrown)));
        }
      };

  /** Begins. */
  public CapturedLog() {
    appender.setContext(root.getLoggerContext());
    appender.start();
    root.addAppender(appender);
    LOUD.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(Level.TRACE));
  }

  /** What was logged. */
  public String text() {
    return String.join("\n", lines);
  }

  @Override
  public void close() {
    root.detachAppender(appender);
    LOUD.forEach(name -> ((Logger) LoggerFactory.getLogger(name)).setLevel(null));
  }
}
