/** Every coded error of the product. `docs/errors.md` describes each; a test keeps the two equal, both ways. */

export type RetryAdvice = 'never' | 'backoff' | 'conflict';

export const ERROR_CODES = {
  TANDEM_USAGE: 'never',
  TANDEM_MANIFEST: 'never',
  TANDEM_TRACE: 'never',
  TANDEM_RAY_LOAD: 'never',
  TANDEM_NODE_VERSION: 'never',
  TANDEM_KUBE_BAD_REQUEST: 'never',
  TANDEM_KUBE_FORBIDDEN: 'never',
  TANDEM_KUBE_NOT_FOUND: 'never',
  TANDEM_KUBE_INVALID: 'never',
  TANDEM_KUBE_ALREADY_EXISTS: 'never',
  TANDEM_KUBE_CONFLICT: 'conflict',
  TANDEM_KUBE_EXPIRED: 'backoff',
  TANDEM_KUBE_TOO_MANY_REQUESTS: 'backoff',
  TANDEM_KUBE_UNAVAILABLE: 'backoff',
  TANDEM_KUBE_CONFIG: 'never',
  TANDEM_LEASE_LOST: 'backoff',
  TANDEM_GCS_INVALID: 'never',
  TANDEM_GCS_UNAVAILABLE: 'backoff',
  TANDEM_GCS_UNAUTHENTICATED: 'never',
  TANDEM_GCS_UNIMPLEMENTED: 'never',
  TANDEM_METRICS_UNAVAILABLE: 'backoff',
  TANDEM_DEADLINE: 'backoff',
  TANDEM_CLOCK_STUCK: 'never',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
