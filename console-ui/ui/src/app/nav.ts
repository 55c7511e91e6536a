import type { Text } from '../i18n/en';

export const pages = [
  { key: 'now', to: '/$cluster', letter: 'n', icon: 'M3 12h4l3-8 4 16 3-8h4' },
  { key: 'topics', to: '/$cluster/topics', letter: 't', icon: 'M4 6h16M4 12h16M4 18h10' },
  { key: 'groups', to: '/$cluster/groups', letter: 'g', icon: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-6 8a6 6 0 0 1 12 0m2-14a3 3 0 0 1 0 6m3 8a6 6 0 0 0-3-5.2' },
  { key: 'rebalances', to: '/$cluster/rebalances', letter: 'r', icon: 'M3 7h10M7 12h12M5 17h7' },
  { key: 'replication', to: '/$cluster/replication', letter: 'm', icon: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z' },
  { key: 'brokers', to: '/$cluster/brokers', letter: 'b', icon: 'M4 5h16v5H4zM4 14h16v5H4zM8 7.5h.01M8 16.5h.01' },
  { key: 'security', to: '/$cluster/security', letter: 's', icon: 'M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.5-7-10V6l7-3Zm-3 9 2 2 4-4' },
  { key: 'operations', to: '/$cluster/operations', letter: 'o', icon: 'M12 8v4l3 2m6-2a9 9 0 1 1-9-9 9 9 0 0 1 9 9Z' },
] as const satisfies { key: keyof Text['nav']; to: string; letter: string; icon: string }[];
