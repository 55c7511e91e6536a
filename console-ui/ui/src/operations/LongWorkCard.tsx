import { useQuery } from '@tanstack/react-query';
import { api, call } from '../api/client';
import { useText } from '../i18n';
import { Card, Failure, Loading } from '../ui/parts';
import { OperationProgress } from './OperationProgress';

/** What the API works on, and what it has worked on lately. */
export function LongWorkCard({ cluster }: { cluster: string }) {
  const text = useText();
  const operations = useQuery({ queryKey: ['operations', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/operations', { params: { path: { clusterId: cluster } } })) });
  return (
    <Card title={text.operations.longWork} flush>
      {operations.isError && !operations.data ? <Failure error={operations.error} retry={() => void operations.refetch()} /> : !operations.data ? <Loading rows={2} />
        : operations.data.items.length === 0 ? <p className="px-4 py-5 text-soft">{text.operations.longWorkEmpty}</p>
        : <ul>{operations.data.items.map((one) => <li key={one.id} className="border-b border-line/60 px-4 py-3 last:border-0"><OperationProgress operation={one} /></li>)}</ul>}
    </Card>
  );
}
