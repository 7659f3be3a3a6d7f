"""Takes a procedure through its life: ``target/venv/bin/python example.py``.

ATHENA_SERVER names the server, by default 127.0.0.1:7070; ATHENA_TOKEN is the token, if it asks for one.
"""

from __future__ import annotations

import os
import uuid

import grpc
from athena.procedures.v1.execution_pb2 import ExecutionEvent, Outcome, OutputStream
from athena.procedures.v1.execution_service_pb2 import ExecuteProcedureRequest, SubmitExecutionRequest
from athena.procedures.v1.execution_service_pb2_grpc import ExecutionServiceStub
from athena.procedures.v1.procedure_pb2 import ParameterType, Procedure
from athena.procedures.v1.procedure_service_pb2 import (
    ForgetProcedureRequest,
    GetProcedureStatsRequest,
    RememberProcedureRequest,
    SaveProcedureCodeRequest,
)
from athena.procedures.v1.procedure_service_pb2_grpc import ProcedureServiceStub

from athena_procedures import InteractiveRun, ToolError, open_channel, read_refusal, watch_execution

CODE = '''
import sandbox

def total(items: list = ["pen", "ink"]) -> float:
    """Adds up what items cost, at prices that only the caller knows."""
    total = 0.0
    for item in items:
        try:
            price = sandbox.tools.price(item=item)
        except sandbox.ToolError as error:
            print(error)
        else:
            print(item, price)
            total += price
    return total
'''
PRICES = {"pen": 1.5, "ink": 4.0}


def price(item: str) -> float:
    """A tool of this caller's: what an item costs."""
    if item not in PRICES:
        raise ToolError(f"nobody sells {item}")
    return PRICES[item]


def main() -> None:
    """Calls the service."""
    address = os.environ.get("ATHENA_SERVER", "127.0.0.1:7070")
    with open_channel(address, token=os.environ.get("ATHENA_TOKEN")) as channel:
        procedures = ProcedureServiceStub(channel)
        executions = ExecutionServiceStub(channel)
        procedure_id = remember(procedures)
        run_with_tools(executions, procedure_id)
        run_in_background(executions, procedure_id)
        print_a_refusal(executions, procedure_id)
        stats = procedures.GetProcedureStats(GetProcedureStatsRequest(procedure_id=procedure_id), timeout=10)
        print(f"{stats.total.usage_count} runs, {stats.total.success_rate:.0%} with success")
        procedures.ForgetProcedure(ForgetProcedureRequest(procedure_id=procedure_id), timeout=10)


def remember(procedures: ProcedureServiceStub) -> int:
    """Stores a procedure with code. A request_id lets a call be repeated without storing twice."""
    definition = Procedure(name=f"total-{uuid.uuid4()}", description="Adds up what items cost")
    definition.parameters.add(name="items", type=ParameterType.PARAMETER_TYPE_ARRAY)
    remembered = procedures.RememberProcedure(
        RememberProcedureRequest(procedure=definition, request_id=str(uuid.uuid4())), timeout=10
    )
    procedure_id = remembered.procedure.procedure_id
    procedures.SaveProcedureCode(SaveProcedureCodeRequest(procedure_id=procedure_id, code=CODE), timeout=10)
    return procedure_id


def run_with_tools(executions: ExecutionServiceStub, procedure_id: int) -> None:
    """Runs it, and answers its tool calls meanwhile."""
    request = ExecuteProcedureRequest(procedure_id=procedure_id)
    request.parameters.update({"items": ["pen", "ink", "unicorn"]})
    with InteractiveRun(executions, request, {"price": price}) as run:
        for event in run:
            show(event)


def run_in_background(executions: ExecutionServiceStub, procedure_id: int) -> None:
    """Submits a run, and watches it from its first event on, through broken connections too."""
    request = SubmitExecutionRequest(execution=ExecuteProcedureRequest(procedure_id=procedure_id))
    execution_id = executions.SubmitExecution(request, timeout=10).execution.execution_id
    for event in watch_execution(executions, execution_id):
        show(event)


def print_a_refusal(executions: ExecutionServiceStub, procedure_id: int) -> None:
    """Asks for what cannot be: a version that there is not."""
    try:
        for _ in executions.ExecuteProcedure(
            ExecuteProcedureRequest(procedure_id=procedure_id, version="v9"), timeout=10
        ):
            pass
    except grpc.RpcError as error:
        refusal = read_refusal(error)
        print(f"{refusal.code.name} ({refusal.reason}): {refusal.message}")


def show(event: ExecutionEvent) -> None:
    """Prints what a person wants to see."""
    if event.HasField("output"):
        print(f"{OutputStream.Name(event.output.stream)}: {event.output.data!r}")
    elif event.HasField("completed"):
        print(f"{Outcome.Name(event.completed.outcome)}: {event.completed.result.number_value}")


if __name__ == "__main__":
    main()
