import postgres from "postgres";

type Types = { instant: Temporal.Instant; date: Temporal.PlainDate; bigint: number };

/** The client, which holds the pool; `begin` starts a transaction. */
export type Database = postgres.Sql<Types>;
/** What a statement needs: the client itself or a transaction of it. */
export type Sql = postgres.ISql<Types>;

/** A piece of SQL to put into a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

const oid = { int8: 20, date: 1082, timestamptz: 1184 } as const;

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
    connect_timeout: 15,
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
