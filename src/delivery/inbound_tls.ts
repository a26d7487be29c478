import { createSecureContext } from "node:tls";

/** What is wrong with the certificate of the port for mail that comes back, and its key, in the names of their settings. */
export function certificateMistakes(cert: string, key: string): string[] {
  try {
    createSecureContext({ cert, key });
    return [];
  } catch {
    return ["INBOUND_TLS_KEY is not the key of INBOUND_TLS_CERT, or one of them is broken"];
  }
}
