package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime/debug"
	"sort"
	"strings"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/component-base/metrics/legacyregistry"
	hpav2 "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/monitor"
	resourceclient "k8s.io/metrics/pkg/client/clientset/versioned/typed/metrics/v1beta1"
	"k8s.io/metrics/pkg/client/custom_metrics"
	"k8s.io/metrics/pkg/client/external_metrics"
)

type ControllerCfg struct {
	SyncPeriodSeconds              *float64        `json:"syncPeriodSeconds,omitempty"`
	DownscaleStabilizationSeconds  *float64        `json:"downscaleStabilizationSeconds,omitempty"`
	Tolerance                      *float64        `json:"tolerance,omitempty"`
	CPUInitializationPeriodSeconds *float64        `json:"cpuInitializationPeriodSeconds,omitempty"`
	InitialReadinessDelaySeconds   *float64        `json:"initialReadinessDelaySeconds,omitempty"`
	RequestLatencyMs               *int            `json:"requestLatencyMs,omitempty"`
	FeatureGates                   map[string]bool `json:"featureGates,omitempty"`
	RawHPA                         bool            `json:"rawHpa,omitempty"` // skip API defaulting
}

func dur(p *float64, def time.Duration) time.Duration {
	if p == nil {
		return def
	}
	return time.Duration(*p * float64(time.Second))
}

type Step struct {
	AdvanceSeconds float64  `json:"advanceSeconds"`
	World          *World   `json:"world,omitempty"`
	Sync           []string `json:"sync,omitempty"`
	CacheLag       bool     `json:"cacheLag,omitempty"`
	ResetDiscovery bool     `json:"resetDiscovery,omitempty"`
}

