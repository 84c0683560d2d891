/** Calls of a simulated device, told in one word. */
import type { CallInput, CallName, CallValue } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';

/** The call's value; throws with its error's type. */
export async function call<K extends CallName>(
  device: SimulatedDevice,
  name: K,
  input: CallInput<K>,
): Promise<CallValue<K>> {
  const answer = await device.client.call(name, input);
  if (!answer.ok) throw new Error(`${device.name} ${name}: ${answer.error.type}`);
  return answer.value;
}

/** What a call is refused with; undefined when it is not. */
export async function refusalOf<K extends CallName>(
  device: SimulatedDevice,
  name: K,
  input: CallInput<K>,
): Promise<string | undefined> {
  const answer = await device.client.call(name, input);
  return answer.ok ? undefined : answer.error.type;
}
