// A client of grpc-go for the rollout test. It plays the plan that the environment variable CLIENT has, as client-plan.ts describes it.
//
// It is built with several versions of grpc-go, the oldest of 2020: so it uses nothing newer.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/status"
)

type plan struct {
	Name, Host, Calls, ServiceConfig, Ca, ServerName string
	Port, MostOpen, LookUpMs                         int
	Rate                                             float64
	AtMostMs                                         int64
	Methods, Lasting                                 []method
}

type method struct {
	Method, Path, Kind string
	// Base64, as all bytes in Go's JSON.
	Request, GoodEnd             []byte
	Headers                      map[string]string
	Share                        float64
	TimeoutMs, Count             int
	Requests, Responses, EveryMs int
}

type record struct {
	Id        string   `json:"id"`
	Method    string   `json:"method"`
	StartedAt int64    `json:"startedAt"`
	EndedAt   int64    `json:"endedAt"`
	Status    string   `json:"status"`
	Committed bool     `json:"committed"`
	Message   string   `json:"message,omitempty"`
	Peers     []string `json:"peers"`
}

// The requests come as they are sent.
type rawCodec struct{}

func (rawCodec) Name() string                          { return "proto" }
func (rawCodec) String() string                        { return "proto" }
func (rawCodec) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}

// Looks the name up as Go does, when gRPC asks for it, and not more often than the plan says: what grpc-go's resolver does every 30 s at
// most. Its interval can be set in new versions only.
type names struct {
	plan *plan
	conn resolver.ClientConn
	ask  chan struct{}
}

func (n *names) Scheme() string { return "rollout" }
func (n *names) Build(_ resolver.Target, conn resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	built := &names{n.plan, conn, make(chan struct{}, 1)}
	built.ResolveNow(resolver.ResolveNowOptions{})
	go func() {
		for range built.ask {
			built.lookUp()
			time.Sleep(time.Duration(n.plan.LookUpMs) * time.Millisecond)
		}
	}()
	return built, nil
}
func (n *names) ResolveNow(resolver.ResolveNowOptions) {
	select {
	case n.ask <- struct{}{}:
	default:
	}
}
func (n *names) Close() {}
func (n *names) lookUp() {
	hosts, err := net.LookupHost(n.plan.Host)
	if err != nil {
		n.conn.ReportError(err)
		return
	}
	var state resolver.State
	for _, host := range hosts {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: fmt.Sprintf("%s:%d", host, n.plan.Port)})
	}
	n.conn.UpdateState(state)
}

var (
	p       plan
	conn    *grpc.ClientConn
	out     *bufio.Writer
	writing sync.Mutex
	open    int64
	ending  = make(chan struct{})
	made    int64
)

func main() {
	must(json.Unmarshal([]byte(os.Getenv("CLIENT")), &p))
	file, err := os.Create(p.Calls)
	must(err)
	out = bufio.NewWriter(file)
	conn, err = grpc.Dial("rollout:///"+p.Host, options()...)
	must(err)
	go untilEnd()
	go watchStalls()
	var lasting sync.WaitGroup
	for _, m := range p.Lasting {
		for i := 0; i < m.Count; i++ {
			lasting.Add(1)
			go func(m method) { defer lasting.Done(); keepOpen(m) }(m)
		}
	}
	say(map[string]interface{}{"event": "started", "version": grpc.Version})
	leftOut := callAway()
	lasting.Wait()
	for atomic.LoadInt64(&open) > 0 {
		time.Sleep(20 * time.Millisecond)
	}
	writing.Lock()
	must(out.Flush())
	writing.Unlock()
	say(map[string]interface{}{"event": "ended", "leftOut": leftOut})
}

func options() []grpc.DialOption {
	given := []grpc.DialOption{
		grpc.WithResolvers(&names{plan: &p}),
		grpc.WithDefaultServiceConfig(p.ServiceConfig),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawCodec{})),
	}
	if p.Ca == "" {
		return append(given, grpc.WithInsecure())
	}
	pem, err := os.ReadFile(p.Ca)
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return append(given, grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{RootCAs: roots, ServerName: p.ServerName})))
}

func untilEnd() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() {
		// The test that started it is gone.
		io.Copy(io.Discard, os.Stdin)
		os.Exit(1)
	}()
	select {
	case <-signals:
	case <-time.After(time.Duration(p.AtMostMs) * time.Millisecond):
	}
	close(ending)
}

func isEnding() bool {
	select {
	case <-ending:
		return true
	default:
		return false
	}
}

func pause(ms int) {
	select {
	case <-ending:
	case <-time.After(time.Duration(ms) * time.Millisecond):
	}
}

