package io.athena.procedures.generation.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rules of the WHATWG for event streams, with its own examples where it has some. */
final class EventStreamTest {
  @Test
  void linesEndWithAnyOfThreeEnds() throws Exception {
    assertThat(read("data: a\n\ndata: b\r\rdata: c\r\n\r\ndata: d\r\n\ndata: e\n\r\n"))
        .containsExactly("null=a", "null=b", "null=c", "null=d", "null=e");
  }

  @Test
  void dataOfSeveralLinesIsOneText() throws Exception {
    assertThat(read("data: YHOO\ndata: +2\ndata: 10\n\n")).containsExactly("null=YHOO\n+2\n10");
  }

  @Test
  void commentsUnknownFieldsAndIdsAreNothing() throws Exception {
    assertThat(
            read(
                """
                : test stream

                data: first event
                id: 1

                data:second event
                id

                color: red
                retry: 10

                data:  third event

                """))
        .containsExactly("null=first event", "null=second event", "null= third event");
  }

  @Test
  void aFieldWithoutColonIsEmptyAndAnEventThatIsNotEndedIsNone() throws Exception {
    assertThat(read("data\n\ndata\ndata\n\ndata:")).containsExactly("null=", "null=\n");
    assertThat(read("data: a\n\ndata: half\n")).containsExactly("null=a");
  }

  @Test
  void aTypeIsOfItsEventAloneAlsoIfThatHasNoData() throws Exception {
    assertThat(read("event: add\ndata: 1\n\ndata: 2\n\nevent: lost\n\ndata: 3\n\n"))
        .containsExactly("add=1", "null=2", "null=3");
    assertThat(read("event:a\nevent:  b \ndata:\n\n")).containsExactly(" b =");
  }

  @Test
  void oneByteOrderMarkAtTheBeginningIsLeftOut() throws Exception {
    assertThat(read("\ufeffdata: a\n\n")).containsExactly("null=a");
    assertThat(read("\ufeff\ufeffdata: a\n\ndata: \ufeffb\n\n")).containsExactly("null=\ufeffb");
  }

  @Test
  void moreThanIsAllowedIsNotRead() {
    var body =
        new ByteArrayInputStream("data: a\n\n".repeat(100_000).getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> EventStream.read(body, listener(new ArrayList<>()), 90))
        .isInstanceOf(EventStream.TooLongException.class)
        .hasMessage("sent more than 90 characters in its answer");
    assertThat(body.available()).isGreaterThan(800_000);
    assertThatThrownBy(() -> read("data: " + "x".repeat(5 << 20)))
        .hasMessageContaining("characters in one event");
  }

  private static List<String> read(String text) throws IOException {
    List<String> events = new ArrayList<>();
    EventStream.read(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
        listener(events),
        Long.MAX_VALUE);
    return events;
  }

  private static ServerSentEventListener listener(List<String> events) {
    return new ServerSentEventListener() {
      @Override
      public void onEvent(ServerSentEvent event) {
        events.add(event.event() + "=" + event.data());
      }

      @Override
      public void onError(Throwable failure) {
        throw new AssertionError(failure);
      }
    };
  }
}
