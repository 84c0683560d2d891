/** The user's own profile: a name, a picture, and when they last changed. */
import type { Avatar } from '../../api.ts';
import type { Readable } from '../../readable.ts';
import { avatarFields, readAvatar } from './avatar.ts';
import { type Fields, FieldMap } from './fields.ts';
import type { FlatDocument } from './flat-document.ts';

export interface OwnProfile {
  readonly name: string;
  readonly avatar?: Avatar;
  /** Milliseconds of when it was set; contacts keep the latest. 0: never. */
  readonly updated: number;
}

export interface ProfileDocument extends Readable<OwnProfile> {
  /** `avatar: null` takes the picture away. */
  set(change: { readonly name?: string; readonly avatar?: Avatar | null; readonly updated?: number }): Promise<void>;
}

const NOBODY: OwnProfile = { name: '', updated: 0 };
const ME = 'me';
export const PROFILE_TABLES = ['profile'];

export function profileDocument(document: FlatDocument): ProfileDocument {
  const fields = new FieldMap<string, OwnProfile>(document, 'profile', { read: readProfile });
  return {
    get: () => fields.source.get().get(ME) ?? NOBODY,
    subscribe: (onChange) => fields.source.subscribe(onChange),
    set: ({ avatar, ...rest }) => fields.write(ME, { ...rest, ...avatarFields(avatar) }),
  };
}

function readProfile(fields: Fields, before: OwnProfile | undefined): OwnProfile {
  const [name, updated] = [fields.get('name'), fields.get('updated')];
  const avatar = readAvatar(fields, before?.avatar);
  return {
    name: typeof name === 'string' ? name : '',
    updated: typeof updated === 'number' ? updated : 0,
    ...(avatar && { avatar }),
  };
}
