/** What a parsed JSON body is allowed to be taken for. */

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member as text; undefined when it is absent or something else. */
export function textOf(record: JsonRecord, member: string): string | undefined {
  const value = record[member];
  return typeof value === 'string' ? value : undefined;
}

/** The records of a list member; none when it is absent or something else. */
export function recordsOf(record: JsonRecord, member: string): readonly JsonRecord[] {
  const value = record[member];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
