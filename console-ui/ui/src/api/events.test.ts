import { describe, expect, it, vi } from 'vitest';
import { ApiProblem } from './client';
import { eventsOf } from './events';

const streamOf = (...parts: string[]) => new Response(new ReadableStream({
  start(controller) {
    for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
    controller.close();
  },
}));

async function all(response: Response): Promise<unknown[]> {
  vi.stubGlobal('fetch', () => Promise.resolve(response));
  const found: unknown[] = [];
  for await (const one of eventsOf('/search', 'page', new AbortController().signal)) found.push(one);
  return found;
}

describe('a stream of events', () => {
  it('gives each event once, wherever the network cuts it', async () => {
    expect(await all(streamOf(':looking\n\nevent:page\nda', 'ta:{"n":1}\n', '\nevent:other\ndata:{}\n\nevent: page\ndata: {"n":2}\n\n:looking\n\n'))).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('throws the problem that came instead', async () => {
    const problem = new Response('{"code":"INVALID_FILTER","detail":"the CEL filter cannot be used: x"}', { status: 400 });
    await expect(all(problem)).rejects.toThrow(new ApiProblem(400, 'INVALID_FILTER', 'the CEL filter cannot be used: x', false));
  });
});
