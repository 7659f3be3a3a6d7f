// Package athena is what every caller of the generated stubs would otherwise write again.
//
// The stubs of athena.dev/procedures/v1 are the client. Here is only what goes around them: a channel with a token,
// reading why a call was refused, a run whose tools the caller serves, and watching an execution through broken
// connections.
package athena

import (
	"context"
	"crypto/tls"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

const (
	maxMessageBytes = 64 << 20
	// A peer that vanished without a word is noticed, also while a silent program runs.
	keepaliveTime    = 60 * time.Second
	keepaliveTimeout = 20 * time.Second
)

// ChannelOptions say how a channel reaches the service. The zero value is plain text without a token.
type ChannelOptions struct {
	// Token is sent as bearer token with every call, if it is not empty.
	Token string
	// TLS, if it is set, is spoken; otherwise plain text, as on a loopback or in a mesh. An empty configuration trusts
	// the machine's certificates.
	TLS *tls.Config
}

// OpenChannel opens a channel for the generated stubs; it connects with the first call. The address is host:port, or
// any target that gRPC knows. An error means that the address or the options make no sense. Who opens it closes it.
func OpenChannel(address string, options ChannelOptions) (*grpc.ClientConn, error) {
	transport := insecure.NewCredentials()
	if options.TLS != nil {
		transport = credentials.NewTLS(options.TLS)
	}
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepaliveTime, Timeout: keepaliveTimeout}),
	}
	if options.Token != "" {
		dial = append(dial, grpc.WithPerRPCCredentials(bearerToken(options.Token)))
	}
	return grpc.NewClient(address, dial...)
}

type bearerToken string

func (token bearerToken) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(token)}, nil
}

// RequireTransportSecurity leaves it to the options, which may say that the way to the server is safe by other means.
func (bearerToken) RequireTransportSecurity() bool { return false }
