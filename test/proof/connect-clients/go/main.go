// Command client calls a generated server by connect-go, and says what became of each case: a line of JSON each.
//
// client BASE_URL PROTOCOL HTTP: PROTOCOL is connect, grpcweb or grpc; HTTP is h1 or h2c.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"connectrpc.com/connect"

	"accord-proof/connect-clients/gen/proof/desk/v1/deskv1connect"
)

// No case takes as long unless it hangs.
const caseTimeout = 20 * time.Second

// target is the server, and how it is called.
type target struct {
	baseURL  string
	protocol string
	isHTTP2  bool
	seen     *recorder
}

// client makes a client of the target's protocol.
func (t *target) client(options ...connect.ClientOption) deskv1connect.DeskServiceClient {
	return deskv1connect.NewDeskServiceClient(t.httpClient(), t.baseURL, t.options(options)...)
}

func (t *target) options(more []connect.ClientOption) []connect.ClientOption {
	switch t.protocol {
	case "grpc":
		return append(more, connect.WithGRPC())
	case "grpcweb":
		return append(more, connect.WithGRPCWeb())
	default:
		return more
	}
}

// name is different for each way to call, so that titles of calls are.
func (t *target) name() string {
	return fmt.Sprintf("%s, HTTP/2: %v", t.protocol, t.isHTTP2)
}

func (t *target) httpClient() *http.Client {
	return &http.Client{Transport: t.seen}
}

// recorder keeps what went over the wire last.
type recorder struct {
	next     http.RoundTripper
	request  *http.Request
	response *http.Response
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := r.next.RoundTrip(request)
	r.request, r.response = request, response
	return response, err
}

// notApplicable says why a case can't be tried.
type notApplicable struct{ reason string }

func (n notApplicable) Error() string { return n.reason }

type result struct {
	Name    string `json:"name"`
	Outcome string `json:"outcome"`
	Message string `json:"message,omitempty"`
}

func outcomeOf(name string, err error) result {
	var skipped notApplicable
	switch {
	case err == nil:
		return result{Name: name, Outcome: "passed"}
	case errors.As(err, &skipped):
		return result{Name: name, Outcome: "skipped", Message: skipped.reason}
	default:
		return result{Name: name, Outcome: "failed", Message: err.Error()}
	}
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: client BASE_URL connect|grpcweb|grpc h1|h2c")
		os.Exit(2)
	}
	protocols := new(http.Protocols)
	isHTTP2 := os.Args[3] == "h2c"
	protocols.SetHTTP1(!isHTTP2)
	protocols.SetUnencryptedHTTP2(isHTTP2)
	under := &target{
		baseURL:  os.Args[1],
		protocol: os.Args[2],
		isHTTP2:  isHTTP2,
		seen:     &recorder{next: &http.Transport{Protocols: protocols, DisableCompression: true}},
	}
	lines := json.NewEncoder(os.Stdout)
	for _, each := range cases {
		ctx, cancel := context.WithTimeout(context.Background(), caseTimeout)
		err := each.run(ctx, under)
		cancel()
		if err := lines.Encode(outcomeOf(each.name, err)); err != nil {
			panic(err)
		}
	}
}
