import { problemOf, unreachable } from './client';

/**
 * The events of one name of a stream of server-sent events, as they come; a failed call is thrown as an ApiProblem, which an
 * EventSource would keep to itself. Aborting the signal closes the connection, and that is what ends the work behind it.
 */
export async function* eventsOf<T>(url: string, name: string, signal: AbortSignal): AsyncGenerator<T> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { Accept: 'text/event-stream, application/problem+json' }, signal });
  } catch (failure) {
    throw signal.aborted ? failure : unreachable();
  }
  if (!response.ok || !response.body) throw problemOf(response, await response.json().catch(() => undefined));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = dataOf(event, name);
      if (data !== undefined) yield JSON.parse(data) as T;
    }
  }
}

/** The data of an event of that name; undefined for other events and for comments. */
export function dataOf(event: string, name: string): string | undefined {
  const lines = event.split('\n');
  if (!lines.some((line) => line === `event:${name}` || line === `event: ${name}`)) return undefined;
  return lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).replace(/^ /, '')).join('\n');
}
