/** The only script URLs that this app makes itself: the build's own workers. */

interface Policy {
  createScriptURL(url: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: Policy): Policy;
}

/** A policy of one name can be made once. */
let policy: Policy | undefined;

export function trustedUrl(url: string): string {
  const factory = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  policy ??= factory?.createPolicy('securechat-worker', { createScriptURL: (own) => own });
  return policy?.createScriptURL(url) ?? url;
}
