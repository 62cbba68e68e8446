package main

import (
	"sort"
	"strings"
)

type builtin struct {
	group, version, resource, kind string
	scale, root                    bool
}

var builtins = []builtin{
	{"", "v1", "pods", "Pod", false, false},
	{"", "v1", "services", "Service", false, false},
	{"", "v1", "namespaces", "Namespace", false, true},
	{"", "v1", "nodes", "Node", false, true},
	{"", "v1", "replicationcontrollers", "ReplicationController", true, false},
	{"apps", "v1", "deployments", "Deployment", true, false},
	{"apps", "v1", "replicasets", "ReplicaSet", true, false},
	{"apps", "v1", "statefulsets", "StatefulSet", true, false},
	{"apps", "v1", "daemonsets", "DaemonSet", false, false},
	{"autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", false, false},
	{"autoscaling", "v1", "horizontalpodautoscalers", "HorizontalPodAutoscaler", false, false},
	{"networking.k8s.io", "v1", "ingresses", "Ingress", false, false},
	{"metrics.k8s.io", "v1beta1", "pods", "PodMetrics", false, false},
	{"custom.metrics.k8s.io", "v1beta2", "namespaces/placeholder", "MetricValueList", false, true},
	{"custom.metrics.k8s.io", "v1beta1", "namespaces/placeholder", "MetricValueList", false, true},
	{"external.metrics.k8s.io", "v1beta1", "placeholder", "ExternalMetricValueList", false, false},
}

func (s *apiServer) resources() []builtin {
	out := append([]builtin{}, builtins...)
	for _, e := range s.extra {
		out = append(out, builtin{e.Group, e.Version, e.Resource, e.Kind, e.Scale, false})
	}
	kept := out[:0]
	for _, b := range out {
		if o := s.groups[b.group]; o != nil {
			if o.Removed {
				continue
			}
			found := false
			for _, v := range o.Versions {
				found = found || v == b.version
			}
			if !found {
				continue
			}
		}
		kept = append(kept, b)
	}
	return kept
}

func (s *apiServer) discovery(path string) (int, []byte) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	res := s.resources()
	switch {
	case path == "/api":
		return jsonOK(map[string]interface{}{"kind": "APIVersions", "versions": []string{"v1"}})
	case path == "/apis":
		order := []string{}
		versions := map[string][]string{}
		for _, b := range res {
			if b.group == "" {
				continue
			}
			if _, ok := versions[b.group]; !ok {
				order = append(order, b.group)
			}
			dup := false
			for _, v := range versions[b.group] {
				dup = dup || v == b.version
			}
			if !dup {
				versions[b.group] = append(versions[b.group], b.version)
			}
		}
		// groups named only by an override (e.g. an unsupported version)
		names := []string{}
		for g := range s.groups {
			names = append(names, g)
		}
		sort.Strings(names)
		for _, g := range names {
			o := s.groups[g]
			if o == nil || o.Removed {
				continue
			}
			if _, ok := versions[g]; !ok {
				order = append(order, g)
			}
			versions[g] = o.Versions
		}
		groups := []interface{}{}
		for _, g := range order {
			vs := []interface{}{}
			pref := versions[g][0]
			if o := s.groups[g]; o != nil && o.Preferred != "" {
				pref = o.Preferred
			}
			for _, v := range versions[g] {
				vs = append(vs, map[string]interface{}{"groupVersion": g + "/" + v, "version": v})
			}
			groups = append(groups, map[string]interface{}{"name": g, "versions": vs, "preferredVersion": map[string]interface{}{"groupVersion": g + "/" + pref, "version": pref}})
		}
		return jsonOK(map[string]interface{}{"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
	}
	gv := strings.Join(parts[1:], "/")
	group, version := "", gv
	if i := strings.Index(gv, "/"); i >= 0 {
		group, version = gv[:i], gv[i+1:]
	}
	list := []interface{}{}
	for _, b := range res {
		if b.group != group || b.version != version {
			continue
		}
		list = append(list, map[string]interface{}{"name": b.resource, "singularName": strings.ToLower(b.kind), "namespaced": !b.root, "kind": b.kind, "verbs": []string{"get", "list"}})
		if b.scale {
			list = append(list, map[string]interface{}{"name": b.resource + "/scale", "singularName": "", "namespaced": true, "group": "autoscaling", "version": "v1", "kind": "Scale", "verbs": []string{"get", "patch", "update"}})
		}
	}
	if len(list) == 0 {
		return fail(404, "NotFound", "the server could not find the requested resource")
	}
	return jsonOK(map[string]interface{}{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": gv, "resources": list})
}
