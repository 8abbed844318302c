/** What the database refused to do. Which subclass it is follows from its SQLSTATE. */
export class DatabaseError extends Error {
  override readonly name: string = "DatabaseError";

  constructor(
    message: string,
    /** PostgreSQL's five-character code; empty if the error isn't the server's. */
    readonly sqlState: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A row with the same key is there already (23505). */
export class UniqueViolation extends DatabaseError {
  override readonly name = "UniqueViolation";

  constructor(
    message: string,
    /** The constraint that was violated: `transfers_request_id_key`. */
    readonly constraint: string,
    /** The value that was there already. */
    readonly value: string,
    options?: ErrorOptions,
  ) {
    super(message, "23505", options);
  }
}

/** The transaction lost a race and was undone (40001, and deadlocks, 40P01). The same transaction may succeed now. */
export class SerializationFailure extends DatabaseError {
  override readonly name = "SerializationFailure";
}

/** The database can't be reached, or is going down. */
export class DatabaseUnavailable extends DatabaseError {
  override readonly name = "DatabaseUnavailable";
}

/**
 * Gives an error of a driver the class above that it belongs to.
 *
 * pg and PGlite each throw a class of their own with the same properties, so this goes by the properties.
 */
export function toDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) {
    return error;
  }
  const { code = "", constraint = "", detail = "" } = error as { code?: string; constraint?: string; detail?: string };
  const options = { cause: error };
  if (code === "23505") {
    return new UniqueViolation(error.message, constraint, valueOfKey(detail), options);
  }
  if (code === "40001" || code === "40P01") {
    return new SerializationFailure(error.message, code, options);
  }
  if (meansUnavailable(code, error.message)) {
    return new DatabaseUnavailable(error.message, code, options);
  }
  return /^[0-9A-Z]{5}$/.test(code) ? new DatabaseError(error.message, code, options) : error;
}

/** Reads `abc` from `Key (request_id)=(abc) already exists.`, in whichever language the server says that. */
function valueOfKey(detail: string): string {
  return /\)=\((.*)\)/s.exec(detail)?.[1] ?? "";
}

function meansUnavailable(code: string, message: string): boolean {
  return (
    // Connection exceptions, and a server that is stopping, starting, or out of connections.
    /^(08...|57P0[1-3]|53300)$/.test(code) ||
    /^(ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/.test(code) ||
    // pg has no codes for these.
    /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(
      message,
    )
  );
}
