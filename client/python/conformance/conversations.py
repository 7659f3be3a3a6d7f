"""Calls that stream: what comes is compared as it comes, and what is to be sent is sent in between."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Protocol

from athena.procedures.v1.execution_service_pb2 import ExecuteProcedureRequest, RunProcedureRequest
from athena.procedures.v1.execution_service_pb2_grpc import ExecutionServiceStub
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message

from athena_procedures import InteractiveRun, ToolError
from conformance.values import Mismatch, compare


class Channel(Protocol):
    """A call under way."""

    def responses(self) -> Iterator[Message]:
        """What comes, to the end of the call."""

    def send(self, request: dict[str, Any]) -> None:
        """Sends a message."""

    def leave(self) -> None:
        """Ends the call from this side."""


class RawCall(AbstractContextManager["RawCall"]):
    """A call of the stub as it is."""

    def __init__(
        self, method: Callable[..., Any], first: Message, client_streams: bool, options: dict[str, Any]
    ) -> None:
        self._requests: SimpleQueue[Message | None] = SimpleQueue()
        self._requests.put(first)
        self._kind = type(first)
        self._call = method(iter(self._requests.get, None) if client_streams else first, **options)

    def responses(self) -> Iterator[Message]:
        yield from self._call

    def send(self, request: dict[str, Any]) -> None:
        self._requests.put(ParseDict(with_bytes(request), self._kind()))

    def leave(self) -> None:
        self._call.cancel()
        self._requests.put(None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.leave()


class ServedRun(AbstractContextManager["ServedRun"]):
    """A run by the helper, with tools that answer as a scenario tells."""

    def __init__(
        self, stub: ExecutionServiceStub, request: dict[str, Any], tools: dict[str, Any], timeout: float
    ) -> None:
        served = {name: _answering(name, answers) for name, answers in tools.items()}
        self._run = InteractiveRun(stub, ParseDict(request, ExecuteProcedureRequest()), served, timeout=timeout)

    def responses(self) -> Iterator[Message]:
        yield from self._run

    def send(self, request: dict[str, Any]) -> None:
        message = ParseDict(with_bytes(request), RunProcedureRequest())
        if message.HasField("stdin"):
            self._run.write_stdin(message.stdin)
        elif message.HasField("close_stdin"):
            self._run.close_stdin()
        elif message.HasField("cancel"):
            self._run.cancel()
        else:
            raise Mismatch(f"a run with tools sends no {message.WhichOneof('request')}")

    def leave(self) -> None:
        self._run.__exit__(None, None, None)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._run.__exit__(kind, error, traceback)


class Watched(AbstractContextManager["Watched"]):
    """An execution watched by the helper."""

    def __init__(self, events: Iterator[Message]) -> None:
        self._events = events

    def responses(self) -> Iterator[Message]:
        yield from self._events

    def send(self, request: dict[str, Any]) -> None:
        raise Mismatch("nothing can be sent to an execution that is watched")

    def leave(self) -> None:
        """The helper leaves when it is no longer read."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.leave()


class Conversation:
    """Reads a stream and keeps what a scenario may ask of it."""

    def __init__(self, channel: Channel, after_sequence: int) -> None:
        self._channel = channel
        self._responses = channel.responses()
        self._sequence = after_sequence
        self.output = ""
        self.left = False

    def receive(self, expected: Any) -> dict[str, Any]:
        """Reads until something comes that is as expected."""
        others: list[str] = []
        for answer in self._answers():
            try:
                compare(expected, answer)
                return answer
            except Mismatch as mismatch:
                others.append(f"{answer} ({mismatch})")
        raise Mismatch(f"{expected} did not come, but: " + "; ".join(others))

    def send(self, request: dict[str, Any]) -> None:
        """Sends a message."""
        self._channel.send(request)

    def leave(self) -> None:
        """Ends the call from this side."""
        self.left = True
        self._channel.leave()

    def read_to_end(self) -> None:
        """Reads whatever else comes.

        Raises:
            grpc.RpcError: The call failed.
        """
        for _ in self._answers():
            pass

    def _answers(self) -> Iterator[dict[str, Any]]:
        for response in self._responses:
            answer = readable(response)
            if "event" in answer:
                answer = answer["event"]
                self._keep_track(answer)
            yield answer

    def _keep_track(self, event: dict[str, Any]) -> None:
        sequence = int(event.get("sequence", 0))
        due = self._sequence if "heartbeat" in event else self._sequence + 1
        if sequence != due:
            raise Mismatch(f"event {sequence} came where {due} was due: {event}")
        self._sequence = sequence
        if "output" in event:
            self.output += event["output"]["data"]


def readable(message: Message) -> dict[str, Any]:
    """JSON of a message, with bytes as text."""
    answer: dict[str, Any] = MessageToDict(message)
    for holder in (answer, answer.get("event", {}).get("output", {})):
        if "data" in holder:
            holder["data"] = base64.b64decode(holder["data"]).decode()
    return answer


def with_bytes(request: dict[str, Any]) -> dict[str, Any]:
    """JSON of a message, from one with bytes as text."""
    if "stdin" in request:
        return {"stdin": base64.b64encode(request["stdin"].encode()).decode()}
    return request


def _answering(name: str, answers: Sequence[dict[str, Any]]) -> Callable[..., Any]:
    def tool(**arguments: Any) -> Any:
        for answer in answers:
            if answer["arguments"] == arguments:
                if "error" in answer:
                    raise ToolError(answer["error"])
                return answer["value"]
        raise ToolError(f"the scenario has no answer to {name} of {arguments}")

    return tool
