import { Link } from '@tanstack/react-router';
import { useText } from '../i18n';
import { Failure } from '../ui/parts';

export function RouteFailure({ error, reset }: { error: unknown; reset(): void }) {
  return (
    <main className="mx-auto mt-[15vh] max-w-xl">
      <Failure error={error instanceof Error ? error : new Error(String(error))} retry={() => { reset(); window.location.reload(); }} />
    </main>
  );
}

export function NotFound() {
  const text = useText();
  return (
    <div className="mx-auto mt-[15vh] max-w-md text-center">
      <h1 className="text-xl font-semibold">{text.common.notFound}</h1>
      <p className="mt-2"><Link to="/" className="text-accent underline underline-offset-4">{text.common.home}</Link></p>
    </div>
  );
}
