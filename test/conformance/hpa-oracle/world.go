package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
)

// World is the content of the API server. In a step every present field
// replaces the previous value (hpas and scales: upsert by identity).
type World struct {
	HPAs            []json.RawMessage         `json:"hpas,omitempty"`
	DeleteHPAs      []string                  `json:"deleteHpas,omitempty"`
	Scales          []ScaleObj                `json:"scales,omitempty"`
	DeleteScales    []string                  `json:"deleteScales,omitempty"`
	Pods            *[]json.RawMessage        `json:"pods,omitempty"`
	PodsFollowScale *string                   `json:"podsFollowScale,omitempty"`
	PodMetrics      *MetricsAnswer            `json:"podMetrics,omitempty"`
	CustomMetrics   *[]MetricsEntry           `json:"customMetrics,omitempty"`
	ExternalMetrics *[]MetricsEntry           `json:"externalMetrics,omitempty"`
	APIGroups       map[string]*GroupOverride `json:"apiGroups,omitempty"`
	Resources       []ExtraResource           `json:"resources,omitempty"`
	Faults          *[]Fault                  `json:"faults,omitempty"`
}

type ScaleObj struct {
	Group            string  `json:"group"`
	Resource         string  `json:"resource"`
	Namespace        string  `json:"namespace,omitempty"`
	Name             string  `json:"name"`
	SpecReplicas     *int32  `json:"specReplicas,omitempty"`
	StatusReplicas   *int32  `json:"statusReplicas,omitempty"`
	Selector         *string `json:"selector,omitempty"`
	StatusFollowSpec *bool   `json:"statusFollowsSpec,omitempty"`
}

type APIError struct {
	Code    int     `json:"code"`
	Reason  string  `json:"reason,omitempty"`
	Message string  `json:"message,omitempty"`
	Body    *string `json:"body,omitempty"` // raw, non-Status body
}

type MetricsAnswer struct {
	Items []json.RawMessage `json:"items"`
	Error *APIError         `json:"error,omitempty"`
}

// MetricsEntry answers one path of custom.metrics.k8s.io / external.metrics.k8s.io.
type MetricsEntry struct {
	Path  string            `json:"path"`            // after /apis/<group>/<version>/
	Query map[string]string `json:"query,omitempty"` // if present every pair must match
	Items []json.RawMessage `json:"items"`
	Error *APIError         `json:"error,omitempty"`
}

type GroupOverride struct {
	Versions  []string `json:"versions"`
	Preferred string   `json:"preferred,omitempty"`
	Removed   bool     `json:"removed,omitempty"`
}

type ExtraResource struct {
	Group    string `json:"group"`
	Version  string `json:"version"`
	Resource string `json:"resource"`
	Kind     string `json:"kind"`
	Scale    bool   `json:"scale"`
}

type Fault struct {
	Method string   `json:"method,omitempty"`
	Path   string   `json:"path"`            // regular expression on the path
	Times  int      `json:"times,omitempty"` // 0: always
	Skip   int      `json:"skip,omitempty"`  // let this many matching requests pass first
	Error  APIError `json:"error"`
}

type ReqLog struct {
	At     *float64          `json:"at,omitempty"`
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Query  map[string]string `json:"query,omitempty"`
	Code   int               `json:"code"`
}

