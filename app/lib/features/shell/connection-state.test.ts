import { describe, expect, it } from 'vitest';
import { describeConnection } from './connection-state.ts';

describe('the connection banner', () => {
  it('is silent when everything is well', () => {
    expect(describeConnection({ state: 'online', waiting: 0 }, 0)).toBeUndefined();
    expect(describeConnection({ state: 'online', waiting: 2 }, 0)).toBeUndefined();
  });

  it('says what waits while offline', () => {
    expect(describeConnection({ state: 'offline', waiting: 0 }, 0)).toMatchObject({ kind: 'warning', canRetry: true });
    expect(describeConnection({ state: 'offline', waiting: 1 }, 0)?.text).toContain('1 message goes');
    expect(describeConnection({ state: 'offline', waiting: 3 }, 0)?.text).toContain('3 messages go');
  });

  it('counts down to the next attempt, and offers to try now', () => {
    const waiting = describeConnection({ state: 'connecting', waiting: 0, nextAttemptAt: 9_000 }, 1_000);
    expect(waiting).toMatchObject({ canRetry: true });
    expect(waiting?.text).toContain('8 s');
    expect(describeConnection({ state: 'connecting', waiting: 0 }, 0)).toMatchObject({ canRetry: false });
  });

  it('puts a refusal before everything else', () => {
    expect(describeConnection({ state: 'offline', waiting: 3, problem: 'SignInRefused' }, 0)).toMatchObject({
      kind: 'danger',
    });
  });

  it('shows that the queue is being received', () => {
    expect(describeConnection({ state: 'online', waiting: 0, draining: 40 }, 0)?.text).toContain('40');
  });
});
