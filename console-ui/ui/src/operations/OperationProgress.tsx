import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { groupDigits } from '../lib/format';
import { Badge, Button, Failure } from '../ui/parts';

type Operation = Schema['Operation'];

const tones = { RUNNING: 'accent', SUCCEEDED: 'good', FAILED: 'bad', CANCELLED: 'warn' } as const;

/** Whether an answer is an operation that has begun rather than a result. */
export function begun(answer: unknown): answer is Operation {
  return typeof answer === 'object' && answer !== null && 'progress' in answer && 'cancellable' in answer;
}

/** Long work as it goes: how far it is, a Stop that stops, and how it ended. */
export function OperationProgress({ operation }: { operation: Operation }) {
  const text = useText();
  const queries = useQueryClient();
  const path = { clusterId: operation.cluster, operationId: operation.id };
  const now = useQuery({
    queryKey: ['operation', operation.cluster, operation.id],
    queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/operations/{operationId}', { params: { path } })),
    initialData: operation,
    refetchInterval: (query) => (query.state.data?.state === 'RUNNING' ? 700 : false),
  });
  const stop = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/operations/{operationId}:cancel', { params: { path } })),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['operation', operation.cluster, operation.id] }),
  });
  const { state, progress, kind, resource, problem, cancellable } = now.data;
  const total = Number(progress.total ?? 0);
  const share = state === 'SUCCEEDED' ? 1 : total > 0 ? Math.min(1, Number(progress.done) / total) : undefined;
  const detail = problem?.detail ?? problem?.title;
  return (
    <div className="flex flex-col gap-2" role="group" aria-label={`${text.operations.kinds[kind] ?? kind} ${resource}`}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-medium">{text.operations.kinds[kind] ?? kind}</span>
        <span className="text-soft wrap-anywhere">{resource}</span>
        <Badge tone={tones[state]}>{text.operations.states[state]}</Badge>
        <span className="ml-auto text-soft tabular-nums" role="status">{progress.unit && text.operations.progress(groupDigits(progress.done), progress.total === undefined ? undefined : groupDigits(progress.total), text.operations.units[progress.unit] ?? progress.unit)}</span>
        {state === 'RUNNING' && cancellable && <Button className="!h-7" disabled={stop.isPending} onClick={() => stop.mutate()}>{text.operations.stop}</Button>}
      </div>
      <div role="progressbar" aria-label={resource} aria-valuemin={0} aria-valuemax={100} aria-valuenow={share === undefined ? undefined : Math.round(share * 100)} className="h-1.5 overflow-hidden rounded-full bg-sunken">
        <div className={`h-full rounded-full transition-[width] ${state === 'FAILED' ? 'bg-bad' : state === 'CANCELLED' ? 'bg-warn' : 'bg-accent'} ${share === undefined && state === 'RUNNING' ? 'w-1/4 animate-pulse' : ''}`} style={share === undefined ? undefined : { width: `${share * 100}%` }} />
      </div>
      {state === 'FAILED' && <p role="alert" className="wrap-anywhere text-bad">{typeof detail === 'string' ? detail : text.operations.states.FAILED}</p>}
      {stop.isError && <Failure error={stop.error} />}
      {now.isError && <Failure error={now.error} retry={() => void now.refetch()} />}
    </div>
  );
}
