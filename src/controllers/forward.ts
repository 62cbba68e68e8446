/** A port handed on as it is, for wrappers that change one or two of its calls. */

import type { KubeApi } from '../ports/kube-api.ts';

/** Every call of `api`; spread it and name what is different. */
export function forwardingKubeApi(api: KubeApi): KubeApi {
  return {
    discover: (call) => api.discover(call),
    get: (resource, key, call) => api.get(resource, key, call),
    list: (resource, query, call) => api.list(resource, query, call),
    listEach: (resource, query, each, call) => api.listEach(resource, query, each, call),
    watch: (resource, query, call) => api.watch(resource, query, call),
    create: (resource, object, call) => api.create(resource, object, call),
    update: (resource, object, call) => api.update(resource, object, call),
    patch: (resource, key, patch, call) => api.patch(resource, key, patch, call),
    delete: (resource, key, call) => api.delete(resource, key, call),
    getScale: (resource, key, call) => api.getScale(resource, key, call),
    updateScale: (resource, key, scale, call) => api.updateScale(resource, key, scale, call),
    bindPod: (key, nodeName, call) => api.bindPod(key, nodeName, call),
    evictPod: (key, call) => api.evictPod(key, call),
  };
}