func callAway() (leftOut int) {
	began := time.Now()
	for calls := 0; !isEnding(); time.Sleep(5 * time.Millisecond) {
		for due := int(time.Since(began).Seconds() * p.Rate); calls < due; calls++ {
			if atomic.LoadInt64(&open) >= int64(p.MostOpen) {
				leftOut++
				continue
			}
			go call(next())
		}
	}
	return leftOut
}

func next() method {
	at := rand.Float64() * 100
	for _, m := range p.Methods {
		if at -= m.Share; at < 0 {
			return m
		}
	}
	return p.Methods[0]
}

func keepOpen(m method) {
	for !isEnding() {
		if !call(m) {
			pause(200)
		}
	}
}

func call(m method) bool {
	atomic.AddInt64(&open, 1)
	defer atomic.AddInt64(&open, -1)
	r := record{
		Id:        fmt.Sprintf("%s:%d", p.Name, atomic.AddInt64(&made, 1)),
		Method:    m.Method,
		StartedAt: time.Now().UnixMilli(),
		Peers:     []string{},
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if m.TimeoutMs > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(m.TimeoutMs)*time.Millisecond)
		defer cancel()
	}
	ctx = metadata.AppendToOutgoingContext(ctx, "x-call-id", r.Id)
	for name, value := range m.Headers {
		ctx = metadata.AppendToOutgoingContext(ctx, name, value)
	}
	if m.Requests < 0 || len(m.GoodEnd) > 0 {
		go func() {
			select {
			case <-ending:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	var to peer.Peer
	var headers metadata.MD
	err := play(ctx, m, grpc.Peer(&to), grpc.Header(&headers))
	r.Committed = len(headers) > 0
	if to.Addr != nil {
		r.Peers = append(r.Peers, to.Addr.String())
	}
	r.EndedAt = time.Now().UnixMilli()
	r.Status = statusName(err)
	if err != nil {
		r.Message = err.Error()
	}
	// What this process ends itself, at its own end, tells nothing.
	if !(isEnding() && r.Status == "CANCELLED") {
		write(r)
	}
	return err == nil
}

func play(ctx context.Context, m method, options ...grpc.CallOption) error {
	request := m.Request
	var response []byte
	if m.Kind == "unary" {
		return conn.Invoke(ctx, m.Path, &request, &response, options...)
	}
	desc := &grpc.StreamDesc{ClientStreams: m.Kind != "server", ServerStreams: m.Kind != "client"}
	stream, err := conn.NewStream(ctx, desc, m.Path, options...)
	if err != nil {
		return err
	}
	go func() {
		for sent := 0; sent != m.Requests && !isEnding(); sent++ {
			if stream.SendMsg(&request) != nil {
				return
			}
			if m.EveryMs > 0 {
				pause(m.EveryMs)
			}
		}
		stream.CloseSend()
	}()
	var last []byte
	for count := 0; ; count++ {
		err := stream.RecvMsg(&response)
		switch {
		case err != nil && len(m.GoodEnd) > 0 && bytes.Equal(last, m.GoodEnd):
			return nil
		case err == io.EOF && m.Responses >= 0 && count != m.Responses:
			return fmt.Errorf("the stream ended well after %d of %d messages", count, m.Responses)
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case m.Kind == "client":
			// Its end has been read with its only response.
			return nil
		}
		last = response
	}
}

func statusName(err error) string {
	code := status.Code(err)
	names := map[codes.Code]string{
		codes.OK: "OK", codes.Canceled: "CANCELLED", codes.Unknown: "UNKNOWN", codes.DeadlineExceeded: "DEADLINE_EXCEEDED",
		codes.Unavailable: "UNAVAILABLE", codes.Internal: "INTERNAL", codes.ResourceExhausted: "RESOURCE_EXHAUSTED",
		codes.InvalidArgument: "INVALID_ARGUMENT", codes.Unimplemented: "UNIMPLEMENTED",
	}
	if name, known := names[code]; known {
		return name
	}
	return code.String()
}

func write(r record) {
	line, err := json.Marshal(r)
	must(err)
	writing.Lock()
	defer writing.Unlock()
	out.Write(append(line, '\n'))
}

func say(event map[string]interface{}) {
	line, err := json.Marshal(event)
	must(err)
	writing.Lock()
	defer writing.Unlock()
	os.Stdout.Write(append(line, '\n'))
}

// As machine-stalls.ts has it: a turn that came late, without what this process computed itself.
func watchStalls() {
	const tick = 20 * time.Millisecond
	last, cpu := time.Now(), computed()
	for {
		time.Sleep(tick)
		now, used := time.Now(), computed()
		if starved := now.Sub(last) - tick - (used - cpu); starved > 60*time.Millisecond {
			to := now.UnixMilli()
			say(map[string]interface{}{"event": "stalled", "from": to - starved.Milliseconds(), "to": to})
		}
		last, cpu = now, used
	}
}

func computed() time.Duration {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
