import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { api, call } from '../api/client';
import { NowPage } from '../now/NowPage';
import { ClusterLayout } from './ClusterLayout';
import { NotFound, RouteFailure } from './RouteFailure';

const root = createRootRoute({ component: Outlet, errorComponent: RouteFailure });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async () => {
    const { items } = await call(api.GET('/api/v1/clusters'));
    throw redirect({ to: '/$cluster', params: { cluster: items[0]?.id ?? 'local' } });
  },
});

const cluster = createRoute({ getParentRoute: () => root, path: '/$cluster', component: ClusterLayout });
const now = createRoute({ getParentRoute: () => cluster, path: '/', component: NowPage });

export interface ListSearch {
  q?: string;
  sort?: string;
  filter?: string;
  internal?: boolean;
}
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined);
const listSearch = (search: Record<string, unknown>): ListSearch => ({
  q: text(search['q']),
  sort: text(search['sort']),
  filter: text(search['filter']),
  internal: search['internal'] === true ? true : undefined,
});

const topics = createRoute({ getParentRoute: () => cluster, path: '/topics', validateSearch: listSearch, component: lazyRouteComponent(() => import('../topics/TopicsPage'), 'TopicsPage') });

export const topicTabs = ['records', 'partitions', 'groups', 'config', 'storage', 'producers', 'acks'] as const;
export type TopicTab = (typeof topicTabs)[number];
export interface TopicSearch {
  tab?: TopicTab;
  from?: 'NEWEST' | 'OLDEST' | 'OFFSET' | 'TIME';
  partition?: number;
  offset?: string;
  time?: string;
  until?: string;
  q?: string;
  cel?: string;
}
const topic = createRoute({
  getParentRoute: () => cluster,
  path: '/topics/$topic',
  validateSearch: (search: Record<string, unknown>): TopicSearch => ({
    tab: topicTabs.find((tab) => tab === search['tab']),
    from: (['NEWEST', 'OLDEST', 'OFFSET', 'TIME'] as const).find((from) => from === search['from']),
    partition: typeof search['partition'] === 'number' ? search['partition'] : undefined,
    offset: text(search['offset']),
    time: text(search['time']),
    until: text(search['until']),
    q: text(search['q']),
    cel: text(search['cel']),
  }),
  component: lazyRouteComponent(() => import('../topics/TopicPage'), 'TopicPage'),
});

const groups = createRoute({ getParentRoute: () => cluster, path: '/groups', validateSearch: listSearch, component: lazyRouteComponent(() => import('../groups/GroupsPage'), 'GroupsPage') });
const group = createRoute({ getParentRoute: () => cluster, path: '/groups/$group', component: lazyRouteComponent(() => import('../groups/GroupPage'), 'GroupPage') });
const rebalances = createRoute({
  getParentRoute: () => cluster,
  path: '/rebalances',
  validateSearch: (search: Record<string, unknown>): { group?: string } => ({ group: text(search['group']) }),
  component: lazyRouteComponent(() => import('../rebalances/RebalancesPage'), 'RebalancesPage'),
});
const replication = createRoute({ getParentRoute: () => cluster, path: '/replication', validateSearch: listSearch, component: lazyRouteComponent(() => import('../replication/ReplicationPage'), 'ReplicationPage') });
const brokers = createRoute({ getParentRoute: () => cluster, path: '/brokers', component: lazyRouteComponent(() => import('../brokers/BrokersPage'), 'BrokersPage') });
const security = createRoute({ getParentRoute: () => cluster, path: '/security', component: lazyRouteComponent(() => import('../security/SecurityPage'), 'SecurityPage') });
const operations = createRoute({ getParentRoute: () => cluster, path: '/operations', component: lazyRouteComponent(() => import('../operations/OperationsPage'), 'OperationsPage') });

export const router = createRouter({
  routeTree: root.addChildren([home, cluster.addChildren([now, topics, topic, groups, group, rebalances, replication, brokers, security, operations])]),
  basepath: '/console',
  defaultPreload: 'intent',
  defaultErrorComponent: RouteFailure,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
