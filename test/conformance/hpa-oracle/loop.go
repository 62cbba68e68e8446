package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Kind "loop": the whole controller runs - informers, work queue, workers -
// for durationSeconds of virtual time. It shows WHEN the controller acts.

type watcher struct {
	kind string // "hpas" | "pods"
	ch   chan []byte
}

// watchServer adds LIST and WATCH of hpas and pods to the API server.
type watchServer struct {
	*apiServer
	watchers []*watcher
	known    map[string]map[string]string // kind -> key -> last sent fingerprint
}

func (w *watchServer) snapshot(kind string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	if kind == "hpas" {
		for k, h := range w.hpas {
			out[k] = must(json.Marshal(withTypeMeta(h)))
		}
		return out
	}
	for _, p := range w.settle() {
		c := p.DeepCopy()
		c.APIVersion, c.Kind = "v1", "Pod"
		c.ResourceVersion = ""
		b := must(json.Marshal(c))
		out[c.Namespace+"/"+c.Name] = b
	}
	return out
}

func sortedKeys(m map[string]json.RawMessage) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func withRV(b []byte, rv int64) json.RawMessage {
	var m map[string]interface{}
	_ = json.Unmarshal(b, &m)
	md := m["metadata"].(map[string]interface{})
	if md["resourceVersion"] == nil {
		md["resourceVersion"] = strconv.FormatInt(rv, 10)
	}
	return must(json.Marshal(m))
}

// notify sends what changed since the last call to the watchers (mu held).
func (w *watchServer) notify() {
	for _, kind := range []string{"hpas", "pods"} {
		now := w.snapshot(kind)
		old := w.known[kind]
		if old == nil {
			old = map[string]string{}
			w.known[kind] = old
		}
		keys := []string{}
		for k := range now {
			keys = append(keys, k)
		}
		for k := range old {
			if _, ok := now[k]; !ok {
				keys = append(keys, k)
			}
		}
		sort.Strings(keys)
		for _, k := range keys {
			b, exists := now[k]
			prev, had := old[k]
			typ := ""
			switch {
			case exists && !had:
				typ = "ADDED"
			case exists && prev != string(b):
				typ = "MODIFIED"
			case !exists:
				typ = "DELETED"
				b = json.RawMessage(prev)
			default:
				continue
			}
			if exists {
				old[k] = string(b)
			} else {
				delete(old, k)
			}
			ev := must(json.Marshal(map[string]interface{}{"type": typ, "object": withRV(b, w.nextRV())}))
			for _, x := range w.watchers {
				if x.kind == kind {
					x.ch <- append(ev, '\n')
				}
			}
		}
	}
}

func (w *watchServer) RoundTrip(req *http.Request) (*http.Response, error) {
	kind, listKind := "", ""
	switch req.URL.Path {
	case "/apis/autoscaling/v2/horizontalpodautoscalers":
		kind, listKind = "hpas", "HorizontalPodAutoscalerList"
	case "/api/v1/pods":
		kind, listKind = "pods", "PodList"
	}
	if kind == "" {
		resp, err := w.apiServer.RoundTrip(req)
		if req.Method == "PUT" {
			w.mu.Lock()
			w.notify()
			w.mu.Unlock()
		}
		return resp, err
	}
	apiVersion, itemKind := "v1", "Pod"
	if kind == "hpas" {
		apiVersion, itemKind = "autoscaling/v2", "HorizontalPodAutoscaler"
	}
	q := req.URL.Query()
	w.mu.Lock()
	defer w.mu.Unlock()
	if q.Get("watch") == "" {
		items := []json.RawMessage{}
		snap := w.snapshot(kind)
		for _, k := range sortedKeys(snap) {
			items = append(items, withRV(snap[k], w.rv))
		}
		code, body := jsonOK(map[string]interface{}{"kind": listKind, "apiVersion": apiVersion, "metadata": map[string]interface{}{"resourceVersion": strconv.FormatInt(w.rv, 10)}, "items": items})
		return respond(req, code, body), nil
	}
	x := &watcher{kind: kind, ch: make(chan []byte, 100000)}
	if q.Get("sendInitialEvents") == "true" {
		snap := w.snapshot(kind)
		for _, k := range sortedKeys(snap) {
			x.ch <- append(must(json.Marshal(map[string]interface{}{"type": "ADDED", "object": withRV(snap[k], w.rv)})), '\n')
		}
		x.ch <- append(must(json.Marshal(map[string]interface{}{"type": "BOOKMARK", "object": map[string]interface{}{
			"kind": itemKind, "apiVersion": apiVersion,
			"metadata": map[string]interface{}{"resourceVersion": strconv.FormatInt(w.rv, 10), "annotations": map[string]string{metav1.InitialEventsAnnotationKey: "true"}},
		}})), '\n')
	}
	w.watchers = append(w.watchers, x)
	pr, pw := io.Pipe()
	ctx := req.Context()
	go func() {
		for {
			select {
			case b := <-x.ch:
				if _, err := pw.Write(b); err != nil {
					return
				}
			case <-ctx.Done():
				_ = pw.CloseWithError(ctx.Err())
				return
			}
		}
	}()
	resp := respond(req, 200, nil)
	resp.Body = pr
	resp.ContentLength = -1
	return resp, nil
}

