import { describeTransport } from './transport.contract.ts';
import { startWs } from './ws.ts';

describeTransport('ws', startWs);
