import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schema = components['schemas'];

/** A failed call: the API's problem, or what the browser says when there was no answer at all. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly retriable: boolean,
  ) {
    super(detail);
  }
}

export const api = createClient<paths>({ baseUrl: '/', headers: { Accept: 'application/json' } });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

export const unreachable = () => new ApiProblem(0, 'API_UNREACHABLE', 'The admin API does not answer. Is its process running?', true);

/** What a failed answer says. */
export function problemOf(response: Response, body: unknown): ApiProblem {
  const problem = body as Partial<Schema['Problem']> | undefined;
  return new ApiProblem(
    response.status,
    problem?.code ?? `HTTP_${response.status}`,
    problem?.detail ?? problem?.title ?? response.statusText,
    problem?.retriable ?? false,
  );
}

/** The body of a successful call; every failure is thrown as an {@link ApiProblem}. */
export async function call<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch {
    throw unreachable();
  }
  if (answer.response.ok) return answer.data as T;
  throw problemOf(answer.response, answer.error);
}
