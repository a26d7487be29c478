import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import postgres from "postgres";

type Types = { instant: Temporal.Instant; date: Temporal.PlainDate; bigint: number };

/** The client, which holds the pool; `begin` starts a transaction. */
export type Database = postgres.Sql<Types>;
/** What a statement needs: the client itself or a transaction of it. */
export type Sql = postgres.ISql<Types>;

/** A transaction, in which `savepoint` begins what may fail by itself. */
export type Transaction = postgres.TransactionSql<Types>;

/** A piece of SQL to put into a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

const oid = { int8: 20, date: 1082, timestamptz: 1184 } as const;

const connectSeconds = 15;

/**
 * The client's own sockets hold small packets back until what was sent before is acknowledged (Nagle's algorithm): behind a
 * COPY, whose end is one, that is 40 ms. Hosts are tried in turn, as the client would.
 */
async function connectWithoutDelay({ host, port, path }: Place): Promise<Socket> {
  for (let index = 0; ; index++) {
    const place = path ? { path } : { host: host[index] as string, port: port[index] as number };
    // The client reads the name for TLS from the socket.
    const socket = Object.assign(createConnection({ ...place, noDelay: true }), place);
    try {
      await once(socket, "connect", { signal: AbortSignal.timeout(1000 * connectSeconds) });
      return socket;
    } catch (error) {
      socket.destroy();
      if (index + 1 >= host.length) throw error;
    }
  }
}

type Place = { host: string[]; port: number[]; path: string | false };

/**
 * Connects lazily to `url`. `timestamptz` is `Temporal.Instant`, `date` is `Temporal.PlainDate`, `bigint` is a number (row
 * ids and counts stay far below 2^53). No named prepared statement, so that PgBouncer's transaction mode works.
 */
export function connect(
  url: string,
  options: {
    max?: number;
    application?: string;
    database?: string;
    keep?: boolean;
    onNotice?: (notice: { message?: string }) => void;
  } = {},
): Database {
  return postgres(url, {
    ...(options.database ? { database: options.database } : {}),
    max: options.max ?? 10,
    prepare: false,
    onnotice: options.onNotice ?? (() => {}),
    connect_timeout: connectSeconds,
    ...{ socket: connectWithoutDelay },
    // A connection that is kept is never closed for being idle or old.
    idle_timeout: options.keep ? 0 : 60,
    max_lifetime: options.keep ? null : 45 * 60,
    connection: { application_name: options.application ?? "paper-round", TimeZone: "UTC" },
    types: {
      instant: {
        to: oid.timestamptz,
        from: [oid.timestamptz],
        serialize: (value: Temporal.Instant | string) => value.toString(),
        parse: (text: string) => Temporal.Instant.from(text.replace(" ", "T")),
      },
      date: {
        to: oid.date,
        from: [oid.date],
        serialize: (value: Temporal.PlainDate | string) => value.toString(),
        parse: (text: string) => Temporal.PlainDate.from(text),
      },
      bigint: { to: oid.int8, from: [oid.int8], serialize: String, parse: Number },
    },
  });
}

/** Whether what failed may work when it is tried again: the database was away, busy, full or shutting down. */
export function isPassing(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  // Five signs are what PostgreSQL said; all else is about the connection.
  return !/^[0-9A-Z]{5}$/.test(code) || /^(?:08|25006|40|53|55P03|57|58)/.test(code);
}
