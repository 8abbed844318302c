// A peer of grpc-go: `wire server`, `wire client <target,target>`. It says and hears the same lines of JSON as those in Node.
package main

import (
	"bufio"
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
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

const (
	put    = "/probe.v1.ProbeService/Unary"
	get    = "/probe.v1.OtherService/Ping"
	stream = "/probe.v1.ProbeService/ServerStream"
)

// Messages are taken apart by hand, so that no code has to be generated.
type message struct {
	id, action string
	padding    []byte
}

type rawCodec struct{}

func (rawCodec) Name() string { return "proto" }

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	m := v.(*message)
	var b []byte
	if m.id != "" {
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendString(b, m.id)
	}
	field := protowire.Number(5)
	if m.action == "" {
		field = 4 // a response's
	} else {
		b = protowire.AppendTag(b, 2, protowire.BytesType)
		b = protowire.AppendString(b, m.action)
	}
	b = protowire.AppendTag(b, field, protowire.BytesType)
	b = protowire.AppendBytes(b, m.padding)
	return mem.BufferSlice{mem.SliceBuffer(b)}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	m := v.(*message)
	b := data.Materialize()
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 || kind != protowire.BytesType {
			return errors.New("not a message of the rig")
		}
		value, size := protowire.ConsumeBytes(b[n:])
		if size < 0 {
			return errors.New("not a message of the rig")
		}
		switch field {
		case 1:
			m.id = string(value)
		case 2:
			m.action = string(value)
		case 4, 5:
			m.padding = value
		}
		b = b[n+size:]
	}
	return nil
}

type action struct {
	SleepMs  int `json:"sleepMs,omitempty"`
	Bytes    int `json:"bytes,omitempty"`
	Messages int `json:"messages,omitempty"`
	EveryMs  int `json:"everyMs,omitempty"`
}

var said sync.Mutex

func say(event string, more map[string]any) {
	more["event"] = event
	line, _ := json.Marshal(more)
	said.Lock()
	defer said.Unlock()
	fmt.Println(string(line))
}

func main() {
	encoding.RegisterCodecV2(rawCodec{})
	if os.Args[1] == "server" {
		serve()
	} else {
		client(strings.Split(os.Args[2], ","))
	}
}

func serve() {
	var lock sync.Mutex
	ids := map[string]int{}
	server := grpc.NewServer(grpc.MaxRecvMsgSize(64<<20), grpc.UnknownServiceHandler(func(_ any, s grpc.ServerStream) error {
		var request message
		if err := s.RecvMsg(&request); err != nil {
			return err
		}
		var do action
		_ = json.Unmarshal([]byte(request.action), &do)
		method, _ := grpc.MethodFromServerStream(s)
		if method != stream {
			lock.Lock()
			ids[request.id]++
			lock.Unlock()
			do.Messages, do.EveryMs = 1, 0
		}
		time.Sleep(time.Duration(do.SleepMs) * time.Millisecond)
		for range do.Messages {
			if err := s.SendMsg(&message{padding: make([]byte, do.Bytes)}); err != nil {
				return err
			}
			time.Sleep(time.Duration(do.EveryMs) * time.Millisecond)
		}
		return nil
	}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() { panic(server.Serve(listener)) }()
	say("ready", map[string]any{"port": listener.Addr().(*net.TCPAddr).Port})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		puts := []string{}
		lock.Lock()
		for id, times := range ids {
			for range times {
				if strings.HasPrefix(id, "put-") {
					puts = append(puts, id)
				}
			}
		}
		lock.Unlock()
		say("served", map[string]any{"puts": puts})
	}
}

const config = `{"loadBalancingConfig":[{"round_robin":{}}],"methodConfig":[{"name":[{"service":"probe.v1.OtherService"}],
"retryPolicy":{"maxAttempts":4,"initialBackoff":"0.1s","maxBackoff":"1s","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}}]}`

type work struct {
	Kind          string
	Way           string
	Bytes         int
	Lanes         int
	Calls         int
	Ms            int
	GetsPerSecond float64
	PutsPerSecond float64
	Streams       int
	TimeoutMs     int
}

type tally struct {
	sync.Mutex
	ok       int
	lost     map[string]int
	statuses map[string]int
}

func (t *tally) of(name string, err error) {
	t.Lock()
	defer t.Unlock()
	if err == nil {
		t.ok++
		return
	}
	t.lost[name]++
	s := status.Convert(err)
	t.statuses[fmt.Sprintf("%v %.120s", s.Code(), s.Message())]++
}

func client(targets []string) {
	addresses := []resolver.Address{}
	for _, target := range targets {
		addresses = append(addresses, resolver.Address{Addr: target})
	}
	names := manual.NewBuilderWithScheme("wire")
	names.InitialState(resolver.State{Addresses: addresses})
	conn, err := grpc.NewClient("wire:///peers", grpc.WithResolvers(names), grpc.WithDefaultServiceConfig(config),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		panic(err)
	}
	say("ready", map[string]any{})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var w work
		if err := json.Unmarshal(lines.Bytes(), &w); err != nil {
			panic(err)
		}
		t := &tally{lost: map[string]int{}, statuses: map[string]int{}}
		outcome := map[string]any{}
		if rate := run(conn, w, t); rate > 0 {
			outcome["mbPerSecond"] = rate
		}
		outcome["ok"], outcome["lost"], outcome["statuses"] = t.ok, t.lost, t.statuses
		say("outcome", outcome)
	}
}

