/** A case of protovalidate's conformance suite, as `npm run proof -- protovalidate` has recorded it. */
export interface RecordedCase {
  /** `standard_rules/string/min_len/invalid` */
  readonly name: string;
  /** The message's type. */
  readonly type: string;
  /** The message, in base64. */
  readonly input: string;
  /** `success`, `compilationError`, `runtimeError`; or a `buf.validate.Violations`, in base64. */
  readonly wanted: string;
}
