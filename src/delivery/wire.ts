import { composeDraft, type Mail } from "./compose.ts";
import type { Signer } from "./dkim.ts";

/** Bytes. That of a key of 4096 bits takes 1,200. */
const signatureRoom = 4096;

/** No line of a composed mail begins with a dot, so that there is none to escape. */
const finalDot = Buffer.from(".\r\n");

/** Composes and signs a mail: as it goes over the wire, up to its final dot. */
export async function onTheWire(mail: Mail, sign: Signer): Promise<Buffer> {
  const draft = composeDraft(mail);
  const signing = sign(draft, true);
  // In one piece of memory, copied once, with room for the signature that another thread works at meanwhile.
  const wire = Buffer.allocUnsafeSlow(signatureRoom + draft.length + finalDot.length);
  draft.copy(wire, signatureRoom);
  finalDot.copy(wire, signatureRoom + draft.length);
  const signature = await signing;
  const start = signatureRoom - signature.length;
  wire.write(signature, start, "latin1");
  return wire.subarray(start);
}