const long = 10 * time.Minute

func unary(conn *grpc.ClientConn, method, id string, padding []byte, do action, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	text, _ := json.Marshal(do)
	return conn.Invoke(ctx, method, &message{id: id, action: string(text), padding: padding}, &message{})
}

func read(conn *grpc.ClientConn, do action, timeout time.Duration, got func(int) bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	s, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, stream)
	if err != nil {
		return err
	}
	text, _ := json.Marshal(do)
	if err := s.SendMsg(&message{id: "stream", action: string(text)}); err != nil {
		return err
	}
	_ = s.CloseSend()
	for {
		var m message
		if err := s.RecvMsg(&m); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if !got(len(m.padding)) {
			return nil
		}
	}
}

func run(conn *grpc.ClientConn, w work, t *tally) float64 {
	var wait sync.WaitGroup
	up, do := []byte{}, action{}
	if w.Way == "up" {
		up = make([]byte, w.Bytes)
	} else {
		do.Bytes = w.Bytes
	}
	from := time.Now().Add(time.Second)
	until := from.Add(time.Duration(w.Ms) * time.Millisecond)
	var lock sync.Mutex
	bytes, last := 0, time.Time{}
	count := func(n int) bool {
		lock.Lock()
		defer lock.Unlock()
		now := time.Now()
		if now.After(from) {
			if !last.IsZero() {
				bytes += n
			}
			last = now
		}
		return now.Before(until)
	}
	rate := func() float64 { return float64(bytes) / 1e6 / last.Sub(from).Seconds() }
	switch w.Kind {
	case "rate":
		for range w.Lanes {
			wait.Add(1)
			go func() {
				defer wait.Done()
				for {
					t.of("put", unary(conn, put, "rate", up, do, long))
					if !count(w.Bytes) {
						return
					}
				}
			}()
		}
		wait.Wait()
		return rate()
	case "stream":
		t.of("stream", read(conn, action{Bytes: w.Bytes, Messages: 1e9}, long, count))
		return rate()
	case "once":
		for i := range w.Calls {
			wait.Add(1)
			go func() {
				defer wait.Done()
				t.of("put", unary(conn, put, fmt.Sprintf("once-%d", i), up, do, long))
			}()
		}
	case "silent":
		wait.Add(2)
		go func() { defer wait.Done(); t.of("unary", unary(conn, put, "silent", nil, action{SleepMs: w.Ms}, long)) }()
		go func() {
			defer wait.Done()
			t.of("stream", read(conn, action{SleepMs: w.Ms, Messages: 1}, long, func(int) bool { return true }))
		}()
	case "load":
		load(conn, w, t, &wait)
	}
	wait.Wait()
	return 0
}

func load(conn *grpc.ClientConn, w work, t *tally, wait *sync.WaitGroup) {
	started := time.Now()
	end := started.Add(time.Duration(w.Ms) * time.Millisecond)
	for range w.Streams {
		wait.Add(1)
		go func() {
			defer wait.Done()
			do := action{Bytes: 100, Messages: w.Ms / 500, EveryMs: 500}
			t.of("stream", read(conn, do, time.Duration(w.Ms)*time.Millisecond+30*time.Second, func(int) bool { return true }))
		}()
	}
	pace := func(name, method string, perSecond float64) {
		defer wait.Done()
		for made := 0; time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			for due := time.Since(started).Seconds() * perSecond; float64(made) < due; made++ {
				id := fmt.Sprintf("%s-%d", name, made)
				wait.Add(1)
				go func() {
					defer wait.Done()
					t.of(name, unary(conn, method, id, nil, action{Bytes: 100}, time.Duration(w.TimeoutMs)*time.Millisecond))
				}()
			}
		}
	}
	wait.Add(2)
	go pace("put", put, w.PutsPerSecond)
	go pace("get", get, w.GetsPerSecond)
}
