package main

// The HTTP face of the in-memory API server: faults first, then the table of the world.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/labels"
)

func statusBody(code int, e *APIError) []byte {
	if e.Body != nil {
		return []byte(*e.Body)
	}
	b, _ := json.Marshal(map[string]interface{}{
		"kind": "Status", "apiVersion": "v1", "metadata": map[string]interface{}{},
		"status": "Failure", "message": e.Message, "reason": e.Reason, "code": code,
	})
	return b
}

func respond(req *http.Request, code int, body []byte) *http.Response {
	return &http.Response{
		StatusCode: code, Status: fmt.Sprintf("%d %s", code, http.StatusText(code)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": []string{"application/json"}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       req,
	}
}

func jsonOK(v interface{}) (int, []byte) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return 200, b
}

func fail(code int, reason, msg string) (int, []byte) {
	return code, statusBody(code, &APIError{Code: code, Reason: reason, Message: msg})
}

func isDiscovery(path string) bool {
	n := len(strings.Split(strings.Trim(path, "/"), "/"))
	return path == "/api" || path == "/apis" || (strings.HasPrefix(path, "/api/") && n == 2) || (strings.HasPrefix(path, "/apis/") && n <= 3)
}

func (s *apiServer) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	path := req.URL.Path
	discovery := isDiscovery(path)
	event := strings.Contains(path, "/events")
	if s.latency > 0 && !discovery && !event {
		time.Sleep(s.latency)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	code, out := s.serve(req.Method, path, req.URL.Query(), body)
	if !discovery && !event && !s.quietLog {
		at := secondsSince(s.start, time.Now())
		l := ReqLog{At: &at, Method: req.Method, Path: path, Code: code}
		for k, v := range req.URL.Query() {
			if l.Query == nil {
				l.Query = map[string]string{}
			}
			l.Query[k] = strings.Join(v, ",")
		}
		s.log = append(s.log, l)
	}
	return respond(req, code, out), nil
}

