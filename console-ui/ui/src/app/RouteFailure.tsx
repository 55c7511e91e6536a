import { Failure } from '../ui/parts';

export function RouteFailure({ error, reset }: { error: unknown; reset(): void }) {
  return (
    <main className="mx-auto mt-[15vh] max-w-xl">
      <Failure error={error instanceof Error ? error : new Error(String(error))} retry={() => { reset(); window.location.reload(); }} />
    </main>
  );
}
