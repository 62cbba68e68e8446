/** What the original's client makes of a refusal that says nothing about itself: a reason and a text by HTTP code. */

import { groupResourceText, type GroupResource } from './resource.ts';

/** What was asked for. `resource` '' : a path of no resource; `name` '' : no single object. */
export type RefusedRequest = {
  readonly code: number;
  readonly method: string;
  readonly subject: GroupResource & { readonly name: string };
  /** What of the body is text, cut to a sensible length; `unknown` where it is none. */
  readonly bodyText: string;
};

/** Spec: HPA-20.17, HPA-20.18.   Source: apimachinery pkg/api/errors/errors.go NewGenericServerResponse (v0.37.2). */
export function genericRefusal({ code, method, subject, bodyText }: RefusedRequest): GenericRefusal {
  const { reason, message } = genericText(code, method, bodyText);
  const { resource, name } = subject;
  const about =
    resource === '' ? '' : ` (${[method.toLowerCase(), groupResourceText(subject), name].join(' ').trim()})`;
  return { reason, message: message + about };
}

/** `reason` '' where the original knows none. */
export type GenericRefusal = { readonly reason: string; readonly message: string };

const GENERIC: Readonly<Record<number, GenericRefusal>> = {
  400: { reason: 'BadRequest', message: 'the server rejected our request for an unknown reason' },
  401: { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials' },
  404: { reason: 'NotFound', message: 'the server could not find the requested resource' },
  405: { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' },
  422: { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' },
  429: {
    reason: 'TooManyRequests',
    message: 'the server has received too many requests and has asked us to try again later',
  },
  503: { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' },
  504: {
    reason: 'Timeout',
    message: 'the server was unable to return a response in the time allotted, but may still be processing the request',
  },
};

function genericText(code: number, method: string, body: string): GenericRefusal {
  const known = GENERIC[code];
  if (known !== undefined) return known;
  switch (code) {
    case 403:
      return { reason: 'Forbidden', message: body };
    case 406: {
      const silent = body === '' || body === 'unknown';
      const unable = 'the server was unable to respond with a content type that the client supports';
      return { reason: 'NotAcceptable', message: silent ? unable : body };
    }
    case 409:
      return { reason: method === 'POST' ? 'AlreadyExists' : 'Conflict', message: 'the server reported a conflict' };
    case 415:
      return { reason: 'UnsupportedMediaType', message: body };
    default:
      return code >= 500
        ? {
            reason: 'InternalError',
            message: `an error on the server (${JSON.stringify(body)}) has prevented the request from succeeding`,
          }
        : {
            reason: '',
            message: `the server responded with the status code ${code} but did not return more information`,
          };
  }
}
