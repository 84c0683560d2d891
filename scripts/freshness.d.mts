export const STAMP: string;
export function isBuildFresh(): Promise<boolean>;
export function programOf(server: 'relay' | 'storage-server'): Promise<readonly string[]>;
