/** Lines `name=value`, as `kafka-topics.sh --config` takes them one by one; empty ones are passed over. Throws the first line that is none. */
export function parseConfigLines(text: string): Record<string, string> {
  const configs: Record<string, string> = {};
  for (const line of text.split('\n').map((one) => one.trim()).filter(Boolean)) {
    const at = line.indexOf('=');
    if (at < 1) throw new Error(line);
    configs[line.slice(0, at).trim()] = line.slice(at + 1).trim();
  }
  return configs;
}
