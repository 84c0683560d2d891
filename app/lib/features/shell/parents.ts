import type { Pathname } from '$app/types';

/** Where "back" leads from an address; undefined at the top. Pure. */
export function parentOf(path: string): Pathname | undefined {
  if (path === '/') return undefined;
  const parts = path.split('/').filter(Boolean);
  if (parts[0] === 'chat' && parts[2] === 'safety') return `/chat/${parts[1] ?? ''}/info`;
  if (parts[0] === 'chat' && parts.length === 3) return `/chat/${parts[1] ?? ''}`;
  if (parts[0] === 'settings' && parts.length === 2) return '/settings';
  if (parts[0] === 'status' && parts.length === 2) return '/status';
  if (parts[0] === 'settings' && parts[1] === 'devices') return '/settings/devices';
  if (parts[0] === 'settings' && parts[1] === 'recovery') return '/settings/recovery';
  return '/';
}
