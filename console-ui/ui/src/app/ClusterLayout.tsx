import { useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { api, call } from '../api/client';
import { usePreferences } from '../i18n';
import { CommandPalette } from './CommandPalette';
import { pages } from './nav';
import { PageNav } from './PageNav';

const themes = ['system', 'light', 'dark'] as const;
const tone = { HEALTHY: 'bg-good', DEGRADED: 'bg-warn', FAILING: 'bg-bad' } as const;

/** The frame of every page: where one is, how the cluster does, and the keyboard. */
export function ClusterLayout() {
  const { cluster } = useParams({ from: '/$cluster' });
  const { text, language, setLanguage, theme, setTheme } = usePreferences();
  const [palette, setPalette] = useState(false);
  const navigate = useNavigate();
  const health = useQuery({ queryKey: ['health', cluster], queryFn: () => call(api.GET('/api/v1/clusters/{clusterId}', { params: { path: { clusterId: cluster } } })) });
  const clusters = useQuery({ queryKey: ['clusters'], queryFn: () => call(api.GET('/api/v1/clusters')), refetchInterval: false });

  const session = useQuery({ queryKey: ['session'], queryFn: () => call(api.GET('/api/v1/session')), refetchInterval: false });

  useEffect(() => {
    let pending = 0;
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPalette(true);
        return;
      }
      const target = event.target as HTMLElement;
      if (event.metaKey || event.ctrlKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || document.querySelector('dialog[open]')) return;
      if (event.key === 'g') pending = Date.now();
      else if (Date.now() - pending < 1_000) {
        const page = pages.find((one) => one.letter === event.key);
        pending = 0;
        if (page) void navigate({ to: page.to, params: { cluster } });
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [cluster, navigate]);

  const state = health.data?.health;
  const stateText = health.isError ? text.common.unreachable : state === 'HEALTHY' ? text.common.healthy : state === 'DEGRADED' ? text.common.degraded : state === 'FAILING' ? text.common.failing : text.common.loading;
  const dot = health.isError ? 'bg-bad' : state ? tone[state] : 'bg-line';
  const choices = (
    <>
      <select aria-label={text.common.theme} value={theme} onChange={(event) => setTheme(event.target.value as typeof theme)} className="h-7 rounded-md bg-transparent text-xs text-soft">
        {themes.map((one) => <option key={one} value={one}>{text.common.themes[one]}</option>)}
      </select>
      <select aria-label={text.common.language} value={language} onChange={(event) => setLanguage(event.target.value as typeof language)} className="h-7 rounded-md bg-transparent text-xs text-soft">
        <option value="en">English</option><option value="ko">한국어</option>
      </select>
    </>
  );
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-card focus:p-2">{text.common.skip}</a>
      <aside className="sticky top-0 z-20 flex shrink-0 items-center gap-3 border-b bg-card px-3 py-2 md:h-dvh md:w-56 md:flex-col md:items-stretch md:gap-1 md:border-r md:border-b-0 md:p-3">
        <div className="flex items-center gap-2 md:mb-2 md:px-2 md:py-1">
          <svg viewBox="0 0 32 32" className="size-7" aria-hidden="true">
            <rect width="32" height="32" rx="8" fill="#0f766e" />
            <g fill="none" stroke="#fff" strokeWidth="2.4" strokeLinecap="round"><path d="M6 11c3.3 0 3.3 3 6.7 3s3.3-3 6.6-3 3.4 3 6.7 3" /><path d="M6 18c3.3 0 3.3 3 6.7 3s3.3-3 6.6-3 3.4 3 6.7 3" opacity=".65" /></g>
          </svg>
          <span className="hidden text-base font-semibold tracking-tight md:block">Millrace</span>
        </div>
        <div className="flex min-w-0 flex-1 items-center gap-2 rounded-lg md:mb-2 md:flex-none md:bg-sunken md:px-2.5 md:py-2">
          <span className={`size-2.5 shrink-0 rounded-full ${dot}`} aria-hidden="true" />
          <div className="min-w-0 flex-1">
            {(clusters.data?.items.length ?? 0) > 1 ? (
              <select aria-label={text.common.cluster} value={cluster} onChange={(event) => void navigate({ to: '/$cluster', params: { cluster: event.target.value } })} className="w-full bg-transparent font-medium">
                {clusters.data?.items.map((one) => <option key={one.id}>{one.id}</option>)}
              </select>
            ) : <div className="truncate font-medium">{cluster}</div>}
            <div className="truncate text-xs text-soft" role="status">{stateText}</div>
          </div>
        </div>
        <button type="button" onClick={() => setPalette(true)} className="flex h-8 items-center justify-between gap-2 rounded-lg border px-2.5 text-soft hover:bg-sunken md:mb-2">
          <span className="hidden md:inline">{text.common.menu}</span><span className="md:hidden">{text.common.search}</span>
          <kbd className="hidden font-sans text-xs md:inline">⌘K</kbd>
        </button>
        <PageNav cluster={cluster}>{choices}</PageNav>
        {session.data && (session.data.user || session.data.readOnly) && (
          <p className="hidden truncate px-2 text-xs text-soft md:mt-auto md:block">{[session.data.user && `${session.data.user} (${session.data.role.toLowerCase()})`, session.data.readOnly && text.common.readOnly].filter(Boolean).join(' · ')}</p>
        )}
        <div className={`hidden gap-2 md:flex md:px-1 ${session.data?.user || session.data?.readOnly ? '' : 'md:mt-auto'}`}>{choices}</div>
      </aside>
      <main id="content" tabIndex={-1} className="mx-auto w-full max-w-7xl min-w-0 flex-1 p-4 pb-20 outline-none md:p-6">
        <Outlet />
      </main>
      <CommandPalette cluster={cluster} open={palette} onClose={() => setPalette(false)} />
    </div>
  );
}
