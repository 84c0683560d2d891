/** How calls are made on this device: which microphone, camera and speaker, and what is saved or kept back. Of this browser alone. */
import { browserMemory, type Memory } from '$lib/state/memory.ts';

export interface Choices {
  /** Ids of the browser's; absent: what the system prefers. */
  readonly microphone?: string;
  readonly camera?: string;
  readonly speaker?: string;
  readonly noiseSuppression: boolean;
  /** Takes as little of the network as a call can. */
  readonly lowBandwidth: boolean;
  /** Connects through the server's relay for calls only: the other side does not learn the network address. */
  readonly hideAddress: boolean;
}

const KEY = 'call-choices';
const FIRST: Choices = { noiseSuppression: true, lowBandwidth: false, hideAddress: false };

export class CallPreferences {
  readonly #memory: Memory;
  #current = $state.raw<Choices>(FIRST);

  constructor(memory: Memory = browserMemory) {
    this.#memory = memory;
    this.#current = readChoices(memory.recall(KEY));
  }

  get current(): Choices {
    return this.#current;
  }

  set(change: Partial<Choices>): void {
    this.#current = { ...this.#current, ...change };
    this.#memory.remember(KEY, JSON.stringify(this.#current));
  }
}

/** What was remembered, as far as it can be understood. Pure. */
export function readChoices(json: string | undefined): Choices {
  let found: Partial<Record<keyof Choices, unknown>> = {};
  try {
    const value: unknown = JSON.parse(json ?? '{}');
    if (typeof value === 'object' && value !== null) found = value;
  } catch {
    // Somebody else's words: as if there were none.
  }
  const flag = (name: 'noiseSuppression' | 'lowBandwidth' | 'hideAddress'): boolean => {
    const value = found[name];
    return typeof value === 'boolean' ? value : FIRST[name];
  };
  const devices = (['microphone', 'camera', 'speaker'] as const).flatMap((name) => {
    const id = found[name];
    return typeof id === 'string' ? [[name, id]] : [];
  });
  return {
    ...(Object.fromEntries(devices) as Pick<Choices, 'microphone' | 'camera' | 'speaker'>),
    noiseSuppression: flag('noiseSuppression'),
    lowBandwidth: flag('lowBandwidth'),
    hideAddress: flag('hideAddress'),
  };
}
