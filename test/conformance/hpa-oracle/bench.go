package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	krt "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	autoscalingclient "k8s.io/client-go/kubernetes/typed/autoscaling/v2"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/tools/cache"
	"k8s.io/kubernetes/pkg/controller/podautoscaler"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

// Two ways of wiring the same real controller:
//
//	full - real clients, JSON through an in-memory transport (no sockets)
//	core - the scale, status and metrics clients are stubs without encoding
type benchResult struct {
	Mode               string    `json:"mode"`
	Variant            string    `json:"variant"`
	Namespaces         string    `json:"namespaces"`
	HPAs               int       `json:"hpas"`
	PodsPerHPA         int       `json:"podsPerHpa"`
	Workers            int       `json:"workers"`
	RoundSeconds       []float64 `json:"roundSeconds"`
	MedianSeconds      float64   `json:"medianSeconds"`
	DecisionsPerSecond float64   `json:"decisionsPerSecond"`
	PodsPerSecond      float64   `json:"podsPerSecond"`
	Check              string    `json:"check"`
}

func benchMain(args []string) {
	fs := flag.NewFlagSet("bench", flag.ExitOnError)
	rounds := fs.Int("rounds", 5, "measured rounds (the median is reported)")
	only := fs.String("only", "", "HxP, e.g. 1000x10: run only this size")
	modes := fs.String("modes", "core,full", "")
	workersFlag := fs.String("workers", "1,5", "")
	namespacesFlag := fs.String("namespaces", "one,each", "")
	variantsFlag := fs.String("variants", "steady,changing", "")
	_ = fs.Parse(args)
	out := []benchResult{}
	for _, size := range [][2]int{{1, 10}, {100, 10}, {1000, 10}, {1, 10000}} {
		if *only != "" && *only != fmt.Sprintf("%dx%d", size[0], size[1]) {
			continue
		}
		for _, mode := range strings.Split(*modes, ",") {
			for _, w := range strings.Split(*workersFlag, ",") {
				workers, _ := strconv.Atoi(w)
				if size[0] == 1 && workers > 1 {
					continue
				}
				for _, nsMode := range strings.Split(*namespacesFlag, ",") {
					if size[0] == 1 && nsMode == "each" {
						continue
					}
					for _, variant := range strings.Split(*variantsFlag, ",") {
						rounds := *rounds
						if size[0] >= 1000 && nsMode == "one" { // quadratic in the real controller: keep it short
							if variant == "changing" || workers > 1 {
								continue
							}
							rounds = min(rounds, 3)
						}
						r := benchOne(mode, variant, nsMode, size[0], size[1], workers, rounds)
						out = append(out, r)
						b, _ := json.Marshal(r)
						fmt.Fprintln(os.Stderr, string(b))
					}
				}
			}
		}
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", " ")
	usage := syscall.Rusage{}
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	_ = enc.Encode(map[string]interface{}{"cpus": runtime.NumCPU(), "bench": out, "peakMib": float64(usage.Maxrss) / 1024})
}

type benchHPA struct{ ns, name, key, app string }

func benchOne(mode, variant, nsMode string, n, pods, workers, rounds int) benchResult {
	list := []benchHPA{}
	for i := 0; i < n; i++ {
		ns := "default"
		if nsMode == "each" {
			ns = fmt.Sprintf("ns-%d", i)
		}
		app := fmt.Sprintf("app-%d", i)
		list = append(list, benchHPA{ns, app, ns + "/" + app, app})
	}
	start := time.Now().Add(-time.Hour)
	var hc *podautoscaler.HorizontalController
	var hpaStore, podStore cache.Indexer
	var setUsage func(milli int64)
	var stop func()
	var refresh func()
	var check func() string

	rfc := start.UTC().Format(time.RFC3339)
	mkPod := func(h benchHPA, j int) *v1.Pod {
		raw := fmt.Sprintf(`{"metadata":{"name":"%s-%d","namespace":"%s","labels":{"app":"%s"}},"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"100m","memory":"128Mi"}}}]},"status":{"phase":"Running","startTime":"%s","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"%s"}]}}`, h.app, j, h.ns, h.app, rfc, rfc)
		p := &v1.Pod{}
		if err := json.Unmarshal([]byte(raw), p); err != nil {
			panic(err)
		}
		return p
	}
	mkHPA := func(h benchHPA) json.RawMessage {
		return json.RawMessage(fmt.Sprintf(`{"metadata":{"name":"%s","namespace":"%s"},"spec":{"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"%s"},"minReplicas":1,"maxReplicas":20000,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":60}}}]}}`, h.name, h.ns, h.app))
	}

	if mode == "full" {
		srv := newAPIServer(start, 0)
		srv.quietLog = true
		bt := &benchTransport{apiServer: srv, bodies: map[string][]byte{}}
		w := &World{}
		podRaw := []json.RawMessage{}
		for _, h := range list {
			w.HPAs = append(w.HPAs, mkHPA(h))
			p32 := int32(pods)
			sel := "app=" + h.app
			w.Scales = append(w.Scales, ScaleObj{Group: "apps", Resource: "deployments", Namespace: h.ns, Name: h.app, SpecReplicas: &p32, StatusReplicas: &p32, Selector: &sel})
		}
		w.Pods = &podRaw
		if _, err := srv.apply(w, true); err != nil {
			panic(err)
		}
		for _, h := range list {
			for j := 0; j < pods; j++ {
				srv.pods = append(srv.pods, mkPod(h, j))
			}
		}
		r := newRigWith(&ControllerCfg{}, start, srv, bt)
		r.deliver(false)
		setRecorder(r.hc, noRecorder{})
		hc, hpaStore, podStore = r.hc, r.hpaStore, r.podStore
		setUsage = func(m int64) { bt.prepare(list, pods, m, rfc) }
		refresh = func() {
			srv.mu.Lock()
			defer srv.mu.Unlock()
			for _, h := range srv.hpas {
				_ = hpaStore.Update(h)
			}
			hpaStore.(interface{ Bookmark(string) }).Bookmark(strconv.FormatInt(srv.rv, 10))
			srv.scaleWrites, srv.statusPuts, srv.events = nil, nil, nil
		}
		check = func() string {
			srv.mu.Lock()
			defer srv.mu.Unlock()
			h := srv.hpas[list[len(list)-1].key]
			return fmt.Sprintf("desired=%d util=%d", h.Status.DesiredReplicas, *h.Status.CurrentMetrics[0].Resource.Current.AverageUtilization)
		}
		stop = func() { r.cancel(); hc.Run(r.ctx, 1) }
	} else {
		ctx, cancel := context.WithCancel(context.Background())
		st := &stubs{scales: map[string]*autoscalingv1.Scale{}, metrics: map[string]metrics.PodMetricsInfo{}, hpas: map[string]*autoscalingv2.HorizontalPodAutoscaler{}}
		client := must(kubernetes.NewForConfig(clientConfig(newAPIServer(start, 0))))
		f := informers.NewSharedInformerFactory(client, 0)
		hi, pi := f.Autoscaling().V2().HorizontalPodAutoscalers(), f.Core().V1().Pods()
		mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{{Group: "apps", Version: "v1"}})
		mapper.Add(schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}, meta.RESTScopeNamespace)
		hc = podautoscaler.NewHorizontalController(ctx, client.CoreV1(), st, st, mapper, st, hi, pi, 15*time.Second, 5*time.Minute, 0.1, 5*time.Minute, 30*time.Second)
		setRecorder(hc, noRecorder{})
		hpaStore, podStore = hi.Informer().GetIndexer(), pi.Informer().GetIndexer()
		for _, h := range list {
			obj := must(decodeHPA(mkHPA(h), true))
			_ = hpaStore.Add(obj)
			hcEnqueueHPA(hc, obj)
			st.scales[h.key] = &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: h.app, Namespace: h.ns}, Spec: autoscalingv1.ScaleSpec{Replicas: int32(pods)}, Status: autoscalingv1.ScaleStatus{Replicas: int32(pods), Selector: "app=" + h.app}}
			for j := 0; j < pods; j++ {
				_ = podStore.Add(mkPod(h, j))
			}
		}
		setUsage = func(m int64) {
			for _, h := range list {
				pm := metrics.PodMetricsInfo{}
				for j := 0; j < pods; j++ {
					pm[fmt.Sprintf("%s-%d", h.app, j)] = metrics.PodMetric{Timestamp: time.Now(), Window: 30 * time.Second, Value: m}
				}
				st.metrics["app="+h.app] = pm
			}
		}
		refresh = func() {
			st.mu.Lock()
			defer st.mu.Unlock()
			for _, h := range st.hpas {
				_ = hpaStore.Update(h)
			}
			st.hpas = map[string]*autoscalingv2.HorizontalPodAutoscaler{}
		}
		check = func() string {
			o, _, _ := hpaStore.GetByKey(list[len(list)-1].key)
			h := o.(*autoscalingv2.HorizontalPodAutoscaler)
			return fmt.Sprintf("desired=%d util=%d", h.Status.DesiredReplicas, *h.Status.CurrentMetrics[0].Resource.Current.AverageUtilization)
		}
		stop = func() { cancel(); hc.Run(ctx, 1) }
	}

	round := func(i int) float64 {
		usage := int64(60)
		if variant == "changing" && i%2 == 1 {
			usage = 61 // inside the tolerance, but the status changes: one PUT per sync
		}
		setUsage(usage)
		work := make(chan string, n)
		for _, h := range list {
			work <- h.key
		}
		close(work)
		runtime.GC()
		t0 := time.Now()
		var wg sync.WaitGroup
		for w := 0; w < workers; w++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for k := range work {
					if _, err := hcReconcileKey(hc, context.Background(), k); err != nil {
						panic(err)
					}
				}
			}()
		}
		wg.Wait()
		d := time.Since(t0).Seconds()
		refresh()
		return d
	}
	round(0) // discovery, first conditions
	round(0)
	res := benchResult{Mode: mode, Variant: variant, Namespaces: nsMode, HPAs: n, PodsPerHPA: pods, Workers: workers}
	if n == 1 && pods <= 100 {
		rounds *= 40 // one sync is too short to time alone
	}
	for i := 1; i <= rounds; i++ {
		res.RoundSeconds = append(res.RoundSeconds, round(i))
	}
	res.Check = check()
	stop()
	s := append([]float64{}, res.RoundSeconds...)
	sort.Float64s(s)
	if len(res.RoundSeconds) > 20 {
		res.RoundSeconds = []float64{s[0], s[len(s)/2], s[len(s)-1]} // min, median, max
	}
	res.MedianSeconds = s[len(s)/2]
	res.DecisionsPerSecond = float64(n) / res.MedianSeconds
	res.PodsPerSecond = float64(n*pods) / res.MedianSeconds
	return res
}