type TimelineEntry struct {
	At       float64 `json:"at"`
	Do       string  `json:"do"`
	Code     int     `json:"code,omitempty"`
	Replicas *int32  `json:"replicas,omitempty"`
}

func runLoop(c *Case) (out map[string]interface{}, err error) {
	start, err := parseStart(c.Start)
	if err != nil {
		return nil, err
	}
	var inner error
	crash = ""
	err = withGates(c.Controller.FeatureGates, func() {
		inner = inBubble(start.Add(-time.Second), func() { out = loopInBubble(c, start) })
	})
	if err == nil {
		err = inner
	}
	if err == nil && crash != "" {
		err = fmt.Errorf("a worker crashed: %s", crash)
	}
	return out, err
}

func loopInBubble(c *Case, start time.Time) map[string]interface{} {
	resetProm()
	base := newAPIServer(start, latency(&c.Controller))
	srv := &watchServer{apiServer: base, known: map[string]map[string]string{}}
	if _, err := base.apply(&c.World, !c.Controller.RawHPA); err != nil {
		panic(err)
	}
	srv.notify()
	r := newRigWith(&c.Controller, start, base, srv)
	r.factory.Start(r.ctx.Done())
	// the informers get one second to fill; the workers start at 0
	time.Sleep(time.Until(start))
	workers := c.Workers
	if workers == 0 {
		workers = 5
	}
	done := make(chan struct{})
	go func() { r.hc.Run(r.ctx, workers); close(done) }()
	at := start
	for _, st := range c.Steps {
		at = at.Add(time.Duration(st.AdvanceSeconds*1000) * time.Millisecond)
		if d := time.Until(at); d > 0 {
			time.Sleep(d)
		}
		srv.mu.Lock()
		changed, err := base.apply(st.World, !c.Controller.RawHPA)
		if err != nil {
			panic(err)
		}
		srv.notify()
		srv.mu.Unlock()
		if changed || st.ResetDiscovery {
			r.mapper.Reset()
			r.apis.Invalidate()
		}
	}
	end := start.Add(time.Duration(c.DurationSeconds*1000) * time.Millisecond)
	if d := time.Until(end); d > 0 {
		time.Sleep(d)
	}
	r.cancel()
	<-done
	r.factory.Shutdown()
	time.Sleep(5 * time.Second)
	srv.mu.Lock()
	defer srv.mu.Unlock()
	tl := []TimelineEntry{}
	writes := append([]ScaleWrite{}, base.scaleWrites...)
	for _, l := range base.log {
		if *l.At > c.DurationSeconds {
			continue
		}
		e := TimelineEntry{At: *l.At, Do: l.Method + " " + l.Path, Code: l.Code}
		if l.Method == "PUT" && strings.HasSuffix(l.Path, "/scale") {
			for i := range writes {
				if writes[i].Path == l.Path {
					n := writes[i].Replicas
					e.Replicas = &n
					writes = append(writes[:i], writes[i+1:]...)
					break
				}
			}
		}
		tl = append(tl, e)
	}
	sort.SliceStable(tl, func(i, j int) bool {
		if tl[i].At != tl[j].At {
			return tl[i].At < tl[j].At
		}
		return tl[i].Do < tl[j].Do
	})
	final := map[string]json.RawMessage{}
	for k, h := range base.hpas {
		final[k] = must(json.Marshal(h.Status))
	}
	ev := r.rec.out
	return map[string]interface{}{"timeline": tl, "events": ev, "eventWrites": base.events, "final": final, "prometheus": gatherProm()}
}