type Event struct {
	Type    string `json:"type"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

type SyncResult struct {
	Step          int              `json:"step"`
	At            float64          `json:"at"`
	Key           string           `json:"key"`
	Deleted       bool             `json:"deleted,omitempty"`
	Error         string           `json:"error,omitempty"`
	HandledErrors []string         `json:"handledErrors,omitempty"`
	Events        []Event          `json:"events,omitempty"`
	EventWrites   []EventWrite     `json:"eventWrites,omitempty"`
	ScaleWrites   []ScaleWrite     `json:"scaleWrites,omitempty"`
	StatusPuts    []StatusPut      `json:"statusPuts,omitempty"`
	Status        json.RawMessage  `json:"status,omitempty"`
	Replicas      map[string]int32 `json:"replicas,omitempty"`
	Requests      []ReqLog         `json:"requests,omitempty"`
	Recs          []Rec            `json:"recommendations,omitempty"`
	UpEvents      []Rec            `json:"scaleUpEvents,omitempty"`
	DownEvents    []Rec            `json:"scaleDownEvents,omitempty"`
}

func decodeHPA(raw json.RawMessage, defaulting bool) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	h := &autoscalingv2.HorizontalPodAutoscaler{}
	if err := json.Unmarshal(raw, h); err != nil {
		return nil, fmt.Errorf("hpa: %w", err)
	}
	h.Namespace = nsOr(h.Namespace)
	if defaulting {
		hpav2.SetDefaults_HorizontalPodAutoscaler(h)
		if h.Generation == 0 {
			h.Generation = 1
		}
	}
	return h, nil
}

func typesUID(ns, name string) types.UID { return types.UID(ns + "-" + name) }

// teeRecorder notes every event as the controller emits it (before the
// correlator aggregates or drops any) and hands it to the real recorder.
type teeRecorder struct {
	inner record.EventRecorder
	out   []Event
}

func (t *teeRecorder) Event(o runtime.Object, et, reason, msg string) {
	t.out = append(t.out, Event{et, reason, msg})
	t.inner.Event(o, et, reason, msg)
}
func (t *teeRecorder) Eventf(o runtime.Object, et, reason, f string, a ...interface{}) {
	t.Event(o, et, reason, fmt.Sprintf(f, a...))
}
func (t *teeRecorder) AnnotatedEventf(o runtime.Object, _ map[string]string, et, reason, f string, a ...interface{}) {
	t.Event(o, et, reason, fmt.Sprintf(f, a...))
}

// rig is one real HorizontalController wired, as kube-controller-manager does
// it, to real clients whose transport is the in-memory API server.
type rig struct {
	srv      *apiServer
	hc       *podautoscaler.HorizontalController
	rec      *teeRecorder
	factory  informers.SharedInformerFactory
	hpaStore cache.Indexer
	podStore cache.Indexer
	mapper   *restmapper.DeferredDiscoveryRESTMapper
	apis     custom_metrics.AvailableAPIsGetter
	cancel   context.CancelFunc
	ctx      context.Context
	start    time.Time
}

func clientConfig(rt http.RoundTripper) *rest.Config {
	c := &rest.Config{Host: "http://oracle.invalid", Transport: rt, QPS: -1, UserAgent: "oracle"}
	c.ContentType = "application/json"
	return c
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// clientsFor builds the clients exactly like newHorizontalPodAutoscalerController
// in kube-controller-manager.
func clientsFor(srv http.RoundTripper) (*kubernetes.Clientset, scale.ScalesGetter, *restmapper.DeferredDiscoveryRESTMapper, custom_metrics.AvailableAPIsGetter, metrics.MetricsClient) {
	client := must(kubernetes.NewForConfig(clientConfig(srv)))
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client.Discovery()))
	resolver := scale.NewDiscoveryScaleKindResolver(client.Discovery())
	scaleClient := must(scale.NewForConfig(clientConfig(srv), mapper, dynamic.LegacyAPIPathResolverFunc, resolver))
	apis := custom_metrics.NewAvailableAPIsGetter(client.Discovery())
	mc := metrics.NewRESTMetricsClient(
		must(resourceclient.NewForConfig(clientConfig(srv))),
		custom_metrics.NewForConfig(clientConfig(srv), mapper, apis),
		must(external_metrics.NewForConfig(clientConfig(srv))),
	)
	return client, scaleClient, mapper, apis, mc
}

func newRig(cfg *ControllerCfg, start time.Time, srv *apiServer) *rig {
	return newRigWith(cfg, start, srv, srv)
}

func newRigWith(cfg *ControllerCfg, start time.Time, srv *apiServer, rt http.RoundTripper) *rig {
	r := &rig{srv: srv, start: start}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	client, scaleClient, mapper, apis, mc := clientsFor(rt)
	r.mapper, r.apis = mapper, apis
	r.factory = informers.NewSharedInformerFactory(client, 0)
	hpas := r.factory.Autoscaling().V2().HorizontalPodAutoscalers()
	pods := r.factory.Core().V1().Pods()
	tol := 0.1
	if cfg.Tolerance != nil {
		tol = *cfg.Tolerance
	}
	r.hc = podautoscaler.NewHorizontalController(
		r.ctx, client.CoreV1(), scaleClient, client.AutoscalingV2(), mapper, mc, hpas, pods,
		dur(cfg.SyncPeriodSeconds, 15*time.Second),
		dur(cfg.DownscaleStabilizationSeconds, 5*time.Minute),
		tol,
		dur(cfg.CPUInitializationPeriodSeconds, 5*time.Minute),
		dur(cfg.InitialReadinessDelaySeconds, 30*time.Second),
	)
	r.hpaStore = hpas.Informer().GetIndexer()
	r.podStore = pods.Informer().GetIndexer()
	r.rec = &teeRecorder{inner: getRecorder(r.hc)}
	setRecorder(r.hc, r.rec)
	return r
}

// deliver plays the part of the watch: the informer caches catch up with the
// server.
func (r *rig) deliver(lagHPA bool) {
	r.srv.mu.Lock()
	pods := r.srv.settle()
	hpas := map[string]*autoscalingv2.HorizontalPodAutoscaler{}
	for k, h := range r.srv.hpas {
		hpas[k] = h.DeepCopy()
	}
	rv := fmt.Sprint(r.srv.rv)
	r.srv.mu.Unlock()

	want := map[string]*v1.Pod{}
	for _, p := range pods {
		want[p.Namespace+"/"+p.Name] = p
	}
	for _, k := range r.podStore.ListKeys() {
		if want[k] == nil {
			o, _, _ := r.podStore.GetByKey(k)
			_ = r.podStore.Delete(o)
		}
	}
	for _, p := range want {
		_ = r.podStore.Add(p)
	}
	if lagHPA {
		return
	}
	for _, k := range r.hpaStore.ListKeys() {
		if hpas[k] == nil {
			o, _, _ := r.hpaStore.GetByKey(k)
			_ = r.hpaStore.Delete(o)
			hcDeleteHPA(r.hc, o)
		}
	}
	keys := make([]string, 0, len(hpas))
	for k := range hpas {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		_, exists, _ := r.hpaStore.GetByKey(k)
		_ = r.hpaStore.Add(hpas[k])
		if !exists {
			hcEnqueueHPA(r.hc, hpas[k])
		}
	}
	r.hpaStore.(interface{ Bookmark(string) }).Bookmark(rv)
}

func (r *rig) close() {
	r.cancel()
	r.hc.Run(r.ctx, 1) // with a cancelled context this only shuts the queue down
	time.Sleep(5 * time.Second)
}

var handled []string

// crash is what a worker of a loop died of, where the real process would have ended.
var crash string

func init() {
	utilruntime.ReallyCrash = false
	utilruntime.PanicHandlers = []func(context.Context, interface{}){
		func(_ context.Context, why interface{}) { crash = fmt.Sprint(why) },
	}
	// No rate limiting and no printing: only note the errors "handled" by logging.
	utilruntime.ErrorHandlers = []utilruntime.ErrorHandler{
		func(_ context.Context, err error, msg string, _ ...interface{}) {
			s := msg
			if err != nil {
				s = err.Error()
			}
			handled = append(handled, s)
		},
	}
}

// gateDependents must be off together with the gate they depend on.
var gateDependents = map[string][]string{
	"PodLevelResources": {"InPlacePodLevelResourcesVerticalScaling", "PodLevelResourcesFixDefaulting", "PodLevelResourcesFixKubeletQOSClass", "PodLevelResourceManagers"},
}

func withGates(gates map[string]bool, f func()) error {
	if len(gates) > 0 {
		mut := utilfeature.DefaultMutableFeatureGate
		want := map[string]bool{}
		for n, v := range gates {
			want[n] = v
			if !v {
				for _, d := range gateDependents[n] {
					want[d] = false
				}
			}
		}
		old := map[string]bool{}
		for k := range mut.GetAll() {
			if _, ok := want[string(k)]; ok {
				old[string(k)] = mut.Enabled(k)
			}
		}
		if err := mut.SetFromMap(want); err != nil {
			return err
		}
		defer func() {
			if err := mut.SetFromMap(old); err != nil {
				panic(err)
			}
		}()
	}
	f()
	return nil
}

// inBubble runs f with the virtual clock set to start.
func inBubble(start time.Time, f func()) (err error) {
	synctestRun(func() {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		time.Sleep(time.Until(start))
		f()
	})
	return err
}

func parseStart(s string) (time.Time, error) {
	if s == "" {
		s = "2026-01-01T00:00:00Z"
	}
	return time.Parse(time.RFC3339Nano, s)
}

func latency(cfg *ControllerCfg) time.Duration {
	ms := 1
	if cfg.RequestLatencyMs != nil {
		ms = *cfg.RequestLatencyMs
	}
	return time.Duration(ms) * time.Millisecond
}

func runReconcile(c *Case) (out map[string]interface{}, err error) {
	start, err := parseStart(c.Start)
	if err != nil {
		return nil, err
	}
	var results []SyncResult
	var prom map[string]float64
	var inner error
	err = withGates(c.Controller.FeatureGates, func() {
		inner = inBubble(start, func() { results, prom = reconcileInBubble(c, start) })
	})
	if err == nil {
		err = inner
	}
	if err != nil {
		return nil, err
	}
	return map[string]interface{}{"syncs": results, "prometheus": prom}, nil
}

func reconcileInBubble(c *Case, start time.Time) ([]SyncResult, map[string]float64) {
	resetProm()
	srv := newAPIServer(start, latency(&c.Controller))
	if _, err := srv.apply(&c.World, !c.Controller.RawHPA); err != nil {
		panic(err)
	}
	r := newRig(&c.Controller, start, srv)
	defer r.close()
	r.deliver(false)
	steps := c.Steps
	if len(steps) == 0 {
		steps = []Step{{}}
	}
	results := []SyncResult{}
	at := start
	for i, st := range steps {
		at = at.Add(time.Duration(st.AdvanceSeconds*1000) * time.Millisecond)
		if d := time.Until(at); d > 0 {
			time.Sleep(d)
		}
		srv.mu.Lock()
		changed, err := srv.apply(st.World, !c.Controller.RawHPA)
		srv.mu.Unlock()
		if err != nil {
			panic(err)
		}
		if changed || st.ResetDiscovery {
			r.mapper.Reset()
			r.apis.Invalidate()
		}
		r.deliver(st.CacheLag)
		keys := st.Sync
		if keys == nil {
			for k := range srv.hpas {
				keys = append(keys, k)
			}
			sort.Strings(keys)
		}
		for _, k := range keys {
			results = append(results, r.sync(i, k))
		}
	}
	return results, gatherProm()
}

func (r *rig) sync(step int, key string) SyncResult {
	srv := r.srv
	srv.mu.Lock()
	srv.log, srv.events, srv.scaleWrites, srv.statusPuts = nil, nil, nil, nil
	srv.mu.Unlock()
	r.rec.out = nil
	handled = nil
	res := SyncResult{Step: step, Key: key, At: secondsSince(r.start, time.Now())}
	func() {
		defer func() {
			if p := recover(); p != nil { // the real controller would crash here
				res.Error = fmt.Sprintf("panic: %v", p)
			}
		}()
		deleted, err := hcReconcileKey(r.hc, r.ctx, key)
		res.Deleted = deleted
		if err != nil {
			res.Error = err.Error()
		}
	}()
	synctestWait() // let the event broadcaster drain
	srv.mu.Lock()
	defer srv.mu.Unlock()
	res.Events = r.rec.out
	res.EventWrites = srv.events
	res.ScaleWrites = srv.scaleWrites
	res.StatusPuts = srv.statusPuts
	for i := range res.StatusPuts {
		if res.StatusPuts[i].Code == 200 { // then it is the same as Status
			res.StatusPuts[i].Status = nil
		}
	}
	res.Requests = srv.log
	for i := range res.Requests {
		res.Requests[i].At = nil // conflict retries are jittered
	}
	res.HandledErrors = handled
	if h := srv.hpas[key]; h != nil {
		res.Status = must(json.Marshal(h.Status))
	}
	res.Replicas = map[string]int32{}
	for k, st := range srv.scales {
		res.Replicas[k] = st.spec
	}
	res.Recs = dumpRecords(r.hc, "recommendations", key, r.start)
	res.UpEvents = dumpRecords(r.hc, "scaleUpEvents", key, r.start)
	res.DownEvents = dumpRecords(r.hc, "scaleDownEvents", key, r.start)
	return res
}

func resetProm() {
	monitor.Register()
	monitor.ReconciliationsTotal.Reset()
	monitor.ReconciliationsDuration.Reset()
	monitor.MetricComputationTotal.Reset()
	monitor.MetricComputationDuration.Reset()
	monitor.DesiredReplicasCount.Reset()
	monitor.HPARequeueSkips.Reset()
	monitor.NumHorizontalPodAutoscalers.Set(0)
}

func gatherProm() map[string]float64 {
	out := map[string]float64{}
	fams, err := legacyregistry.DefaultGatherer.Gather()
	if err != nil {
		panic(err)
	}
	for _, f := range fams {
		if !strings.HasPrefix(f.GetName(), "horizontal_pod_autoscaler_controller") {
			continue
		}
		for _, m := range f.Metric {
			ls := []string{}
			for _, l := range m.Label {
				ls = append(ls, l.GetName()+"="+fmt.Sprintf("%q", l.GetValue()))
			}
			id := f.GetName() + "{" + strings.Join(ls, ",") + "}"
			switch {
			case m.Counter != nil:
				out[id] = m.Counter.GetValue()
			case m.Gauge != nil:
				out[id] = m.Gauge.GetValue()
			case m.Histogram != nil:
				out[id+"_count"] = float64(m.Histogram.GetSampleCount())
			}
		}
	}
	return out
}