type noRecorder struct{}

func (noRecorder) Event(krt.Object, string, string, string)                  {}
func (noRecorder) Eventf(krt.Object, string, string, string, ...interface{}) {}
func (noRecorder) AnnotatedEventf(krt.Object, map[string]string, string, string, string, ...interface{}) {
}

// benchTransport serves pre-encoded PodMetricsLists.
type benchTransport struct {
	*apiServer
	bodies map[string][]byte
}

func (b *benchTransport) prepare(list []benchHPA, pods int, milli int64, ts string) {
	for _, h := range list {
		var sb strings.Builder
		sb.WriteString(`{"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","metadata":{},"items":[`)
		for j := 0; j < pods; j++ {
			if j > 0 {
				sb.WriteByte(',')
			}
			fmt.Fprintf(&sb, `{"metadata":{"name":"%s-%d","namespace":"%s","creationTimestamp":"%s","labels":{"app":"%s"}},"timestamp":"%s","window":"30.046s","containers":[{"name":"c","usage":{"cpu":"%dm","memory":"65536Ki"}}]}`, h.app, j, h.ns, ts, h.app, ts, milli)
		}
		sb.WriteString(`]}`)
		b.bodies[h.ns+"|app="+h.app] = []byte(sb.String())
	}
}

func (b *benchTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == "GET" && strings.HasPrefix(req.URL.Path, "/apis/metrics.k8s.io/v1beta1/namespaces/") {
		ns := strings.Split(req.URL.Path, "/")[5]
		return respond(req, 200, b.bodies[ns+"|"+req.URL.Query().Get("labelSelector")]), nil
	}
	return b.apiServer.RoundTrip(req)
}

