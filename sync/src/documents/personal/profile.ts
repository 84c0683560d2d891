/** The user's own profile: a name, a picture, and when they last changed. */
import type { Avatar } from '../../api.ts';
import type { Readable } from '../../readable.ts';
import { avatarFields, readAvatar } from './avatar.ts';
import { type Fields, FieldMap } from './fields.ts';
import { type FlatDocument, type Shape, fieldOf, highest } from './flat-document.ts';

export interface OwnProfile {
  readonly name: string;
  readonly avatar?: Avatar;
  /** The handle that this account claimed at its relay. */
  readonly handle?: string;
  /** Milliseconds of when it was set; contacts keep the latest. 0: never. */
  readonly updated: number;
}

export interface ProfileChange {
  readonly name?: string;
  /** Null takes the picture away. */
  readonly avatar?: Avatar | null;
  /** Null: it was released. */
  readonly handle?: string | null;
  readonly updated?: number;
}

export interface ProfileDocument extends Readable<OwnProfile> {
  set(change: ProfileChange): Promise<void>;
}

const NOBODY: OwnProfile = { name: '', updated: 0 };
const ME = 'me';

/**
 * Two own devices that change the profile at the same time make a profile that neither of them showed to anyone: it must
 * be newer than both. Each rival adds one, so that it is also newer than what any fewer of them make.
 */
export const PROFILE: Shape = {
  name: 'profile',
  tables: ['profile'],
  choose: (key, rivals) => (fieldOf(key) === 'updated' ? (highest(rivals) ?? 0) + rivals.length - 1 : undefined),
};

export function profileDocument(document: FlatDocument): ProfileDocument {
  const fields = new FieldMap<string, OwnProfile>(document, 'profile', readProfile);
  return {
    get: () => fields.source.get().get(ME) ?? NOBODY,
    subscribe: (onChange) => fields.source.subscribe(onChange),
    set: ({ avatar, handle, ...rest }) =>
      fields.write(ME, {
        ...rest,
        ...avatarFields(avatar),
        ...(handle !== undefined && { handle: handle ?? undefined }),
      }),
  };
}

function readProfile(fields: Fields, before: OwnProfile | undefined): OwnProfile {
  const [name, updated, handle] = [fields.get('name'), fields.get('updated'), fields.get('handle')];
  const avatar = readAvatar(fields, before?.avatar);
  return {
    name: typeof name === 'string' ? name : '',
    updated: typeof updated === 'number' ? updated : 0,
    ...(avatar && { avatar }),
    ...(typeof handle === 'string' && { handle }),
  };
}
