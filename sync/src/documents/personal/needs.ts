/** What has to be written: of what a caller asks for, and when one document's values move into another. */
import {
  type Assignment,
  type FlatDocument,
  type Scalar,
  type Shape,
  type TableKey,
  isSameScalar,
} from './flat-document.ts';

/** A document that can be read. */
type Read = Pick<FlatDocument, 'keys' | 'get'>;

/** Assignments that change something; where own devices disagreed, writing settles it. */
export function neededIn(
  document: Read & { all(table: string, key: string): Scalar[] },
  assignments: readonly Assignment[],
): Assignment[] {
  return assignments.filter(
    ({ table, key, value }) => document.all(table, key).length > 1 || !isSameScalar(document.get(table, key), value),
  );
}

/** What `former` has and `next` lacks, and where both have a value but the one of `former` counts. */
export function lackingIn({ tables, choose }: Shape, next: Read, former: Read): Assignment[] {
  return keysOf({ tables }, former).flatMap(({ table, key }) => {
    const [ours, theirs] = [former.get(table, key), next.get(table, key)];
    if (ours === undefined) return [];
    const value = theirs === undefined ? ours : (choose?.(key, [ours, theirs]) ?? theirs);
    return isSameScalar(value, theirs) ? [] : [{ table, key, value }];
  });
}

export function keysOf({ tables }: Pick<Shape, 'tables'>, document: Read): TableKey[] {
  return tables.flatMap((table) => document.keys(table).map((key) => ({ table, key })));
}