// stubs is the scale, status and metrics client of mode "core".
type stubs struct {
	mu      sync.Mutex
	scales  map[string]*autoscalingv1.Scale
	metrics map[string]metrics.PodMetricsInfo
	hpas    map[string]*autoscalingv2.HorizontalPodAutoscaler
}

type stubScale struct {
	scale.ScaleInterface
	s  *stubs
	ns string
}

func (s *stubs) Scales(ns string) scale.ScaleInterface { return stubScale{s: s, ns: ns} }
func (x stubScale) Get(_ context.Context, _ schema.GroupResource, name string, _ metav1.GetOptions) (*autoscalingv1.Scale, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	return x.s.scales[x.ns+"/"+name].DeepCopy(), nil
}
func (x stubScale) Update(_ context.Context, _ schema.GroupResource, sc *autoscalingv1.Scale, _ metav1.UpdateOptions) (*autoscalingv1.Scale, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.scales[x.ns+"/"+sc.Name] = sc.DeepCopy()
	return sc, nil
}

type stubHPA struct {
	autoscalingclient.HorizontalPodAutoscalerInterface
	s *stubs
}

func (s *stubs) HorizontalPodAutoscalers(string) autoscalingclient.HorizontalPodAutoscalerInterface {
	return stubHPA{s: s}
}
func (x stubHPA) UpdateStatus(_ context.Context, h *autoscalingv2.HorizontalPodAutoscaler, _ metav1.UpdateOptions) (*autoscalingv2.HorizontalPodAutoscaler, error) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.s.hpas[h.Namespace+"/"+h.Name] = h.DeepCopy()
	return h, nil
}

func (s *stubs) GetResourceMetric(_ context.Context, _ v1.ResourceName, _ string, sel labels.Selector, _ string) (metrics.PodMetricsInfo, time.Time, error) {
	src := s.metrics[sel.String()]
	out := make(metrics.PodMetricsInfo, len(src))
	for k, v := range src {
		out[k] = v
	}
	return out, time.Now(), nil
}
func (s *stubs) GetRawMetric(string, string, labels.Selector, labels.Selector) (metrics.PodMetricsInfo, time.Time, error) {
	panic("unused")
}
func (s *stubs) GetObjectMetric(string, string, *autoscalingv2.CrossVersionObjectReference, labels.Selector) (int64, time.Time, error) {
	panic("unused")
}
func (s *stubs) GetExternalMetric(string, string, labels.Selector) ([]int64, time.Time, error) {
	panic("unused")
}
