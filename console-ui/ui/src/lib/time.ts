/** What a datetime-local field shows for an instant: its local time, as the field itself says it: whole minutes have no seconds, or React and the field disagree and the next input is lost. */
export function localTime(instant: string | undefined): string {
  if (instant === undefined) return '';
  const time = new Date(instant);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}T${two(time.getHours())}:${two(time.getMinutes())}${time.getSeconds() === 0 ? '' : `:${two(time.getSeconds())}`}`;
}

/** The instant that a datetime-local field names, if it names one. */
export const instant = (local: string): string | undefined => (local === '' ? undefined : new Date(local).toISOString());
