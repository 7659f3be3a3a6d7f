package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"

	"athena.dev/procedures/athena"
	pb "athena.dev/procedures/v1"
)

const longestCallSeconds = 30

// player plays the steps of one scenario against a server.
type player struct {
	address, breakingAddress, token string
	names                           map[string]any
	channels                        map[[2]string]*grpc.ClientConn
}

func newPlayer(address, breakingAddress, token string) *player {
	return &player{
		address: address, breakingAddress: breakingAddress, token: token,
		names:    map[string]any{"project": "conformance-" + strings.ToLower(rand.Text())},
		channels: make(map[[2]string]*grpc.ClientConn),
	}
}

func (p *player) close() {
	for _, channel := range p.channels {
		channel.Close()
	}
}

// play plays steps, one after the other. An error says in which one the service did not do as the scenario says.
func (p *player) play(steps []step) error {
	for index, step := range steps {
		if err := p.playStep(step); err != nil {
			title := cmp.Or(step.Call, "remember "+step.Remember)
			// As text: a call that failed within another is not the other's failure.
			return fmt.Errorf("step %d, %s: %s", index+1, title, told(err))
		}
	}
	return nil
}

func (p *player) playStep(step step) error {
	if step.Remember != "" {
		return p.remember(step)
	}
	ctx, end := context.WithTimeout(context.Background(), deadline(step))
	defer end()
	if step.Conversation == nil {
		return p.call(ctx, step)
	}
	call, err := p.open(ctx, end, step)
	if err != nil {
		return p.compareFailure(step, err)
	}
	return errors.Join(p.converse(step, call), call.leave())
}

func (p *player) remember(named step) error {
	procedure := map[string]any{"name": named.Remember, "project": "$project"}
	maps.Copy(procedure, named.Procedure)
	steps := []step{
		{
			Call:    "ProcedureService.RememberProcedure",
			Request: map[string]any{"procedure": procedure},
			Keep:    map[string]string{named.Remember: "procedure.procedureId"},
		},
		{
			Call:    "ProcedureService.SaveProcedureCode",
			Request: map[string]any{"procedureId": "$" + named.Remember, "code": named.Code},
		},
	}
	return p.play(steps)
}

func (p *player) call(ctx context.Context, step step) error {
	method, err := findMethod(step.Call)
	if err != nil {
		return err
	}
	filled, err := fillIn(step.Request, p.names)
	if err != nil {
		return err
	}
	request, err := method.newRequest(filled)
	if err != nil {
		return err
	}
	channel, err := p.channel(step)
	if err != nil {
		return err
	}
	response, err := method.call(ctx, channel, request)
	if err != nil {
		return p.compareFailure(step, err)
	}
	if step.Fails != nil {
		return fmt.Errorf("expected %s, but the call ended well", shown(step.Fails))
	}
	answer, err := readable(response)
	if err != nil {
		return err
	}
	expected, err := fillIn(step.Response, p.names)
	if err != nil {
		return err
	}
	if err := compare(expected, answer, "answer"); err != nil {
		return err
	}
	return p.keep(step.Keep, answer)
}

func (p *player) open(ctx context.Context, end context.CancelFunc, step step) (callUnderWay, error) {
	channel, err := p.channel(step)
	if err != nil {
		return nil, err
	}
	request, err := fillIn(step.Request, p.names)
	if err != nil {
		return nil, err
	}
	if step.Tools != nil {
		return serve(ctx, channel, request, step.Tools)
	}
	method, err := findMethod(step.Call)
	if err != nil {
		return nil, err
	}
	message, err := method.newRequest(request)
	if err != nil {
		return nil, err
	}
	if watch, ok := message.(*pb.WatchExecutionRequest); ok && step.Resumed {
		client := pb.NewExecutionServiceClient(channel)
		return watched{pull(athena.WatchExecution(ctx, client, watch.ExecutionId, watch.AfterSequence))}, nil
	}
	stream, err := method.open(ctx, channel, message)
	if err != nil {
		return nil, err
	}
	return rawCall{stream, method, end}, nil
}

func (p *player) converse(step step, call callUnderWay) error {
	after, err := fillIn(step.Request["afterSequence"], p.names)
	if err != nil {
		return err
	}
	sequence, _ := numberIn(after)
	conversation := &conversation{call: call, sequence: sequence}
	left := false
	for _, turn := range *step.Conversation {
		if err := p.take(turn, conversation); err != nil {
			return p.compareFailure(step, err)
		}
		left = left || turn.Leave
	}
	if !left {
		if err := conversation.readToEnd(); err != nil {
			return p.compareFailure(step, err)
		}
		if step.Fails != nil {
			return fmt.Errorf("expected %s, but the call ended well", shown(step.Fails))
		}
	}
	if step.Output != nil {
		return compare(step.Output, conversation.output.String(), "output")
	}
	return nil
}

func (p *player) take(turn turn, conversation *conversation) error {
	switch {
	case turn.Receive != nil:
		expected, err := fillIn(turn.Receive, p.names)
		if err != nil {
			return err
		}
		answer, err := conversation.receive(expected)
		if err != nil {
			return err
		}
		return p.keep(turn.Keep, answer)
	case turn.Send != nil:
		content, err := fillIn(turn.Send, p.names)
		if err != nil {
			return err
		}
		return conversation.call.send(content)
	case turn.Meanwhile != nil:
		return p.play(turn.Meanwhile)
	case turn.Leave:
		return conversation.call.leave()
	default:
		return errors.New("a turn has none of receive, send, meanwhile and leave")
	}
}

func (p *player) keep(paths map[string]string, answer map[string]any) error {
	for name, path := range paths {
		value, err := lookUp(path, answer)
		if err != nil {
			return err
		}
		p.names[name] = value
	}
	return nil
}

// compareFailure gives the error back unless it is the failure of a call that the step expects.
func (p *player) compareFailure(step step, err error) error {
	refusal, ok := athena.ReadRefusal(err)
	if !ok || step.Fails == nil {
		return err
	}
	violations := []any{}
	for _, violation := range refusal.FieldViolations {
		violations = append(violations, map[string]any{"field": violation.Field, "description": violation.Description})
	}
	expected, err := fillIn(step.Fails, p.names)
	if err != nil {
		return err
	}
	return compare(expected, map[string]any{
		"code":              code.Code(refusal.Code).String(),
		"message":           refusal.Message,
		"reason":            refusal.Reason,
		"fieldViolations":   violations,
		"retryAfterSeconds": refusal.RetryAfter.Seconds(),
	}, "fails")
}

func (p *player) channel(step step) (*grpc.ClientConn, error) {
	key := [2]string{p.address, p.token}
	if step.Resumed {
		key[0] = p.breakingAddress
	}
	if step.Token != nil {
		key[1] = *step.Token
	}
	if key[0] == "" {
		return nil, errors.New("ATHENA_BREAKING_SERVER is not set")
	}
	if channel, ok := p.channels[key]; ok {
		return channel, nil
	}
	channel, err := athena.OpenChannel(key[0], athena.ChannelOptions{Token: key[1]})
	if err != nil {
		return nil, err
	}
	p.channels[key] = channel
	return channel, nil
}

func deadline(step step) time.Duration {
	return time.Duration(cmp.Or(step.DeadlineSeconds, longestCallSeconds) * float64(time.Second))
}

func told(err error) string {
	if refusal, ok := athena.ReadRefusal(err); ok {
		return fmt.Sprintf("%s (%s): %s %v", refusal.Code, refusal.Reason, refusal.Message, refusal.FieldViolations)
	}
	return err.Error()
}
