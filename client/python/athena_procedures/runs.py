"""A run with a channel to its program: tools that the caller serves, standard input, cancel."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Condition
from types import TracebackType
from typing import Any, TypeAlias

from athena.procedures.v1.execution_pb2 import ExecutionEvent
from athena.procedures.v1.execution_service_pb2 import ExecuteProcedureRequest, RunProcedureRequest
from athena.procedures.v1.execution_service_pb2_grpc import ExecutionServiceStub
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Value

Tool: TypeAlias = Callable[..., Any]
"""A function of the caller's: takes the arguments of a tool call by name, and returns what JSON can express."""

_MAX_STDIN_BYTES = 1 << 20
_MAX_ERROR_CHARACTERS = 10_000


class ToolError(Exception):
    """Raised by a tool to tell the program why there is no answer; the program sees it as ``sandbox.ToolError``."""


class InteractiveRun:
    """One call of RunProcedure whose tools are served here.

    Iterate over it to get the events as they happen; tool calls are among them, and are answered by threads of the run
    meanwhile. Leaving the ``with`` block before Completed kills the program. One thread iterates; any may write::

        with InteractiveRun(stub, request, {"lookup": lambda key: catalogue[key]}) as run:
            for event in run:
                print(event)

    The program sees a ``ToolError``'s message. Of any other exception of a tool it is told the type only, because the
    text may hold what the program must not know; the exception itself is then raised here, at the end of the run.
    """

    def __init__(
        self,
        stub: ExecutionServiceStub,
        request: ExecuteProcedureRequest,
        tools: Mapping[str, Tool] | None = None,
        *,
        timeout: float | None = None,
        concurrent_tools: int = 8,
    ) -> None:
        """Starts the run.

        Args:
            stub: The generated stub.
            request: What to run.
            tools: Functions by the names under which the program calls them.
            timeout: Seconds after which the call ends with DEADLINE_EXCEEDED and the program is killed.
            concurrent_tools: Tool calls that are answered at a time.
        """
        self._tools = dict(tools or {})
        self._failures: list[Exception] = []
        self._outbox = _Outbox()
        self._outbox.put(RunProcedureRequest(start=request))
        self._workers = ThreadPoolExecutor(concurrent_tools, thread_name_prefix="athena-tool")
        self._call = stub.RunProcedure(iter(self._outbox), timeout=timeout)
        # gRPC's thread that sends waits for the next request, also when the call has ended.
        if not self._call.add_callback(self._outbox.close):
            self._outbox.close()

    def __enter__(self) -> InteractiveRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._call.cancel()
        self._outbox.close()
        self._workers.shutdown(wait=True, cancel_futures=True)
        if error is None and self._failures:
            raise self._failures[0]

    def __iter__(self) -> Iterator[ExecutionEvent]:
        """Gives the events up to Completed.

        Raises:
            grpc.RpcError: The call failed; see ``read_refusal``.
        """
        for response in self._call:
            event = response.event
            if event.HasField("tool_call"):
                self._workers.submit(self._answer, event.tool_call)
            yield event

    def write_stdin(self, data: bytes) -> bool:
        """Writes to the program's standard input; waits while it does not read. False if the run has ended."""
        return all(
            self._outbox.put(RunProcedureRequest(stdin=data[start : start + _MAX_STDIN_BYTES]))
            for start in range(0, len(data), _MAX_STDIN_BYTES)
        )

    def close_stdin(self) -> bool:
        """Ends the program's standard input; tools are still served. False if the run has ended."""
        return self._outbox.put(RunProcedureRequest(close_stdin=RunProcedureRequest.CloseStdin()))

    def cancel(self) -> bool:
        """Asks for the end of the run; Completed follows among the events. False if the run has ended."""
        return self._outbox.put(RunProcedureRequest(cancel=RunProcedureRequest.Cancel()))

    def _answer(self, call: ExecutionEvent.ToolCall) -> None:
        result = RunProcedureRequest.ToolResult(call_id=call.call_id)
        try:
            result.value.CopyFrom(ParseDict(self._use(call), Value()))
        except ToolError as error:
            result.error = str(error)[:_MAX_ERROR_CHARACTERS]
        except Exception as error:
            self._failures.append(error)
            result.error = f"the tool {call.name} failed: {type(error).__name__}"
        self._outbox.put(RunProcedureRequest(tool_result=result))

    def _use(self, call: ExecutionEvent.ToolCall) -> Any:
        tool = self._tools.get(call.name)
        if tool is None:
            raise ToolError(f"there is no tool {call.name}; there are: {', '.join(sorted(self._tools)) or 'none'}")
        return tool(**MessageToDict(call.arguments))


class _Outbox:
    """What is to be sent: bounded, so that a writer waits for a slow program, and closed when the call has ended."""

    _CAPACITY = 16

    def __init__(self) -> None:
        self._changed = Condition()
        self._requests: deque[RunProcedureRequest] = deque()
        self._closed = False

    def put(self, request: RunProcedureRequest) -> bool:
        """False, and nothing is sent, if it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._requests) < self._CAPACITY)
            if not self._closed:
                self._requests.append(request)
                self._changed.notify_all()
            return not self._closed

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[RunProcedureRequest]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or len(self._requests) > 0)
                if self._closed:
                    return
                request = self._requests.popleft()
                self._changed.notify_all()
            yield request
