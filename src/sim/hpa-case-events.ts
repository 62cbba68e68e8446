/** Events of a case on their way to its server: correlated as the original does, written at once and without taking time. */

import { EventCorrelator, type EventSubject } from '../core/hpa/event-correlation.ts';
import type { HpaEvent } from '../core/hpa/conversation.ts';
import type { EpochMs } from '../core/time/time.ts';
import { isSuccess } from './hpa-case-client.ts';
import type { CaseServer } from './hpa-case-server.ts';

export class CaseEvents {
  readonly #server: CaseServer;
  readonly #correlator = new EventCorrelator();

  constructor(server: CaseServer) {
    this.#server = server;
  }

  /** Spec: HPA-21.11 to HPA-21.17. */
  emit(subject: EventSubject, event: HpaEvent, now: EpochMs): void {
    const written = this.#correlator.correlate(subject, event, now);
    if (written.kind === 'drop') return;
    const path = `/api/v1/namespaces/${subject.namespace}/events`;
    const body = { ...written.event, count: written.count };
    if (written.kind === 'patch') {
      const answer = this.#server.writeEvent({ method: 'PATCH', path: `${path}/${written.name}` }, body);
      if (isSuccess(answer) || answer.code !== 404) return;
    }
    this.#server.writeEvent({ method: 'POST', path }, body);
  }
}
