export interface WantedOffset {
  topic: string;
  partition: number;
  offset: string;
}

/** A line that says nothing that can be understood. */
export class WrongLine extends Error {}

/**
 * Reads what `kafka-consumer-groups --export` writes: lines `topic,partition,offset`, or `group,topic,partition,offset` where several
 * groups were exported, of which those of `group` count. Throws a {@link WrongLine} with the first line that is neither.
 */
export function parseOffsets(file: string, group: string): WantedOffset[] {
  const wanted: WantedOffset[] = [];
  for (const line of file.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const fields = line.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1'));
    const [offset, partition, topic, of = group] = fields.toReversed();
    if (fields.length > 4 || !topic || !/^\d+$/.test(partition ?? '') || !/^\d+$/.test(offset ?? '')) throw new WrongLine(line);
    if (of === group) wanted.push({ topic, partition: Number(partition), offset: offset! });
  }
  return wanted;
}
