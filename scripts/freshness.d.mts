export const STAMP: string;
export function isBuildFresh(): Promise<boolean>;
