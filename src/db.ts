import { Socket } from "node:net";
import postgres from "postgres";

type Types = { instant: Temporal.Instant; date: Temporal.PlainDate; bigint: number; bigints: (number | null)[] };

/** The client, which holds the pool; `begin` starts a transaction. */
export type Database = postgres.Sql<Types>;
/** What a statement needs: the client itself or a transaction of it. */
export type Sql = postgres.ISql<Types>;

/** A transaction, in which `savepoint` begins what may fail by itself. */
export type Transaction = postgres.TransactionSql<Types>;

/** A piece of SQL to put into a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

const oid = { int8: 20, int8Array: 1016, date: 1082, timestamptz: 1184 } as const;

/** Seconds to wait for a connection, and for a lock, which is no work. */
const patience = { connect: 15, lock: 60 };

/** Seconds after which a connection is closed that nothing is asked of. */
const idle = 60;

type Place = { host: string[]; port: number[]; path: string | false };

/**
 * Sockets that send at once: the client's own hold small packets back until what was sent before is acknowledged (Nagle's
 * algorithm), and behind a COPY, whose end is one, that is 40 ms. Each is handed over before it is connected, as the client loses
 * a connection for good whose socket never comes. Hosts are tried in turn.
 */
function socketsFor({ deadline }: { deadline?: number }): (place: Place) => Socket {
  const silence = deadline && Math.ceil(1.1 * deadline);
  let tries = 0;
  return ({ host, port, path }) => {
    const index = tries++ % host.length;
    // The client reads the name for TLS from the socket, and both when it tells that nobody answered.
    const socket = Object.assign(new Socket().setNoDelay(true), { host: host[index], port: port[index] });
    const giveUp = () => socket.destroy(new Error(`the database has said nothing for ${silence} seconds`));
    if (silence) socket.setTimeout(1000 * silence, giveUp);
    if (path) return socket.connect({ path });
    return socket.connect({ host: host[index] as string, port: port[index] as number });
  };
}

/**
 * Connects lazily to `url`. `timestamptz` is `Temporal.Instant`, `date` is `Temporal.PlainDate`, `bigint` is a number (row
 * ids and counts stay far below 2^53). No named prepared statement, so that PgBouncer's transaction mode works. A statement that
 * takes longer than `deadline` seconds is ended by the server; where the server says nothing at all, because it is frozen or its
 * machine is gone, the connection is given up a little later. `pooled`: between us and the server is one that passes no settings on.
 */
export function connect(
  url: string,
  options: {
    max?: number;
    application?: string;
    database?: string;
    keep?: boolean;
    deadline?: number;
    pooled?: boolean;
    onNotice?: (notice: { message?: string }) => void;
  } = {},
): Database {
  return postgres(url, {
    ...(options.database ? { database: options.database } : {}),
    max: options.max ?? 10,
    prepare: false,
    onnotice: options.onNotice ?? (() => {}),
    connect_timeout: patience.connect,
    ...{ socket: socketsFor(options) },
    // A connection that is kept is never closed for being idle or old.
    idle_timeout: options.keep ? 0 : options.deadline ? Math.min(idle, options.deadline / 2) : idle,
    max_lifetime: options.keep ? null : 45 * 60,
    connection: {
      application_name: options.application ?? "paper-round",
      TimeZone: "UTC",
      ...(options.deadline && !options.pooled
        ? {
            statement_timeout: Math.round(1000 * options.deadline),
            lock_timeout: Math.round(1000 * Math.min(patience.lock, options.deadline)),
          }
        : {}),
    },
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
      // Most that is looked up is a list of ids. The client's own way takes each for a text that may have to be quoted.
      bigints: {
        to: oid.int8Array,
        from: [oid.int8Array],
        serialize: (ids: (number | null)[]) => `{${ids.map((id) => (id === null ? "NULL" : id))}}`,
        parse: (text: string) =>
          text === "{}"
            ? []
            : text
                .slice(1, -1)
                .split(",")
                .map((id) => (id === "NULL" ? null : Number(id))),
      },
    },
  });
}

/** Whether what failed may work when it is tried again: the database was away, busy, full or shutting down. */
export function isPassing(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  // Five signs with a digit among them are what PostgreSQL said; all else, such as EPIPE, is about the connection.
  return !/^(?=.*\d)[0-9A-Z]{5}$/.test(code) || /^(?:08|25006|40|53|55P03|57|58)/.test(code);
}
