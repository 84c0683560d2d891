/**
 * Changes are applied to a copy first. What Automerge chokes on (it panics at some changes) spoils a document, and some
 * that it takes it would not save as they are: then it could not load the document again.
 */
import * as A from '@automerge/automerge/slim';
import type { FieldChange } from './field-change.ts';
import { type Tables, isSameScalar } from './flat-document.ts';

/**
 * A copy of the document with these changes, which it can give back byte for byte; undefined when there is none. The copy
 * goes on as the same actor: whoever takes it gives up `doc`, whose objects it may share until that is freed.
 */
export function tryChanges(doc: A.Doc<Tables>, changes: readonly FieldChange[]): A.Doc<Tables> | undefined {
  const copy = A.clone(doc, { actor: A.getActorId(doc) });
  try {
    const [next] = A.applyChanges(
      copy,
      changes.map(({ bytes }) => bytes),
    );
    const backend = A.getBackend(next);
    const isKept = changes.every(({ hash, bytes }) => isSameScalar(backend.getChangeByHash(hash) ?? undefined, bytes));
    return isKept ? next : undefined;
  } catch {
    return undefined;
  }
}
