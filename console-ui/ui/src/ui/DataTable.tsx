import { type ColumnDef, flexRender, getCoreRowModel, useReactTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';

export interface Column<T> {
  id: string;
  header: string;
  cell(row: T): ReactNode;
  numeric?: boolean;
  /** The API's name to sort by; absent when it cannot. */
  sort?: string;
  /** Left out on narrow screens. */
  secondary?: boolean;
}

interface Props<T> {
  label: string;
  rows: T[];
  columns: Column<T>[];
  rowKey(row: T): string;
  sort?: string;
  onSort?(sort: string): void;
  onEnd?(): void;
  rowHeight?: number;
  maxHeight?: string;
  onOpen?(row: T): void;
}

/** A table that draws only the rows on screen. */
export function DataTable<T>({ label, rows, columns, rowKey, sort, onSort, onEnd, rowHeight = 41, maxHeight = 'calc(100dvh - 15rem)', onOpen }: Props<T>) {
  const frame = useRef<HTMLDivElement>(null);
  const defs: ColumnDef<T>[] = columns.map((column) => ({ id: column.id, header: column.header, cell: ({ row }) => column.cell(row.original) }));
  const table = useReactTable({ data: rows, columns: defs, getCoreRowModel: getCoreRowModel(), getRowId: rowKey });
  const model = table.getRowModel().rows;
  const virtual = useVirtualizer({ count: model.length, getScrollElement: () => frame.current, estimateSize: () => rowHeight, overscan: 12 });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (onEnd && model.length > 0 && last >= model.length - 20) onEnd();
  }, [last, model.length, onEnd]);
  const top = items[0]?.start ?? 0;
  const bottom = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const cellClass = (column: Column<T> | undefined) => `${column?.numeric ? 'num' : 'text-left'} ${column?.secondary ? 'hidden md:table-cell' : ''}`;
  return (
    <div ref={frame} className="overflow-auto" style={{ maxHeight }} tabIndex={0} role="region" aria-label={label}>
      <table className="w-full border-separate border-spacing-0">
        <thead>
          <tr>
            {columns.map((column) => {
              const active = sort === column.sort || sort === `-${column.sort}`;
              const descending = sort === `-${column.sort}`;
              return (
                <th key={column.id} scope="col" aria-sort={column.sort && active ? (descending ? 'descending' : 'ascending') : undefined}
                  className={`sticky top-0 z-10 border-b bg-card px-2.5 py-2 text-xs md:px-4 font-medium whitespace-nowrap text-soft ${cellClass(column)}`}>
                  {column.sort && onSort ? (
                    <button type="button" className="hover:text-ink" onClick={() => onSort(active && !descending ? `-${column.sort}` : active ? (column.sort ?? '') : column.numeric ? `-${column.sort}` : (column.sort ?? ''))}>
                      {column.header} <span aria-hidden="true">{active ? (descending ? '↓' : '↑') : ''}</span>
                    </button>
                  ) : column.header}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {top > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: top }} /></tr>}
          {items.map((item) => {
            const row = model[item.index];
            if (!row) return null;
            return (
              <tr key={row.id} className={`group hover:bg-sunken ${onOpen ? 'cursor-pointer' : ''}`} style={{ height: rowHeight }}
                onClick={onOpen ? (event) => { if (!(event.target as HTMLElement).closest('a,button')) onOpen(row.original); } : undefined}>
                {row.getVisibleCells().map((cell, index) => (
                  <td key={cell.id} className={`border-b border-line/60 px-2.5 py-1.5 md:px-4 ${cellClass(columns[index])}`}>
                    {flexRender(cell.column.columnDef.cell, cell.getContext())}
                  </td>
                ))}
              </tr>
            );
          })}
          {bottom > 0 && <tr aria-hidden="true"><td colSpan={columns.length} style={{ height: bottom }} /></tr>}
        </tbody>
      </table>
    </div>
  );
}
