import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, call, type Schema } from '../api/client';
import { useText } from '../i18n';
import { bytes, groupDigits } from '../lib/format';
import { Badge, Button, Dialog, Failure, fieldClass, Labelled, Loading } from '../ui/parts';
import { copies, place, same } from './placement';

interface Props {
  cluster: string;
  topic: string;
  partitions: Schema['PartitionState'][];
  onClose(): void;
  onStarted(): void;
}

/** Other brokers, or more or fewer replicas, for a topic: shows where each partition would be, and only then moves it. */
export function MoveDialog({ cluster, topic, partitions, onClose, onStarted }: Props) {
  const text = useText();
  const path = { clusterId: cluster };
  const [chosen, setChosen] = useState<number[] | null>(null);
  const [factor, setFactor] = useState(String(partitions[0]?.replicas.length ?? 1));
  const [spread, setSpread] = useState(false);
  const brokers = useQuery({ queryKey: ['brokers', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}/brokers', { params: { path } })) });
  const online = (brokers.data?.items ?? []).filter((broker) => broker.online);
  const places = online.filter((broker) => chosen?.includes(broker.id) ?? true);
  const wanted = Number(factor);
  const possible = places.length > 0 && wanted >= 1 && wanted <= places.length;
  const after = possible ? place(partitions, places, wanted, spread) : [];
  const changed = after.flatMap((one, at) => (same(partitions[at]!, one) ? [] : [{ before: partitions[at]!, after: one }]));
  const copied = changed.reduce((sum, one) => sum + copies(one.before, one.after), 0);
  const copiedBytes = changed.reduce((sum, one) => sum + copies(one.before, one.after) * Number(one.before.replicaStates[String(one.before.leader)]?.sizeBytes ?? 0), 0);
  const move = useMutation({
    mutationFn: () => call(api.POST('/api/v1/clusters/{clusterId}/partitions:reassign', { params: { path }, body: { assignments: changed.map((one) => ({ topic, partition: one.after.partition, replicas: one.after.replicas })) } })) as Promise<Schema['Outcomes']>,
    onSuccess: (answer) => { if (answer.items.every((one) => one.done)) onStarted(); },
  });
  const refused = move.data?.items.filter((one) => !one.done) ?? [];
  return (
    <Dialog wide title={`${text.move.title}: ${topic}`} open onClose={onClose}>
      {brokers.isError && !brokers.data ? <Failure error={brokers.error} retry={() => void brokers.refetch()} /> : !brokers.data ? <Loading rows={3} /> : (
        <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); move.mutate(); }}>
          <p className="text-soft">{text.move.explain}</p>
          <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
            <legend className="mb-1 text-xs font-medium text-soft">{text.move.brokers}</legend>
            {brokers.data.items.map((broker) => (
              <label key={broker.id} className={`flex items-center gap-1.5 ${broker.online ? '' : 'text-soft'}`}>
                <input type="checkbox" disabled={!broker.online} checked={broker.online && (chosen?.includes(broker.id) ?? true)}
                  onChange={(event) => { const now = chosen ?? online.map((one) => one.id); setChosen(event.target.checked ? [...now, broker.id] : now.filter((id) => id !== broker.id)); move.reset(); }} />
                {text.brokers.id} {broker.id}{broker.rack && <Badge>{broker.rack}</Badge>}{!broker.online && <Badge tone="bad">{text.brokers.down}</Badge>}
              </label>
            ))}
          </fieldset>
          <div className="flex flex-wrap items-end gap-x-5 gap-y-3">
            <Labelled label={text.topics.replication}><input type="number" min={1} max={Math.max(1, places.length)} required className={`${fieldClass} w-28`} value={factor} onChange={(event) => { setFactor(event.target.value); move.reset(); }} /></Labelled>
            <label className="flex h-8 items-center gap-1.5"><input type="checkbox" checked={spread} onChange={(event) => { setSpread(event.target.checked); move.reset(); }} />{text.move.spread}</label>
          </div>
          {!possible ? <p className="rounded-lg bg-warn-wash px-3 py-2 text-warn">{text.move.tooFew(places.length)}</p> : changed.length === 0 ? <p className="text-soft">{text.move.nothing}</p> : (
            <>
              <p className="font-medium">{text.move.summary(groupDigits(changed.length), groupDigits(copied), bytes(copiedBytes))}</p>
              <div className="max-h-60 overflow-auto rounded-lg border" tabIndex={0} role="region" aria-label={text.common.preview}>
                <table className="w-full">
                  <thead><tr className="text-xs text-soft">{[text.groups.partition, text.common.before, text.common.after].map((head, at) => <th key={head} scope="col" className={`sticky top-0 bg-card px-3 py-2 font-medium ${at ? 'text-left' : 'num'}`}>{head}</th>)}</tr></thead>
                  <tbody>
                    {changed.map((one) => (
                      <tr key={one.after.partition}>
                        <td className="num px-3 py-1">{one.after.partition}</td>
                        <td className="px-3"><Brokers ids={one.before.replicas} other={one.after.replicas} gone /></td>
                        <td className="px-3"><Brokers ids={one.after.replicas} other={one.before.replicas} /></td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </>
          )}
          {move.isError && <Failure error={move.error} />}
          {refused.length > 0 && <ul role="alert" className="rounded-lg bg-bad-wash px-4 py-3 text-bad">{refused.slice(0, 10).map((one) => <li key={one.partition}>{one.topic}-{one.partition}: {one.detail}</li>)}</ul>}
          <div className="flex justify-end gap-2"><Button onClick={onClose}>{text.common.cancel}</Button><Button look="primary" type="submit" disabled={!possible || changed.length === 0 || move.isPending}>{text.move.start}</Button></div>
        </form>
      )}
    </Dialog>
  );
}

/** The preferred leader first; what the other side does not have stands out. */
function Brokers({ ids, other, gone = false }: { ids: number[]; other: number[]; gone?: boolean }) {
  return <span className="flex flex-wrap gap-1">{ids.map((id) => <Badge key={id} tone={other.includes(id) ? 'neutral' : gone ? 'bad' : 'good'}>{id}</Badge>)}</span>;
}
