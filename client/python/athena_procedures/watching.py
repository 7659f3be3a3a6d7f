"""Watching an execution through broken connections."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import grpc
from athena.procedures.v1.execution_pb2 import ExecutionEvent
from athena.procedures.v1.execution_service_pb2 import WatchExecutionRequest
from athena.procedures.v1.execution_service_pb2_grpc import ExecutionServiceStub

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0


def watch_execution(
    stub: ExecutionServiceStub, execution_id: str, *, after_sequence: int = 0, attempts: int = 6
) -> Iterator[ExecutionEvent]:
    """Gives each event of an execution once, to Completed, going on after the last one seen when a connection breaks.

    Args:
        stub: The generated stub.
        execution_id: Which execution.
        after_sequence: Events up to this one are left out.
        attempts: Calls in succession that may break without having brought an event; the pauses between them grow from
            0.1 s to 5 s.

    Raises:
        grpc.RpcError: The service refused the call, or all attempts broke; see ``read_refusal``.
        ConnectionError: All attempts ended without an outcome.
    """
    failures = 0
    while True:
        broken: Exception = ConnectionError("the service ended the stream without telling an outcome")
        call = stub.WatchExecution(WatchExecutionRequest(execution_id=execution_id, after_sequence=after_sequence))
        try:
            for response in call:
                event = response.event
                if event.HasField("heartbeat"):
                    continue
                after_sequence = event.sequence
                failures = 0
                yield event
                if event.HasField("completed"):
                    return
        except grpc.RpcError as error:
            if not isinstance(error, grpc.Call) or error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
            broken = error
        finally:
            call.cancel()
        failures += 1
        if failures == attempts:
            raise broken
        pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** (failures - 1), _LONGEST_PAUSE_SECONDS)
        time.sleep(pause * random.uniform(0.5, 1.0))
