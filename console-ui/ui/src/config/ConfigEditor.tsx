import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Schema } from '../api/client';
import { useText } from '../i18n';
import { Button, Dialog, Failure, fieldClass, Labelled } from '../ui/parts';

type Item = Schema['ConfigItem'];

interface Props {
  /** The key to change; key it by its name, so that each begins with its own value. */
  item: Item;
  /** Sets the value, or takes back what was set when there is none. */
  alter(value: string | undefined): Promise<unknown>;
  onClose(): void;
  onSaved(): void;
}

/** One configuration key: what it means, its value, back to its default. */
export function ConfigEditor({ item, alter, onClose, onSaved }: Props) {
  const text = useText();
  const [value, setValue] = useState(item.value ?? '');
  const save = useMutation({ mutationFn: alter, onSuccess: onSaved });
  return (
    <Dialog title={item.name} open onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={(event) => { event.preventDefault(); save.mutate(value); }}>
        {item.documentation && <p className="max-h-40 overflow-auto text-soft">{item.documentation.replace(/<[^>]*>/g, '')}</p>}
        <Labelled label={text.topics.configValue}><input autoFocus className={`${fieldClass} font-mono`} value={value} onChange={(event) => setValue(event.target.value)} /></Labelled>
        {save.isError && <Failure error={save.error} />}
        <div className="flex justify-end gap-2">
          {item.overridden && <Button disabled={save.isPending} onClick={() => save.mutate(undefined)}>{text.topics.reset}</Button>}
          <Button look="primary" type="submit" disabled={save.isPending || value === (item.value ?? '')}>{text.topics.save}</Button>
        </div>
      </form>
    </Dialog>
  );
}
