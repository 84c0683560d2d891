/** The export of a simulated device, as a user keeps it. */
import type { RecordId } from '../../src/api.ts';
import type { SimulatedDevice } from '../simulation/device.ts';
import { call } from './calls.ts';

/** All parts, one after the other. */
export async function exportText(device: SimulatedDevice): Promise<string> {
  const parts: string[] = [];
  let cursor: string | undefined;
  do {
    const part: { readonly text: string; readonly next?: RecordId } = await call(
      device,
      'exportPart',
      cursor === undefined ? {} : { cursor },
    );
    parts.push(part.text);
    cursor = part.next;
  } while (cursor !== undefined);
  return parts.join('');
}
