// Valid messages: what almost every request is. Those of protovalidate-es's benchmark have what its fixtures have.

const bytes = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index + first);

const complex = {
  ...{ s1: "alpha", s2: "bravo", i32: 42, i64: 420n, u32: 42, u64: 420n, si32: 42, si64: 420n, f32: 42, f64: 420n },
  ...{ sf32: 42, sf64: 420n, fl: 42, db: 42, bl: true, by: bytes(8, 7), nested: { x: 42 } },
  ...{ repStr: ["alpha", "bravo", "charlie"], repI32: [42, 7], repBytes: [bytes(3, 1), bytes(3, 2), bytes(3, 3)] },
  ...{ repMsg: [{ x: 42 }, { x: 7 }], mapStrStr: { a: "1", b: "2", c: "3" }, mapI32I64: { 1: 10n, 2: 20n, 3: 30n } },
  ...{ mapU64Bool: { "1": true, "2": false }, mapStrBytes: { k: bytes(2, 0) } },
  ...{ mapStrMsg: { a: { x: 42 }, b: { x: 7 } }, mapI64Msg: { "1": { x: 42 }, "2": { x: 7 } } },
  ...{ enumField: 1, choice: { case: "oneofStr", value: "delta" } },
};

const transfer = {
  sourceAccountId: "checking-ada",
  destinationAccountId: "savings-bob",
  amount: { minorUnits: 1250n, currencyCode: "EUR" },
  memo: "Thank you for the fish",
};

/** By the full names of their types. */
export const MESSAGES: Readonly<Record<string, object>> = {
  "bench.v1.BenchScalar": { x: 42 },
  "bench.v1.BenchRepeatedScalar": { x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
  "bench.v1.BenchRepeatedMessage": { x: Array.from({ length: 10 }, (_, index) => ({ x: index + 1 })) },
  "bench.v1.BenchRepeatedScalarUnique": { x: [1.1, 2.2, 3.3, 4.4, 5.5, 6.6, 7.7, 8.8] },
  "bench.v1.BenchRepeatedBytesUnique": { x: Array.from({ length: 8 }, (_, index) => bytes(4, index + 1)) },
  "bench.v1.BenchMap": { entries: { k1: "v1", k2: "v2", k3: "v3", k4: "v4", k5: "v5", k6: "v6", k7: "v7" } },
  "bench.v1.BenchComplexSchema": { ...complex, selfRef: complex },
  "bench.v1.BenchGT": {
    ...{ gt: 50, gte: 50, lt: 50, lte: 50, gtltin: 50, gtltein: 50, gteltin: 50, gteltein: 50, const: 10, constgt: 10 },
    // At 0, as the fixture has them, two of them break their rules.
    ...{ gtltex: 1, gtlteex: 1, gteltex: 1, gtelteex: 1, inTest: 3, notInTest: 4 },
  },
  "bench.v1.TestByteMatching": {
    ...{ ipAddr: bytes(16, 1), ipv4Addr: bytes(4, 2), ipv6Addr: bytes(16, 3), uuid: bytes(16, 4) },
  },
  "bench.v1.StringMatching": {
    ...{ hostname: "example.com", hostAndPort: "example.com:8080", email: "user@example.com" },
    uuid: "00112233-4455-6677-8899-aabbccddeeff",
  },
  "bench.v1.WrapperTesting": {
    ...{ i32: 11, d: 11, f: 11, i64: 11n, u64: 11n, u32: 11, b: true, s: "hello", bs: bytes(5, 0) },
  },
  "bench.v1.MultiRule": { many: 10n },
  "rules.v1.Texts": {
    ...{ short: "abc", exact: "abc", bytesLong: "abc", byteExact: "abcd", code: "AB12", ends: 'a"bmz', oneOfFew: "x" },
    ...{ constant: "yes", email: "ada@example.com", hostname: "host.example" },
    ...{ uuid: "01234567-89ab-cdef-0123-456789abcdef", tuuid: "0123456789abcdef0123456789abcdef" },
    ...{ ulid: "01ARZ3NDEKTSV4RRFFQ69G5FAV", name: "acme.v1.Thing" },
    ...{ data: new Uint8Array(2), exactData: new Uint8Array(2) },
  },
  "ledger.v1.TransferRequest": { requestId: "0b9a5c4e-7a52-4a6e-9a5f-1d2c3b4a5f60", transfer },
  "ledger.v1.OpenAccountRequest": {
    ...{ accountId: "checking-ada", holderName: "Ada Lovelace", iban: "DE89370400440532013000", currencyCode: "EUR" },
  },
};
