/** Vectors of linking: a whole ceremony with its intermediate values, codes as typed, and messages that must be refused. */
import {
  answerOffer,
  createLinkCode,
  formatLinkCode,
  linkRendezvous,
  offerLink,
  readReveal,
  revealLink,
  sealGrant,
  utf8,
} from '../../src/index.ts';
import { x25519 } from '../../src/sodium.ts';
import { must } from '../support/world.ts';
import { counted, hex, scripted, tampered } from './hex.ts';

const TIME = 1_700_000_000_000;
const HELLO = utf8('hello of the new device');
const GRANT = utf8('grant of the existing device');

/** The draws of both sides, in order: key, nonce of the commitment, nonces of the messages. */
export const LINK_DRAWS = {
  newDevice: [hex(counted(0)), hex(counted(0x20)), hex(counted(0x40, 24)), hex(counted(0x60, 24))],
  existingDevice: [hex(counted(0x80)), hex(counted(0xa0, 24))],
  grant: [hex(counted(0xc0, 24))],
};

/** The ceremony of the vector, in all its steps. */
export function linkCeremony() {
  const code = createLinkCode(scripted([hex(counted(0xf0, 20))]));
  const offered = offerLink({ code, time: TIME, hello: HELLO, random: scripted(LINK_DRAWS.newDevice) });
  const existing = scripted(LINK_DRAWS.existingDevice);
  const answered = must(answerOffer({ code, offer: offered.offer, random: existing }));
  const revealed = must(revealLink(offered.state, answered.reply));
  const compared = must(readReveal(answered.state, revealed.reveal));
  const grant = sealGrant(compared.state, GRANT, scripted(LINK_DRAWS.grant));
  return { code, offered, answered, revealed, compared, grant };
}

export function buildLinking() {
  const { code, offered, answered, revealed, compared, grant } = linkCeremony();
  const [text, { offer }, { reply }, { reveal }] = [formatLinkCode(code), offered, answered, revealed];
  return {
    code: { symbols: hex(code), text, rendezvous: hex(linkRendezvous(code)) },
    typed: [text.toLowerCase(), text.replaceAll('-', ''), text.replaceAll('0', 'o').replaceAll('1', 'L')],
    time: TIME,
    hello: hex(HELLO),
    draws: LINK_DRAWS,
    newDevice: { key: hex(offered.state.opening.key), commitment: hex(offered.state.commitment) },
    existingDevice: { key: hex(answered.state.publicKey) },
    shared: hex(x25519(offered.state.secretKey, answered.state.publicKey) ?? new Uint8Array()),
    offer: hex(offer),
    reply: hex(reply),
    reveal: hex(reveal),
    comparison: compared.comparison,
    grantKey: hex(compared.state.grantKey),
    grantContent: hex(GRANT),
    grant: hex(grant),
    mustFail: {
      codes: ['', text.slice(1), `${text}0`, `${text.slice(0, -1)}U`, `${text.slice(0, -1)}*`],
      offers: [
        { why: 'another version', offer: hex(tampered(offer, 0)), error: 'Malformed' },
        { why: 'a reply in its place', offer: hex(reply), error: 'Malformed' },
        { why: 'nonce changed', offer: hex(tampered(offer, 2)), error: 'WrongCode' },
        { why: 'content changed', offer: hex(tampered(offer, 26)), error: 'WrongCode' },
        { why: 'tag changed', offer: hex(tampered(offer, -1)), error: 'WrongCode' },
        { why: 'cut', offer: hex(offer.slice(0, -1)), error: 'WrongCode' },
      ],
      grants: [
        { why: 'content changed', grant: hex(tampered(grant, 30)), error: 'Substituted' },
        { why: 'another kind', grant: hex(tampered(grant, 1)), error: 'Malformed' },
      ],
    },
  };
}
