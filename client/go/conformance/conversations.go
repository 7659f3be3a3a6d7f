package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"athena.dev/procedures/athena"
	pb "athena.dev/procedures/v1"
)

// callUnderWay is a call that streams.
type callUnderWay interface {
	// receive gives what comes next, io.EOF at the end.
	receive() (proto.Message, error)
	// send sends a message.
	send(content any) error
	// leave ends the call from this side; it may have ended before.
	leave() error
}

// rawCall is a call of the stub as it is.
type rawCall struct {
	stream grpc.ClientStream
	method method
	end    context.CancelFunc
}

func (c rawCall) receive() (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(c.method.Output().FullName())
	if err != nil {
		return nil, err
	}
	message := kind.New().Interface()
	return message, c.stream.RecvMsg(message)
}

func (c rawCall) send(content any) error {
	message, err := c.method.newRequest(content)
	if err != nil {
		return err
	}
	return send(c.stream, message)
}

func (c rawCall) leave() error {
	c.end()
	return nil
}

// events are those that a helper gives.
type events struct {
	next func() (*pb.ExecutionEvent, error, bool)
	stop func()
}

func pull(sequence iter.Seq2[*pb.ExecutionEvent, error]) events {
	next, stop := iter.Pull2(sequence)
	return events{next, stop}
}

func (e events) receive() (proto.Message, error) {
	event, err, ok := e.next()
	if !ok {
		return nil, io.EOF
	}
	return &pb.WatchExecutionResponse{Event: event}, err
}

// watched is an execution watched by the helper.
type watched struct{ events }

func (watched) send(any) error {
	return errors.New("nothing can be sent to an execution that is watched")
}

func (w watched) leave() error {
	w.stop()
	return nil
}

// servedRun is a run by the helper, with tools that answer as a scenario tells.
type servedRun struct {
	events
	run *athena.InteractiveRun
}

func serve(
	ctx context.Context, channel *grpc.ClientConn, request any, tools map[string][]answer,
) (callUnderWay, error) {
	message, err := parse(request, protoreflect.FullName("athena.procedures.v1.ExecuteProcedureRequest"))
	if err != nil {
		return nil, err
	}
	served := make(map[string]athena.Tool)
	for name, answers := range tools {
		served[name] = answering(name, answers)
	}
	client := pb.NewExecutionServiceClient(channel)
	run, err := athena.StartRun(ctx, client, message.(*pb.ExecuteProcedureRequest), served)
	if err != nil {
		return nil, err
	}
	return servedRun{pull(run.Events()), run}, nil
}

func (r servedRun) send(content any) error {
	message, err := parse(content, protoreflect.FullName("athena.procedures.v1.RunProcedureRequest"))
	if err != nil {
		return err
	}
	switch request := message.(*pb.RunProcedureRequest).Request.(type) {
	case *pb.RunProcedureRequest_Stdin:
		_, err := r.run.Write(request.Stdin)
		return err
	case *pb.RunProcedureRequest_CloseStdin_:
		return r.run.CloseStdin()
	case *pb.RunProcedureRequest_Cancel_:
		return r.run.Cancel()
	default:
		return fmt.Errorf("a run with tools sends no %s", shown(content))
	}
}

func (r servedRun) leave() error {
	r.stop()
	return r.run.Close()
}

func answering(name string, answers []answer) athena.Tool {
	return func(_ context.Context, arguments map[string]any) (any, error) {
		for _, answer := range answers {
			if reflect.DeepEqual(answer.Arguments, arguments) {
				if answer.Error != "" {
					return nil, athena.ToolError(answer.Error)
				}
				return answer.Value, nil
			}
		}
		return nil, fmt.Errorf("the scenario has no answer to %s of %s", name, shown(arguments))
	}
}

// conversation reads a stream and keeps what a scenario may ask of it.
type conversation struct {
	call     callUnderWay
	sequence float64
	output   strings.Builder
}

// receive reads until something comes that is as expected.
func (c *conversation) receive(expected any) (map[string]any, error) {
	var others []string
	for {
		answer, err := c.next()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s did not come, but: %s", shown(expected), strings.Join(others, "; "))
		}
		if err != nil {
			return nil, err
		}
		mismatch := compare(expected, answer, "answer")
		if mismatch == nil {
			return answer, nil
		}
		others = append(others, fmt.Sprintf("%s (%s)", shown(answer), mismatch))
	}
}

// readToEnd reads whatever else comes.
func (c *conversation) readToEnd() error {
	for {
		if _, err := c.next(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (c *conversation) next() (map[string]any, error) {
	message, err := c.call.receive()
	if err != nil {
		return nil, err
	}
	answer, err := readable(message)
	if err != nil {
		return nil, err
	}
	if event, ok := answer["event"].(map[string]any); ok {
		return event, c.keepTrack(event)
	}
	return answer, nil
}

func (c *conversation) keepTrack(event map[string]any) error {
	sequence, _ := numberIn(event["sequence"])
	due := c.sequence + 1
	if _, ok := event["heartbeat"]; ok {
		due = c.sequence
	}
	if sequence != due {
		return fmt.Errorf("event %v came where %v was due: %s", sequence, due, shown(event))
	}
	c.sequence = sequence
	if output, ok := event["output"].(map[string]any); ok {
		data, _ := output["data"].(string)
		c.output.WriteString(data)
	}
	return nil
}
