import type { MiddlewareHandler } from "hono";
import { UserError } from "../errors.ts";
import type { Web } from "./page.ts";

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'";

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has("content-security-policy")) c.header("content-security-policy", policy);
  c.header("x-content-type-options", "nosniff");
  // Tokens stand in addresses: they must not reach another site.
  c.header("referrer-policy", "same-origin");
  c.header("cross-origin-opener-policy", "same-origin");
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
};

/**
 * Refuses what another site's page posts: browsers tell where a request comes from. One-click unsubscribing is exempt, it
 * alone, because mail programs post it from anywhere (RFC 8058).
 */
export function sameSite({ config }: Web): MiddlewareHandler {
  return async (c, next) => {
    const safe = ["GET", "HEAD", "OPTIONS"].includes(c.req.method);
    if (!safe && !c.req.path.startsWith("/unsubscribe/")) {
      const site = c.req.header("sec-fetch-site");
      const origin = c.req.header("origin");
      const ours = [new URL(config.baseUrl).host, c.req.header("host") ?? ""];
      // `Origin: null` is what a sandboxed or redirected page sends: nobody's.
      const foreignOrigin = origin !== undefined && !ours.includes(URL.parse(origin)?.host ?? "nobody's");
      if (site ? !["same-origin", "none"].includes(site) : foreignOrigin)
        throw new UserError("forbidden", "This form was sent from another site. Open it here and send it again.");
    }
    await next();
  };
}
