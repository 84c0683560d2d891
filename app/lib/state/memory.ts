/** Small things that this browser remembers for the app alone. Where storage is blocked, nothing is remembered. */
export interface Memory {
  recall(key: string): string | undefined;
  remember(key: string, value: string): void;
}

/** What is remembered of an account, and forgotten with it. */
export const OF_ACCOUNT = ['persist-asked', 'protection-dismissed', 'call-choices'] as const;

export const browserMemory: Memory = {
  recall(key) {
    try {
      return localStorage.getItem(`securechat.${key}`) ?? undefined;
    } catch {
      return undefined;
    }
  },
  remember(key, value) {
    try {
      localStorage.setItem(`securechat.${key}`, value);
    } catch {
      // Blocked: it is forgotten with this page.
    }
  },
};
