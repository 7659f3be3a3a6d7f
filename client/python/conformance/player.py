"""Plays the steps of a scenario."""

from __future__ import annotations

from typing import Any

import grpc
from athena.procedures.v1 import execution_service_pb2, procedure_service_pb2
from athena.procedures.v1.execution_service_pb2_grpc import ExecutionServiceStub
from athena.procedures.v1.procedure_service_pb2_grpc import ProcedureServiceStub
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from athena_procedures import open_channel, read_refusal, watch_execution
from conformance.conversations import Conversation, RawCall, ServedRun, Watched, readable
from conformance.values import Mismatch, compare, fill_in, look_up

_LONGEST_CALL_SECONDS = 30.0


class Player:
    """Plays the steps of one scenario against a server."""

    def __init__(self, address: str, breaking_address: str | None, token: str | None, project: str) -> None:
        self._address = address
        self._breaking_address = breaking_address
        self._token = token
        self._names: dict[str, Any] = {"project": project}
        self._channels: dict[tuple[str, str | None], grpc.Channel] = {}

    def close(self) -> None:
        """Closes the connections."""
        for channel in self._channels.values():
            channel.close()

    def play(self, steps: list[dict[str, Any]]) -> None:
        """Plays steps, one after the other.

        Raises:
            Mismatch: The service did not do as the scenario says; the message names the step.
        """
        for number, step in enumerate(steps, 1):
            try:
                self._play(step)
            except (Mismatch, grpc.RpcError) as problem:
                title = step.get("call") or f"remember {step['remember']}"
                raise Mismatch(f"step {number}, {title}: {_told(problem)}") from problem

    def _play(self, step: dict[str, Any]) -> None:
        if "remember" in step:
            self._remember(step)
        elif "conversation" in step:
            self._converse(step)
        else:
            self._call(step)

    def _remember(self, step: dict[str, Any]) -> None:
        name = step["remember"]
        procedure = {"name": name, "project": self._names["project"], **step.get("procedure", {})}
        self._call(
            {
                "call": "ProcedureService.RememberProcedure",
                "request": {"procedure": procedure},
                "keep": {name: "procedure.procedureId"},
            }
        )
        self._call(
            {
                "call": "ProcedureService.SaveProcedureCode",
                "request": {"procedureId": f"${name}", "code": step["code"]},
            }
        )

    def _call(self, step: dict[str, Any]) -> None:
        method = _method(step["call"])
        request = self._request(method, step)
        try:
            response = getattr(self._stub(step), method.name)(request, timeout=_timeout(step))
        except grpc.RpcError as error:
            self._compare_failure(step, error)
            return
        if "fails" in step:
            raise Mismatch(f"expected {step['fails']}, got {readable(response)}")
        answer = readable(response)
        compare(fill_in(step.get("response", {}), self._names), answer)
        self._keep(step, answer)

    def _converse(self, step: dict[str, Any]) -> None:
        with self._channel_of(step) as channel:
            after = int(fill_in(step["request"], self._names).get("afterSequence", 0))
            conversation = Conversation(channel, after)
            try:
                for turn in step["conversation"]:
                    self._take(turn, conversation)
                if not conversation.left:
                    conversation.read_to_end()
            except grpc.RpcError as error:
                self._compare_failure(step, error)
            else:
                if "fails" in step:
                    raise Mismatch(f"expected {step['fails']}, but the call ended well")
            if "output" in step:
                compare(step["output"], conversation.output, "output")

    def _take(self, turn: dict[str, Any], conversation: Conversation) -> None:
        if "receive" in turn:
            self._keep(turn, conversation.receive(fill_in(turn["receive"], self._names)))
        elif "send" in turn:
            conversation.send(fill_in(turn["send"], self._names))
        elif "meanwhile" in turn:
            self.play(turn["meanwhile"])
        elif "leave" in turn:
            conversation.leave()
        else:
            raise Mismatch(f"there is no turn {turn}")

    def _channel_of(self, step: dict[str, Any]) -> RawCall | ServedRun | Watched:
        method = _method(step["call"])
        if "tools" in step:
            request = fill_in(step["request"], self._names)
            return ServedRun(self._executions(step), request, step["tools"], _timeout(step))
        request = self._request(method, step)
        if step.get("resumed"):
            assert isinstance(request, execution_service_pb2.WatchExecutionRequest)
            events = watch_execution(
                self._executions(step), request.execution_id, after_sequence=request.after_sequence
            )
            return Watched(execution_service_pb2.WatchExecutionResponse(event=event) for event in events)
        call = getattr(self._stub(step), method.name)
        return RawCall(call, request, method.client_streaming, {"timeout": _timeout(step)})

    def _request(self, method: MethodDescriptor, step: dict[str, Any]) -> Message:
        return ParseDict(fill_in(step["request"], self._names), GetMessageClass(method.input_type)())

    def _keep(self, step: dict[str, Any], answer: dict[str, Any]) -> None:
        for name, path in step.get("keep", {}).items():
            self._names[name] = look_up(path, answer)

    def _compare_failure(self, step: dict[str, Any], error: grpc.RpcError) -> None:
        if "fails" not in step:
            raise error
        refusal = read_refusal(error)
        told = {
            "code": refusal.code.name,
            "message": refusal.message,
            "reason": refusal.reason,
            "fieldViolations": [{"field": v.field, "description": v.description} for v in refusal.field_violations],
            "retryAfterSeconds": refusal.retry_after.total_seconds() if refusal.retry_after else None,
        }
        compare(fill_in(step["fails"], self._names), told)

    def _stub(self, step: dict[str, Any]) -> ProcedureServiceStub | ExecutionServiceStub:
        if step["call"].startswith("ProcedureService."):
            return ProcedureServiceStub(self._channel(step))
        return self._executions(step)

    def _executions(self, step: dict[str, Any]) -> ExecutionServiceStub:
        return ExecutionServiceStub(self._channel(step))

    def _channel(self, step: dict[str, Any]) -> grpc.Channel:
        address = self._breaking_address if step.get("resumed") else self._address
        if address is None:
            raise Mismatch("ATHENA_BREAKING_SERVER is not set")
        key = (address, step.get("token", self._token))
        if key not in self._channels:
            self._channels[key] = open_channel(address, token=key[1])
        return self._channels[key]


def _method(name: str) -> MethodDescriptor:
    service, method = name.split(".")
    services = {
        **procedure_service_pb2.DESCRIPTOR.services_by_name,
        **execution_service_pb2.DESCRIPTOR.services_by_name,
    }
    found: MethodDescriptor = services[service].methods_by_name[method]
    return found


def _timeout(step: dict[str, Any]) -> float:
    return float(step.get("deadlineSeconds", _LONGEST_CALL_SECONDS))


def _told(problem: Exception) -> str:
    if isinstance(problem, grpc.RpcError):
        return str(read_refusal(problem))
    return str(problem)
