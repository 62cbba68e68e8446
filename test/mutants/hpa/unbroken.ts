/** Rules of the core's sections that no mutation breaks, and why. */

export const HPA_UNBROKEN: Readonly<Record<string, string>> = {
  'HPA-2.4': 'objects are never changed in place: the tests freeze what a sync is given',
  'HPA-2.43': 'follows from HPA-2.40: only answers to status writes are remembered',
  'HPA-3.1': 'what is discovered is handed in; the cache of it is src/controllers/discovery-cache.ts',
  'HPA-3.26': 'nothing of a pod that a decision reads tells its owner',
  'HPA-8.24': 'follows from HPA-5.12, HPA-8.9 and HPA-9.1',
  'HPA-16.2': 'the controller tells the queue: src/controllers/hpa.ts',
  'HPA-16.6': 'the controller tells the memory: src/controllers/hpa.ts; what follows from it is HPA-2.44',
  'HPA-16.13': 'what is chosen is kept by its caller: src/metrics/custom-metrics.ts',
  'HPA-16.14': 'the controller refuses to start: src/controllers/hpa.ts',
  'HPA-21.17': 'events are sent by src/controllers/hpa-events.ts',
  'HPA-22.10': 'numbers seen, which follow from HPA-12.8, HPA-22.1 and HPA-22.2',
};
