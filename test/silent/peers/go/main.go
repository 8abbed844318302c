// A peer of grpc-go: it serves and calls as the lines on its stdin say (see ../../peers.ts). Messages are bytes here, so that no code
// has to be generated.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

const service = "/probe.v1.ProbeService/"

type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) ([]byte, error) { return *v.(*[]byte), nil }

func (rawCodec) Unmarshal(data []byte, v any) error {
	*v.(*[]byte) = bytes.Clone(data)
	return nil
}

func field(number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), value)
}

type work struct {
	Target        string
	Stream        bool
	Count         int
	EveryMs       int
	WaitMs        int
	RequestBytes  int
	ResponseBytes int
	KeepaliveMs   int
}

type line struct {
	Id   int
	Do   string
	With work
}

var said sync.Mutex

func say(what map[string]any) {
	text, _ := json.Marshal(what)
	said.Lock()
	defer said.Unlock()
	fmt.Println(string(text))
}

func main() {
	encoding.RegisterCodec(rawCodec{})
	say(map[string]any{"event": "ready"})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			panic(err)
		}
		go func() {
			var result any
			if l.Do == "serve" {
				result = serve()
			} else {
				result = call(l.With)
			}
			say(map[string]any{"answer": l.Id, "result": result})
		}()
	}
}

func serve() int {
	server := grpc.NewServer(grpc.UnknownServiceHandler(func(_ any, s grpc.ServerStream) error {
		var request []byte
		if err := s.RecvMsg(&request); err != nil {
			return err
		}
		_, _, tag := protowire.ConsumeTag(request)
		text, _ := protowire.ConsumeBytes(request[tag:])
		var waitMs, size int
		if _, err := fmt.Sscan(string(text), &waitMs, &size); err != nil {
			return err
		}
		time.Sleep(time.Duration(waitMs) * time.Millisecond)
		response := field(4, make([]byte, size))
		return s.SendMsg(&response)
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() { panic(server.Serve(listener)) }()
	return listener.Addr().(*net.TCPAddr).Port
}

func call(w work) []string {
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if w.KeepaliveMs > 0 {
		options = append(options, grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: time.Duration(w.KeepaliveMs) * time.Millisecond,
		}))
	}
	conn, err := grpc.NewClient("passthrough:///"+w.Target, options...)
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	request := append(field(1, fmt.Appendf(nil, "%d %d", w.WaitMs, w.ResponseBytes)), field(5, make([]byte, w.RequestBytes))...)
	one := unary
	if w.Stream {
		one = stream
	}
	ends := make([]string, w.Count)
	var wait sync.WaitGroup
	for i := range w.Count {
		wait.Go(func() {
			ends[i] = "OK"
			if err := one(conn, request); err != nil {
				ends[i] = fmt.Sprintf("%v: %s", status.Code(err), strings.TrimSpace(status.Convert(err).Message()))
			}
		})
		time.Sleep(time.Duration(w.EveryMs) * time.Millisecond)
	}
	wait.Wait()
	return ends
}

func unary(conn *grpc.ClientConn, request []byte) error {
	var response []byte
	return conn.Invoke(context.Background(), service+"Unary", &request, &response)
}

func stream(conn *grpc.ClientConn, request []byte) error {
	s, err := conn.NewStream(context.Background(), &grpc.StreamDesc{ServerStreams: true}, service+"ServerStream")
	if err != nil {
		return err
	}
	if err := s.SendMsg(&request); err != nil {
		return err
	}
	_ = s.CloseSend()
	for {
		var response []byte
		if err := s.RecvMsg(&response); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
