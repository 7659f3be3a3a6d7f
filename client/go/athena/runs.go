package athena

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"google.golang.org/protobuf/types/known/structpb"

	pb "athena.dev/procedures/v1"
)

// Tool is a function of the caller's: it takes the arguments of a tool call by name, and returns what encoding/json can
// express. Calls come at the same time, at most eight of a run. The context ends with the run.
type Tool func(ctx context.Context, arguments map[string]any) (any, error)

// ToolError is returned by a tool to tell the program why there is no answer; the program sees it as sandbox.ToolError.
type ToolError string

func (e ToolError) Error() string { return string(e) }

// ErrRunEnded says that nothing was sent, because the run has ended.
var ErrRunEnded = errors.New("the run has ended")

const (
	concurrentTools    = 8
	maxStdinBytes      = 1 << 20
	maxErrorCharacters = 10_000
)

// InteractiveRun is one call of RunProcedure whose tools are served here.
//
// One goroutine ranges over Events; tool calls are among them, and are answered meanwhile. Any may write. Who has
// ranged closes it; before Completed, that kills the program.
//
// The program sees a ToolError's message. Of any other error of a tool it is told only that the tool failed, because the
// text may hold what the program must not know; Close returns the error itself.
type InteractiveRun struct {
	ctx   context.Context
	end   context.CancelFunc
	call  pb.ExecutionService_RunProcedureClient
	tools map[string]Tool
	slots chan struct{}
	// answers counts the tool calls that are being answered.
	answers sync.WaitGroup

	sending sync.Mutex // gRPC takes one message at a time.

	failing  sync.Mutex
	failures []error
}

// StartRun starts a run. The tools are named as the program calls them. When the context ends, so does the call, and
// the program is killed. An error is one of the call; see ReadRefusal. Who starts a run closes it.
func StartRun(
	ctx context.Context, client pb.ExecutionServiceClient, request *pb.ExecuteProcedureRequest, tools map[string]Tool,
) (*InteractiveRun, error) {
	ctx, end := context.WithCancel(ctx)
	call, err := client.RunProcedure(ctx)
	if err != nil {
		end()
		return nil, err
	}
	run := &InteractiveRun{
		ctx: ctx, end: end, call: call, tools: maps.Clone(tools), slots: make(chan struct{}, concurrentTools),
	}
	err = run.send(&pb.RunProcedureRequest{Request: &pb.RunProcedureRequest_Start{Start: request}})
	// A call that has ended already tells why when it is read.
	if err != nil && !errors.Is(err, ErrRunEnded) {
		end()
		return nil, err
	}
	return run, nil
}

// Events gives the events up to Completed. An error, the last thing it gives, is one of the call; see ReadRefusal.
func (run *InteractiveRun) Events() iter.Seq2[*pb.ExecutionEvent, error] {
	return func(yield func(*pb.ExecutionEvent, error) bool) {
		for {
			response, err := run.call.Recv()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if call := response.Event.GetToolCall(); call != nil {
				run.answers.Go(func() { run.answer(call) })
			}
			if !yield(response.Event, nil) {
				return
			}
		}
	}
}

// Write writes to the program's standard input; it waits while the program does not read. It fails with ErrRunEnded if
// the run has ended.
func (run *InteractiveRun) Write(data []byte) (int, error) {
	written := 0
	for chunk := range slices.Chunk(data, maxStdinBytes) {
		if err := run.send(&pb.RunProcedureRequest{Request: &pb.RunProcedureRequest_Stdin{Stdin: chunk}}); err != nil {
			return written, err
		}
		written += len(chunk)
	}
	return written, nil
}

// CloseStdin ends the program's standard input; tools are still served. It fails with ErrRunEnded if the run has ended.
func (run *InteractiveRun) CloseStdin() error {
	return run.send(&pb.RunProcedureRequest{
		Request: &pb.RunProcedureRequest_CloseStdin_{CloseStdin: &pb.RunProcedureRequest_CloseStdin{}},
	})
}

// Cancel asks for the end of the run; Completed follows among the events. It fails with ErrRunEnded if the run has
// ended.
func (run *InteractiveRun) Cancel() error {
	return run.send(&pb.RunProcedureRequest{
		Request: &pb.RunProcedureRequest_Cancel_{Cancel: &pb.RunProcedureRequest_Cancel{}},
	})
}

// Close ends the call, waits for the tools that are at work, and returns the errors of tools that are no ToolError.
func (run *InteractiveRun) Close() error {
	run.end()
	run.answers.Wait()
	return errors.Join(run.failures...)
}

func (run *InteractiveRun) send(request *pb.RunProcedureRequest) error {
	run.sending.Lock()
	defer run.sending.Unlock()
	err := run.call.Send(request)
	// So gRPC says that the call has ended.
	if errors.Is(err, io.EOF) {
		return ErrRunEnded
	}
	return err
}

func (run *InteractiveRun) answer(call *pb.ExecutionEvent_ToolCall) {
	select {
	case run.slots <- struct{}{}:
		defer func() { <-run.slots }()
	case <-run.ctx.Done():
		return
	}
	result := &pb.RunProcedureRequest_ToolResult{CallId: call.CallId}
	value, err := run.use(call)
	var told ToolError
	switch {
	case err == nil:
		result.Answer = &pb.RunProcedureRequest_ToolResult_Value{Value: value}
	case errors.As(err, &told):
		result.Answer = &pb.RunProcedureRequest_ToolResult_Error{Error: shortened(string(told))}
	default:
		run.keep(fmt.Errorf("tool %s: %w", call.Name, err))
		result.Answer = &pb.RunProcedureRequest_ToolResult_Error{Error: fmt.Sprintf("the tool %s failed", call.Name)}
	}
	err = run.send(&pb.RunProcedureRequest{Request: &pb.RunProcedureRequest_ToolResult_{ToolResult: result}})
	// Who needed the answer may be gone.
	if err != nil && !errors.Is(err, ErrRunEnded) && run.ctx.Err() == nil {
		run.keep(fmt.Errorf("answer of tool %s: %w", call.Name, err))
	}
}

func (run *InteractiveRun) use(call *pb.ExecutionEvent_ToolCall) (*structpb.Value, error) {
	tool, ok := run.tools[call.Name]
	if !ok {
		names := strings.Join(slices.Sorted(maps.Keys(run.tools)), ", ")
		if names == "" {
			names = "none"
		}
		return nil, ToolError(fmt.Sprintf("there is no tool %s; there are: %s", call.Name, names))
	}
	answer, err := tool(run.ctx, call.Arguments.AsMap())
	if err != nil {
		return nil, err
	}
	// By way of JSON, which also expresses structs and typed lists.
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	value := &structpb.Value{}
	return value, value.UnmarshalJSON(text)
}

func (run *InteractiveRun) keep(failure error) {
	run.failing.Lock()
	defer run.failing.Unlock()
	run.failures = append(run.failures, failure)
}

func shortened(message string) string {
	characters := []rune(message)
	return string(characters[:min(len(characters), maxErrorCharacters)])
}