type EventWrite struct {
	Op      string `json:"op"` // create | patch
	Type    string `json:"type,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
	Count   int32  `json:"count,omitempty"`
}

type scaleState struct {
	ScaleObj
	spec, status int32
	selector     string
	follow       bool
	rv           int64
}

type apiServer struct {
	mu      sync.Mutex
	start   time.Time
	latency time.Duration
	rv      int64

	hpas     map[string]*autoscalingv2.HorizontalPodAutoscaler // ns/name
	scales   map[string]*scaleState                            // group/resource/ns/name
	pods     []*v1.Pod
	follow   string
	podM     *MetricsAnswer
	custom   []MetricsEntry
	external []MetricsEntry
	groups   map[string]*GroupOverride
	extra    []ExtraResource
	faults   []Fault

	log         []ReqLog
	events      []EventWrite
	scaleWrites []ScaleWrite
	statusPuts  []StatusPut
	quietLog    bool
}

type ScaleWrite struct {
	Path     string `json:"path"`
	Replicas int32  `json:"replicas"`
	Code     int    `json:"code"`
}

type StatusPut struct {
	Key    string          `json:"key"`
	Code   int             `json:"code"`
	Status json.RawMessage `json:"status,omitempty"`
}

func newAPIServer(start time.Time, latency time.Duration) *apiServer {
	return &apiServer{
		start: start, latency: latency, rv: 1000,
		hpas:   map[string]*autoscalingv2.HorizontalPodAutoscaler{},
		scales: map[string]*scaleState{},
		groups: map[string]*GroupOverride{},
	}
}

func (s *apiServer) nextRV() int64 { s.rv++; return s.rv }

func nsOr(ns string) string {
	if ns == "" {
		return "default"
	}
	return ns
}

func (o *ScaleObj) key() string {
	return o.Group + "/" + o.Resource + "/" + nsOr(o.Namespace) + "/" + o.Name
}

// apply merges a (partial) world into the server. It reports whether discovery changed.
func (s *apiServer) apply(w *World, defaulting bool) (discoveryChanged bool, err error) {
	if w == nil {
		return false, nil
	}
	for _, raw := range w.HPAs {
		h, err := decodeHPA(raw, defaulting)
		if err != nil {
			return false, err
		}
		key := h.Namespace + "/" + h.Name
		var probe struct {
			Status *json.RawMessage `json:"status"`
		}
		_ = json.Unmarshal(raw, &probe)
		if old, ok := s.hpas[key]; ok {
			if probe.Status == nil {
				h.Status = *old.Status.DeepCopy()
			}
			if h.UID == "" {
				h.UID = old.UID
			}
		}
		if h.UID == "" {
			h.UID = "uid-" + "" + typesUID(h.Namespace, h.Name)
		}
		h.ResourceVersion = strconv.FormatInt(s.nextRV(), 10)
		s.hpas[key] = h
	}
	for _, k := range w.DeleteHPAs {
		delete(s.hpas, k)
	}
	for _, o := range w.Scales {
		st := s.scales[o.key()]
		if st == nil {
			st = &scaleState{ScaleObj: o}
			s.scales[o.key()] = st
		}
		if o.SpecReplicas != nil {
			st.spec = *o.SpecReplicas
		}
		if o.StatusReplicas != nil {
			st.status = *o.StatusReplicas
		}
		if o.Selector != nil {
			st.selector = *o.Selector
		}
		if o.StatusFollowSpec != nil {
			st.follow = *o.StatusFollowSpec
		}
		st.rv = s.nextRV()
	}
	for _, k := range w.DeleteScales {
		delete(s.scales, k)
	}
	if w.Pods != nil {
		s.pods = nil
		for _, raw := range *w.Pods {
			p := &v1.Pod{}
			if err := json.Unmarshal(raw, p); err != nil {
				return false, fmt.Errorf("pod: %w", err)
			}
			p.Namespace = nsOr(p.Namespace)
			s.pods = append(s.pods, p)
		}
	}
	if w.PodsFollowScale != nil {
		s.follow = *w.PodsFollowScale
	}
	if w.PodMetrics != nil {
		s.podM = w.PodMetrics
	}
	if w.CustomMetrics != nil {
		s.custom = *w.CustomMetrics
	}
	if w.ExternalMetrics != nil {
		s.external = *w.ExternalMetrics
	}
	if w.APIGroups != nil {
		s.groups = w.APIGroups
		discoveryChanged = true
	}
	if w.Resources != nil {
		s.extra = w.Resources
		discoveryChanged = true
	}
	if w.Faults != nil {
		s.faults = append([]Fault{}, *w.Faults...)
	}
	return discoveryChanged, nil
}

// settle brings the derived objects in line with the scales: status replicas
// that follow the spec. It returns the pods that exist now.
func (s *apiServer) settle() []*v1.Pod {
	for _, st := range s.scales {
		if st.follow && st.status != st.spec {
			st.status = st.spec
			st.rv = s.nextRV()
		}
	}
	if s.follow == "" {
		return s.pods
	}
	if st := s.scales[s.follow]; st != nil {
		return s.pods[:max(0, min(int(st.spec), len(s.pods)))]
	}
	return nil
}

// podExists tells whether a pod-metrics item may be served: a pod that is in
// the pool but does not exist at the moment has no metrics.
func (s *apiServer) podGone(ns, name string) bool {
	if s.follow == "" {
		return false
	}
	st := s.scales[s.follow]
	for i, p := range s.pods {
		if p.Name == name && p.Namespace == ns {
			return st == nil || i >= int(st.spec)
		}
	}
	return false
}
