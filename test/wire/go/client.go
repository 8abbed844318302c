package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
)

const config = `{"loadBalancingConfig":[{"round_robin":{}}],"methodConfig":[{"name":[{"service":"probe.v1.OtherService"}],
"retryPolicy":{"maxAttempts":4,"initialBackoff":"0.1s","maxBackoff":"1s","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}}],
"retryThrottling":{"maxTokens":10,"tokenRatio":0.1}}`

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
	Action        action
}

type tally struct {
	sync.Mutex
	ok       int
	lost     map[string]int
	statuses map[string]int
	oks      [][2]int64
}

func (t *tally) timed(name string, call func() error) {
	started := time.Now()
	err := call()
	t.of(name, err)
	if err == nil {
		t.Lock()
		defer t.Unlock()
		t.oks = append(t.oks, [2]int64{time.Now().UnixMilli(), time.Since(started).Milliseconds()})
	}
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
	t.statuses[fmt.Sprintf("%s: %v %.80s", name, s.Code(), s.Message())]++
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
		t := &tally{lost: map[string]int{}, statuses: map[string]int{}, oks: [][2]int64{}}
		outcome := map[string]any{}
		if rate := run(conn, w, t); rate > 0 {
			outcome["mbPerSecond"] = rate
		}
		outcome["ok"], outcome["lost"], outcome["statuses"], outcome["oks"] = t.ok, t.lost, t.statuses, t.oks
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
			// Once all connections are there, each backend gets as many as the others.
			time.Sleep(time.Second)
			do := action{Bytes: 100, Messages: w.Ms / 500, EveryMs: 500}
			t.of("stream", read(conn, do, time.Duration(w.Ms)*time.Millisecond+30*time.Second, func(int) bool { return true }))
		}()
	}
	pace := func(name, method string, perSecond float64) {
		defer wait.Done()
		// At random intervals: with even ones, a backend would get Gets alone, and another one Puts.
		interval := func() float64 { return rand.ExpFloat64() / perSecond }
		next := interval()
		for made := 0; time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			for now := time.Since(started).Seconds(); next < now; next, made = next+interval(), made+1 {
				id := fmt.Sprintf("%s-%d", name, made)
				wait.Add(1)
				go func() {
					defer wait.Done()
					t.timed(name, func() error {
						return unary(conn, method, id, nil, w.Action, time.Duration(w.TimeoutMs)*time.Millisecond)
					})
				}()
			}
		}
	}
	wait.Add(2)
	go pace("put", put, w.PutsPerSecond)
	go pace("get", get, w.GetsPerSecond)
}
