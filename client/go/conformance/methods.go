package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	pb "athena.dev/procedures/v1"
)

// method is one that a scenario names, such as ProcedureService.GetProcedure.
type method struct {
	protoreflect.MethodDescriptor
}

func findMethod(name string) (method, error) {
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName("athena.procedures.v1." + name))
	if err != nil {
		return method{}, fmt.Errorf("%s: %w", name, err)
	}
	descriptor, ok := found.(protoreflect.MethodDescriptor)
	if !ok {
		return method{}, fmt.Errorf("%s is no method", name)
	}
	return method{descriptor}, nil
}

// newRequest gives the message that the method takes, with the content of Protobuf's JSON.
func (m method) newRequest(content any) (proto.Message, error) {
	return parse(content, m.Input().FullName())
}

// call calls a method that does not stream.
func (m method) call(ctx context.Context, channel *grpc.ClientConn, request proto.Message) (proto.Message, error) {
	results := m.stub(channel).Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(request)})
	if err, failed := results[1].Interface().(error); failed {
		return nil, err
	}
	return results[0].Interface().(proto.Message), nil
}

// open calls a method that streams, and sends the first message.
func (m method) open(
	ctx context.Context, channel *grpc.ClientConn, first proto.Message,
) (grpc.ClientStream, error) {
	arguments := []reflect.Value{reflect.ValueOf(ctx)}
	if !m.IsStreamingClient() {
		arguments = append(arguments, reflect.ValueOf(first))
	}
	results := m.stub(channel).Call(arguments)
	if err, failed := results[1].Interface().(error); failed {
		return nil, err
	}
	stream := results[0].Interface().(grpc.ClientStream)
	if m.IsStreamingClient() {
		return stream, send(stream, first)
	}
	return stream, nil
}

// send sends a message. Where the call has ended already, reading tells why.
func send(stream grpc.ClientStream, message proto.Message) error {
	if err := stream.SendMsg(message); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// stub is the method of the generated client.
func (m method) stub(channel *grpc.ClientConn) reflect.Value {
	var client any = pb.NewExecutionServiceClient(channel)
	if m.Parent().Name() == "ProcedureService" {
		client = pb.NewProcedureServiceClient(channel)
	}
	return reflect.ValueOf(client).MethodByName(string(m.Name()))
}

// parse makes a message of Protobuf's JSON, in which bytes for standard input are written as text.
func parse(content any, name protoreflect.FullName) (proto.Message, error) {
	if object, ok := content.(map[string]any); ok {
		if stdin, ok := object["stdin"].(string); ok {
			content = map[string]any{"stdin": base64.StdEncoding.EncodeToString([]byte(stdin))}
		}
	}
	kind, err := protoregistry.GlobalTypes.FindMessageByName(name)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(content)
	if err != nil {
		return nil, err
	}
	message := kind.New().Interface()
	return message, protojson.Unmarshal(text, message)
}

// readable is JSON of a message, with bytes of output as text.
func readable(message proto.Message) (map[string]any, error) {
	text, err := protojson.Marshal(message)
	if err != nil {
		return nil, err
	}
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, err
	}
	output := answer
	for key := range strings.SplitSeq("event.output", ".") {
		output, _ = output[key].(map[string]any)
	}
	for _, holder := range []map[string]any{answer, output} {
		if data, ok := holder["data"].(string); ok {
			bytes, err := base64.StdEncoding.DecodeString(data)
			if err != nil {
				return nil, err
			}
			holder["data"] = string(bytes)
		}
	}
	return answer, nil
}
