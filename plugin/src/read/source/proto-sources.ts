/**
 * Where the texts of proto files come from: given a file's path as the compiler names it, `ledger/v1/ledger.proto`, all texts
 * that may be its. A compiler doesn't tell where it has read a file; which text it was shows when names stand where the
 * compiler says.
 */
export type ProtoSources = (path: string) => Iterable<string>;

/** No text is at hand: positions are the compiler's alone. */
export const NO_SOURCES: ProtoSources = () => [];
