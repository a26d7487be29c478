/** What went wrong, for the program: it decides the HTTP status and the exit code. */
export type ErrorCode = "invalid" | "not_found" | "conflict" | "forbidden" | "unavailable" | "too_large";

/** A mistake that a person can mend. `message` is a whole sentence meant for them; `field` names the form field at fault. */
export class UserError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  constructor(code: ErrorCode, message: string, field?: string) {
    super(message);
    this.name = "UserError";
    this.code = code;
    this.field = field;
  }
}

/** The HTTP status for each code. */
export const httpStatus = {
  invalid: 422,
  not_found: 404,
  conflict: 409,
  forbidden: 403,
  unavailable: 503,
  too_large: 413,
} as const satisfies Record<ErrorCode, number>;

/** One line for a log or a status row, whatever was thrown, with the cause that a network error hides. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describeError(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause ? `: ${describeError(error.cause)}` : "";
  return `${error.message}${cause}`.replace(/\s+/g, " ").slice(0, 500);
}
