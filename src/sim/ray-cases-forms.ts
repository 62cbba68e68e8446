/** How the numbers of a case were written that come back in its result. */

import { readText, type NumberForm, type Place } from './case-read.ts';

export type NumberForms = {
  /** Of a time in the state. */
  second(nodeType: string, value: number): NumberForm;
  /** Of what a resize asks for. */
  desired(cloudId: string, what: 'cpu' | 'memory', value: number): NumberForm;
};

type Written = { readonly value: unknown; readonly form: NumberForm };

/** `place` is a case that has been read without fault. What is returned holds nothing of it. */
export function formsOf(place: Place): NumberForms {
  const seconds = secondsOf(place.member('state').member('pending_unneeded_since_s'));
  const desired = desiredOf(place.member('ippr'));
  return {
    // what was not carried over is the clock of this round, a float
    second: (type, value) => formOf(seconds.get(type), value) ?? 'float',
    desired: (cloudId, what, value) =>
      formOf(desired.get(cloudId)?.[what], value) ?? (Number.isInteger(value) ? 'int' : 'float'),
  };
}

function formOf(written: readonly Written[] | undefined, value: number): NumberForm | undefined {
  return written?.find((one) => one.value === value)?.form;
}

function secondsOf(since: Place): ReadonlyMap<string, readonly Written[]> {
  return new Map(memberNames(since).map((type) => [type, items(since.member(type)).map(written)]));
}

type Desired = { readonly cpu: readonly Written[]; readonly memory: readonly Written[] };

/** What is desired already comes first: a resize takes over only what differs from it. */
function desiredOf(resize: Place): ReadonlyMap<string, Desired> {
  const groups = new Map(items(resize.member('groups')).map((pair) => [readText(item(pair, 0)), item(pair, 1)]));
  return new Map(
    items(resize.member('statuses')).map((status) => {
      const group = groups.get(readText(status.member('group')));
      const sources = (what: 'cpu' | 'memory'): readonly Written[] => [
        written(status.member(`desired_${what}`)),
        written(status.member(`suggested_max_${what}`)),
        ...(group === undefined ? [] : [written(group.member(`max_${what}`))]),
      ];
      return [readText(status.member('cloud_id')), { cpu: sources('cpu'), memory: sources('memory') }];
    }),
  );
}

function written({ value, form }: Place): Written {
  return { value, form };
}

function memberNames({ value }: Place): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function items(place: Place): readonly Place[] {
  return Array.isArray(place.value) ? place.value.map((_, i) => item(place, i)) : [];
}

function item(place: Place, index: number): Place {
  return place.at(index, Array.isArray(place.value) ? place.value[index] : undefined);
}
