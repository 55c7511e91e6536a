import { type ReactNode, type ButtonHTMLAttributes, useEffect, useId, useRef } from 'react';
import { ApiProblem, type Schema } from '../api/client';
import { useText } from '../i18n';

type Tone = 'neutral' | 'good' | 'warn' | 'bad' | 'accent';

const tones: Record<Tone, string> = {
  neutral: 'bg-sunken text-soft',
  good: 'bg-good-wash text-good',
  warn: 'bg-warn-wash text-warn',
  bad: 'bg-bad-wash text-bad',
  accent: 'bg-accent-wash text-accent',
};

export function Badge({ tone = 'neutral', children }: { tone?: Tone; children: ReactNode }) {
  return <span className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap ${tones[tone]}`}>{children}</span>;
}

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: 'plain' | 'primary' | 'danger';
}

export function Button({ look = 'plain', className = '', ...rest }: ButtonProps) {
  const looks = {
    plain: 'border bg-card hover:bg-sunken',
    primary: 'bg-accent text-accent-ink hover:opacity-90 border border-transparent',
    danger: 'border border-transparent bg-bad-wash text-bad hover:opacity-85',
  };
  return (
    <button
      type="button"
      className={`inline-flex h-8 items-center gap-1.5 rounded-lg px-3 font-medium whitespace-nowrap transition disabled:cursor-not-allowed disabled:opacity-50 ${looks[look]} ${className}`}
      {...rest}
    />
  );
}

export const fieldClass = 'h-8 rounded-lg border bg-card px-2.5 min-w-0 placeholder:text-soft';

export function Card({ title, actions, children, flush = false }: { title?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean }) {
  return (
    <section className="min-w-0 overflow-hidden rounded-xl border bg-card">
      {title !== undefined && (
        <header className="flex flex-wrap items-center justify-between gap-2 border-b px-4 py-2.5">
          <h2 className="font-semibold">{title}</h2>
          {actions}
        </header>
      )}
      <div className={flush ? '' : 'p-4'}>{children}</div>
    </section>
  );
}

export function PageHead({ title, children, sub }: { title: ReactNode; sub?: ReactNode; children?: ReactNode }) {
  return (
    <div className="mb-4 flex flex-wrap items-end justify-between gap-3">
      <div className="min-w-0">
        <h1 className="truncate text-xl font-semibold tracking-tight">{title}</h1>
        {sub && <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-soft">{sub}</div>}
      </div>
      <div className="flex flex-wrap items-center gap-2">{children}</div>
    </div>
  );
}

/** Empty is a state of its own: what it means, and what to do about it. */
export function Empty({ title, hint, children }: { title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <svg viewBox="0 0 48 24" className="w-12 text-line" aria-hidden="true">
        <g fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round">
          <path d="M3 8c7 0 7 5 14 5s7-5 14-5 7 5 14 5" />
          <path d="M3 17c7 0 7 5 14 5s7-5 14-5 7 5 14 5" opacity=".55" />
        </g>
      </svg>
      <p className="font-medium">{title}</p>
      {hint && <p className="max-w-sm text-soft">{hint}</p>}
      {children}
    </div>
  );
}

export function Loading({ rows = 5 }: { rows?: number }) {
  const text = useText();
  return (
    <div role="status" className="space-y-3 p-4">
      <span className="sr-only">{text.common.loading}</span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="h-4 animate-pulse rounded bg-sunken" style={{ width: `${90 - ((row * 17) % 45)}%` }} />
      ))}
    </div>
  );
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const text = useText();
  return (
    <div role="alert" className="m-4 flex flex-wrap items-center justify-between gap-3 rounded-lg bg-bad-wash px-4 py-3 text-bad">
      <div className="min-w-0">
        <p className="font-medium break-words">{error.message}</p>
        {error instanceof ApiProblem && <p className="mt-0.5 font-mono text-xs">{error.code}</p>}
      </div>
      {retry && <Button onClick={retry} className="text-ink">{text.common.retry}</Button>}
    </div>
  );
}

/** What could not be read; the rest of the page stands. */
export function Warnings({ items }: { items: Schema['Warning'][] | undefined }) {
  const text = useText();
  if (!items?.length) return null;
  return (
    <details className="mb-4 rounded-xl bg-warn-wash px-4 py-2.5 text-warn" open={items.length <= 2}>
      <summary className="font-medium">{text.common.partial} ({items.length})</summary>
      <ul className="mt-1 list-disc pl-5">
        {items.slice(0, 20).map((warning, index) => (
          <li key={index} className="break-words">{text.warning(warning)}</li>
        ))}
      </ul>
    </details>
  );
}

export function Dialog({ title, open, onClose, children, wide = false }: { title: string; open: boolean; onClose(): void; children: ReactNode; wide?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const text = useText();
  useEffect(() => {
    const dialog = ref.current;
    if (open && dialog && !dialog.open) dialog.showModal();
    if (!open && dialog?.open) dialog.close();
  }, [open]);
  return (
    <dialog
      ref={ref}
      aria-labelledby={heading}
      onClose={onClose}
      className={`m-auto max-h-[90dvh] w-[calc(100vw-1.5rem)] rounded-2xl border bg-card p-0 shadow-2xl ${wide ? 'max-w-3xl' : 'max-w-lg'}`}
    >
      {open && (
        <div className="flex max-h-[90dvh] flex-col">
          <header className="flex items-center justify-between border-b px-5 py-3">
            <h2 id={heading} className="font-semibold">{title}</h2>
            <button type="button" onClick={onClose} aria-label={text.common.close} className="grid size-7 place-items-center rounded-lg text-soft hover:bg-sunken">✕</button>
          </header>
          <div className="overflow-auto p-5">{children}</div>
        </div>
      )}
    </dialog>
  );
}

export function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <label className="flex flex-col gap-1">
      <span className="text-xs font-medium text-soft">{label}</span>
      {children}
    </label>
  );
}