func (s *apiServer) serve(method, path string, q url.Values, body []byte) (int, []byte) {
	for i := range s.faults {
		f := &s.faults[i]
		if f.Times < 0 || (f.Method != "" && f.Method != method) {
			continue
		}
		if ok, _ := regexp.MatchString(f.Path, path); !ok {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
			if f.Times == 0 {
				f.Times = -1
			}
		}
		if method == "PUT" {
			s.noteWrite(path, body, f.Error.Code)
		}
		return f.Error.Code, statusBody(f.Error.Code, &f.Error)
	}
	if isDiscovery(path) {
		return s.discovery(path)
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	group, version, rest := "", "", []string{}
	if parts[0] == "api" && len(parts) > 2 {
		version, rest = parts[1], parts[2:]
	} else if parts[0] == "apis" && len(parts) > 3 {
		group, version, rest = parts[1], parts[2], parts[3:]
	} else {
		return fail(404, "NotFound", "the server could not find the requested resource")
	}
	switch group {
	case "metrics.k8s.io":
		return s.servePodMetrics(rest, q)
	case "custom.metrics.k8s.io":
		return s.serveCustom(version, rest, q)
	case "external.metrics.k8s.io":
		return s.serveExternal(rest, q)
	}
	if len(rest) >= 3 && rest[0] == "namespaces" && rest[2] == "events" {
		return s.serveEvent(method, body)
	}
	if len(rest) == 5 && rest[0] == "namespaces" && rest[4] == "scale" {
		return s.serveScale(method, group, rest[2], rest[1], rest[3], path, body)
	}
	if group == "autoscaling" && len(rest) == 5 && rest[4] == "status" && method == "PUT" {
		key := rest[1] + "/" + rest[3]
		old, ok := s.hpas[key]
		if !ok {
			s.noteWrite(path, body, 404)
			return fail(404, "NotFound", fmt.Sprintf("horizontalpodautoscalers.autoscaling %q not found", rest[3]))
		}
		in := &autoscalingv2.HorizontalPodAutoscaler{}
		if err := json.Unmarshal(body, in); err != nil {
			return fail(400, "BadRequest", err.Error())
		}
		n := old.DeepCopy()
		n.Status = in.Status
		n.ResourceVersion = strconv.FormatInt(s.nextRV(), 10)
		s.hpas[key] = n
		s.noteWrite(path, body, 200)
		return jsonOK(withTypeMeta(n))
	}
	return fail(404, "NotFound", "the server could not find the requested resource")
}

func withTypeMeta(h *autoscalingv2.HorizontalPodAutoscaler) *autoscalingv2.HorizontalPodAutoscaler {
	c := h.DeepCopy()
	c.APIVersion, c.Kind = "autoscaling/v2", "HorizontalPodAutoscaler"
	return c
}

func (s *apiServer) noteWrite(path string, body []byte, code int) {
	if strings.HasSuffix(path, "/scale") {
		var sc struct {
			Spec struct {
				Replicas int32 `json:"replicas"`
			} `json:"spec"`
		}
		_ = json.Unmarshal(body, &sc)
		s.scaleWrites = append(s.scaleWrites, ScaleWrite{Path: path, Replicas: sc.Spec.Replicas, Code: code})
		return
	}
	if strings.HasSuffix(path, "/status") {
		var o struct {
			Metadata struct{ Name, Namespace string } `json:"metadata"`
			Status   json.RawMessage                  `json:"status"`
		}
		_ = json.Unmarshal(body, &o)
		s.statusPuts = append(s.statusPuts, StatusPut{Key: o.Metadata.Namespace + "/" + o.Metadata.Name, Code: code, Status: o.Status})
	}
}

func (s *apiServer) serveScale(method, group, resource, ns, name, path string, body []byte) (int, []byte) {
	st := s.scales[group+"/"+resource+"/"+ns+"/"+name]
	if st == nil {
		gr := resource
		if group != "" {
			gr += "." + group
		}
		if method == "PUT" {
			s.noteWrite(path, body, 404)
		}
		return fail(404, "NotFound", fmt.Sprintf("%s %q not found", gr, name))
	}
	if method == "PUT" {
		s.noteWrite(path, body, 200)
		var sc struct {
			Spec struct {
				Replicas int32 `json:"replicas"`
			} `json:"spec"`
		}
		if err := json.Unmarshal(body, &sc); err != nil {
			return fail(400, "BadRequest", err.Error())
		}
		st.spec = sc.Spec.Replicas
		st.rv = s.nextRV()
	}
	spec := map[string]interface{}{}
	if st.spec != 0 {
		spec["replicas"] = st.spec
	}
	status := map[string]interface{}{"replicas": st.status}
	if st.selector != "" {
		status["selector"] = st.selector
	}
	return jsonOK(map[string]interface{}{
		"kind": "Scale", "apiVersion": "autoscaling/v1",
		"metadata": map[string]interface{}{"name": name, "namespace": ns, "uid": "uid-scale-" + name, "resourceVersion": strconv.FormatInt(st.rv, 10)},
		"spec":     spec, "status": status,
	})
}

func (s *apiServer) serveEvent(method string, body []byte) (int, []byte) {
	var e struct {
		Type, Reason, Message string
		Count                 int32
	}
	_ = json.Unmarshal(body, &e)
	w := EventWrite{Op: "create", Type: e.Type, Reason: e.Reason, Message: e.Message, Count: e.Count}
	if method == "PATCH" {
		w.Op = "patch"
	}
	s.events = append(s.events, w)
	var m map[string]interface{}
	_ = json.Unmarshal(body, &m)
	if m == nil {
		m = map[string]interface{}{}
	}
	m["kind"], m["apiVersion"] = "Event", "v1"
	return jsonOK(m)
}

func (s *apiServer) servePodMetrics(rest []string, q url.Values) (int, []byte) {
	if s.podM == nil {
		return fail(404, "NotFound", "the server could not find the requested resource")
	}
	if s.podM.Error != nil {
		return s.podM.Error.Code, statusBody(s.podM.Error.Code, s.podM.Error)
	}
	if len(rest) != 3 || rest[0] != "namespaces" || rest[2] != "pods" {
		return fail(404, "NotFound", "the server could not find the requested resource")
	}
	sel, err := labels.Parse(q.Get("labelSelector"))
	if err != nil {
		return fail(400, "BadRequest", err.Error())
	}
	items := []json.RawMessage{}
	for _, raw := range s.podM.Items {
		var m struct {
			Metadata struct {
				Name, Namespace string
				Labels          map[string]string
			} `json:"metadata"`
		}
		if err := json.Unmarshal(raw, &m); err != nil {
			panic(err)
		}
		if nsOr(m.Metadata.Namespace) != rest[1] {
			continue
		}
		if m.Metadata.Labels != nil && !sel.Matches(labels.Set(m.Metadata.Labels)) {
			continue
		}
		if s.podGone(nsOr(m.Metadata.Namespace), m.Metadata.Name) {
			continue
		}
		items = append(items, raw)
	}
	return jsonOK(map[string]interface{}{"kind": "PodMetricsList", "apiVersion": "metrics.k8s.io/v1beta1", "metadata": map[string]interface{}{}, "items": items})
}

func findEntry(list []MetricsEntry, path string, q url.Values) *MetricsEntry {
outer:
	for i := range list {
		if list[i].Path != path {
			continue
		}
		for k, v := range list[i].Query {
			if q.Get(k) != v {
				continue outer
			}
		}
		return &list[i]
	}
	return nil
}

func (s *apiServer) serveCustom(version string, rest []string, q url.Values) (int, []byte) {
	p := strings.Join(rest, "/")
	e := findEntry(s.custom, p, q)
	if e == nil {
		return fail(404, "NotFound", "the server could not find the metric "+rest[len(rest)-1]+" for "+strings.Join(rest[:len(rest)-1], "/"))
	}
	if e.Error != nil {
		return e.Error.Code, statusBody(e.Error.Code, e.Error)
	}
	items := []json.RawMessage{}
	for _, raw := range e.Items {
		var m map[string]interface{}
		if err := json.Unmarshal(raw, &m); err != nil {
			panic(err)
		}
		if d, ok := m["describedObject"].(map[string]interface{}); ok {
			name, _ := d["name"].(string)
			ns, _ := d["namespace"].(string)
			if kind, _ := d["kind"].(string); (kind == "" || kind == "Pod") && s.podGone(nsOr(ns), name) {
				continue
			}
		}
		if version == "v1beta1" { // the case always uses the v1beta2 shape
			if mm, ok := m["metric"].(map[string]interface{}); ok {
				m["metricName"] = mm["name"]
				if sl, ok := mm["selector"]; ok {
					m["selector"] = sl
				}
				delete(m, "metric")
			}
			if w, ok := m["windowSeconds"]; ok {
				m["window"] = w
				delete(m, "windowSeconds")
			}
		}
		b, _ := json.Marshal(m)
		items = append(items, b)
	}
	return jsonOK(map[string]interface{}{"kind": "MetricValueList", "apiVersion": "custom.metrics.k8s.io/" + version, "metadata": map[string]interface{}{}, "items": items})
}

func (s *apiServer) serveExternal(rest []string, q url.Values) (int, []byte) {
	p := strings.Join(rest, "/")
	e := findEntry(s.external, p, q)
	if e == nil {
		return fail(404, "NotFound", "the server could not find the requested resource")
	}
	if e.Error != nil {
		return e.Error.Code, statusBody(e.Error.Code, e.Error)
	}
	items := e.Items
	if items == nil {
		items = []json.RawMessage{}
	}
	return jsonOK(map[string]interface{}{"kind": "ExternalMetricValueList", "apiVersion": "external.metrics.k8s.io/v1beta1", "metadata": map[string]interface{}{}, "items": items})
}
