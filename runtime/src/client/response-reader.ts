/** Responses as they are read. */
export interface ResponseReader<Value> extends AsyncIterator<Value, undefined> {
  /** How many there have been. */
  readonly received: number;
  return(): Promise<IteratorResult<Value, undefined>>;
}
