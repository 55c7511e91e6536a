import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, call } from '../api/client';
import { useText } from '../i18n';
import { Dialog } from '../ui/parts';
import { pages } from './nav';

/** ⌘K: any page, topic or group in a few keystrokes. */
export function CommandPalette({ cluster, open, onClose }: { cluster: string; open: boolean; onClose(): void }) {
  const text = useText();
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  useEffect(() => { if (open) { setQuery(''); setChosen(0); } }, [open]);
  const found = useQuery({
    queryKey: ['palette', cluster, query],
    enabled: open,
    refetchInterval: false,
    placeholderData: (previous) => previous,
    queryFn: async () => {
      const path = { clusterId: cluster };
      const [topics, groups] = await Promise.all([
        call(api.GET('/api/v1/clusters/{clusterId}/topics', { params: { path, query: { q: query, limit: 8 } } })),
        call(api.GET('/api/v1/clusters/{clusterId}/consumer-groups', { params: { path, query: { q: query, limit: 8 } } })),
      ]);
      return { topics: topics.items.map((one) => one.name), groups: groups.items.map((one) => one.groupId) };
    },
  });
  const entries = [
    ...pages
      .filter((page) => text.nav[page.key].toLowerCase().includes(query.toLowerCase()))
      .map((page) => ({ kind: '', label: text.nav[page.key], go: () => navigate({ to: page.to, params: { cluster } }) })),
    ...(found.data?.topics ?? []).map((topic) => ({ kind: text.nav.topics, label: topic, go: () => navigate({ to: '/$cluster/topics/$topic', params: { cluster, topic } }) })),
    ...(found.data?.groups ?? []).map((group) => ({ kind: text.nav.groups, label: group, go: () => navigate({ to: '/$cluster/groups/$group', params: { cluster, group } }) })),
  ];
  const run = (index: number) => {
    const entry = entries[index];
    if (!entry) return;
    onClose();
    void entry.go();
  };
  return (
    <Dialog title={text.common.menu} open={open} onClose={onClose}>
      <input autoFocus role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label={text.palette.placeholder} placeholder={text.palette.placeholder}
        value={query} onChange={(event) => { setQuery(event.target.value); setChosen(0); }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') { event.preventDefault(); setChosen((chosen + 1) % Math.max(entries.length, 1)); }
          if (event.key === 'ArrowUp') { event.preventDefault(); setChosen((chosen + entries.length - 1) % Math.max(entries.length, 1)); }
          if (event.key === 'Enter') run(chosen);
        }}
        className="h-10 w-full rounded-lg border bg-card px-3" />
      <ul id="palette-list" role="listbox" aria-label={text.palette.placeholder} className="mt-2">
        {entries.map((entry, index) => (
          <li key={`${entry.kind}/${entry.label}`} role="option" aria-selected={index === chosen} onClick={() => run(index)} onMouseMove={() => setChosen(index)}
            className={`flex cursor-pointer justify-between gap-3 rounded-lg px-3 py-2 ${index === chosen ? 'bg-accent-wash text-accent' : ''}`}>
            <span className="truncate">{entry.label}</span><span className="text-soft">{entry.kind}</span>
          </li>
        ))}
        {entries.length === 0 && <li className="px-3 py-4 text-soft">{text.palette.nothing}</li>}
      </ul>
    </Dialog>
  );
}
