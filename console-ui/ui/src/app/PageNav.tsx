import { Link, useLocation } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useText } from '../i18n';
import { Dialog } from '../ui/parts';
import { pages } from './nav';

/** How many pages a phone's bar has room for; the others are behind "More". */
const onBar = 4;
const tab = 'flex flex-1 flex-col items-center gap-0.5 rounded-lg px-1 py-1.5 text-soft hover:text-ink';

/** The pages: a column beside the content, on a phone a bar at its foot. */
export function PageNav({ cluster, children }: { cluster: string; children: ReactNode }) {
  const text = useText();
  const [more, setMore] = useState(false);
  const { pathname } = useLocation();
  const behind = pages.slice(onBar);
  const amongThem = behind.find((page) => pathname.startsWith(page.to.replace('$cluster', cluster)));
  const link = (page: (typeof pages)[number], className: string, active: string, onClick?: () => void) => (
    <Link key={page.key} to={page.to} params={{ cluster }} activeOptions={{ exact: page.key === 'now', includeSearch: false }} aria-label={text.nav[page.key]} onClick={onClick}
      className={`group ${className}`} activeProps={{ className: `!text-accent font-medium ${active}`, 'aria-current': 'page' }}>
      <Icon path={page.icon} />
      <span className="max-w-full truncate text-[11px] md:flex-1 md:text-sm">{text.nav[page.key]}</span>
      <kbd className="hidden font-sans text-xs text-soft opacity-0 group-hover:opacity-100 md:inline">g {page.letter}</kbd>
    </Link>
  );
  return (
    <>
      <nav aria-label="Millrace" className="fixed inset-x-0 bottom-0 z-30 flex border-t bg-card px-1 pb-[env(safe-area-inset-bottom)] md:static md:flex-col md:border-0 md:p-0">
        {pages.map((page, at) => link(page, `${tab} min-w-0 ${at < onBar ? '' : 'max-md:hidden'} md:flex-none md:flex-row md:gap-2.5 md:px-2.5 md:hover:bg-sunken`, 'md:bg-accent-wash'))}
        <button type="button" onClick={() => setMore(true)} aria-haspopup="dialog" aria-expanded={more} className={`${tab} min-w-0 md:hidden ${amongThem ? '!text-accent font-medium' : ''}`}>
          <Icon path="M5 12h.01M12 12h.01M19 12h.01" />
          <span className="max-w-full truncate text-[11px]">{amongThem ? text.nav[amongThem.key] : text.common.morePages}</span>
        </button>
      </nav>
      <Dialog title={text.common.morePages} open={more} onClose={() => setMore(false)}>
        <nav aria-label={text.common.morePages} className="grid grid-cols-2 gap-2">
          {behind.map((page) => link(page, 'flex items-center gap-3 rounded-lg border px-3 py-3', 'bg-accent-wash', () => setMore(false)))}
        </nav>
        <div className="mt-4 flex gap-4">{children}</div>
      </Dialog>
    </>
  );
}

function Icon({ path }: { path: string }) {
  return <svg viewBox="0 0 24 24" className="size-5 shrink-0 md:size-4.5" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"><path d={path} /></svg>;
}
