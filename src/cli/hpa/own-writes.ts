/** Looks at the answers to our status writes: they say which entries of an HPA's managedFields are ours. */

import { forwardingKubeApi } from '../../controllers/forward.ts';
import type { OwnWrite } from '../../core/hpa/second-writer.ts';
import type { HorizontalPodAutoscaler } from '../../core/kube/hpa.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../../core/kube/object.ts';
import { HORIZONTAL_POD_AUTOSCALERS, type Resource } from '../../core/kube/resource.ts';
import { KubeError, type KubeApi, type WriteOptions } from '../../ports/kube-api.ts';

export type StatusWriteNotice = {
  /** Before the request. */
  writing(key: ObjectKey): void;
  /** Once it is known what became of it, or that it will not be. */
  wrote(key: ObjectKey, write: OwnWrite): void;
};

export function noticingStatusWrites(api: KubeApi, notice: StatusWriteNotice): KubeApi {
  const update = async <T extends KubeObject>(resource: Resource<T>, object: T, call: WriteOptions): Promise<T> => {
    if (resource.kind !== HORIZONTAL_POD_AUTOSCALERS.kind || call.subresource !== 'status')
      return api.update(resource, object, call);
    const key = keyOf(object);
    notice.writing(key);
    let write: OwnWrite = { kind: 'unknown' };
    try {
      const answer = await api.update(resource, object, call);
      const hpa = answer as KubeObject as HorizontalPodAutoscaler; // the kind says so
      write = { kind: 'written', hpa };
      return answer;
    } catch (error) {
      if (error instanceof KubeError && error.status.code >= 400 && error.status.code < 500)
        write = { kind: 'refused' };
      throw error;
    } finally {
      notice.wrote(key, write);
    }
  };
  return { ...forwardingKubeApi(api), update };
}
