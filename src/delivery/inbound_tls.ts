import { createSecureContext } from "node:tls";

/** What is wrong with the certificate of the port for mail that comes back, and its key, in the names of their settings. */
export function certificateMistakes(cert: string | undefined, key: string | undefined): string[] {
  if (!cert && !key) return [];
  if (!cert || !key) return ["INBOUND_TLS_CERT and INBOUND_TLS_KEY are both needed, or none"];
  try {
    createSecureContext({ cert, key });
    return [];
  } catch {
    return ["INBOUND_TLS_KEY is not the key of INBOUND_TLS_CERT, or one of them is broken"];
  }
}
