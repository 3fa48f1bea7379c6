/** Ways in which a call fails, each decided by what happens and not by when. */
import { type Route, refusal } from './server.ts';

export interface Failure {
  readonly route: Route;
  /** Options of the request in which it fails so. */
  readonly options: { timeout?: number; signal?: AbortSignal };
}

/** Answers nothing; the connection is closed with the provider. */
const silence = new Promise<never>(() => {});
/** Time enough for a request to leave, on a busy machine too. */
const TIMEOUT_MILLIS = 600;

export const FAILURES: Record<string, () => Failure> = {
  'with 400': () => refused(400),
  'with 429': () => refused(429),
  'with 500': () => refused(500),
  'by a timeout': () => ({ route: () => silence, options: { timeout: TIMEOUT_MILLIS } }),
  'by an abort while it runs': aborted,
};

export const refused = (status: number): Failure => ({
  route: () => refusal(status),
  options: {},
});

/** Aborted when the request has arrived. */
export function aborted(): Failure {
  const controller = new AbortController();
  const route: Route = () => {
    controller.abort();
    return silence;
  };
  return { route, options: { signal: controller.signal } };
}
