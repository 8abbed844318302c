/** What of a server's inside shows in a text, in words; undefined if nothing does. */
export function leakIn(text: string): string | undefined {
  return LEAKS.find(([, pattern]) => pattern.test(text))?.[0];
}

const SOURCES = "go|py|java|kt|scala|[cm]?[jt]sx?|rb|rs|cs|php|cc|cpp|c|h|swift|ex";

// What people write to people has none of these; each is tried on texts of both kinds in the tests.
const LEAKS: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["a stack trace", /Traceback \(most recent call last\)|\bgoroutine \d+ \[|^\s*at [\w$.<>[\] ]+[( ].*:\d+/m],
  ["a stack trace", /\bat (?:[\w$]+\.)+[\w$<>]+ ?\((?:[\w$.]+:\d+|Native Method|Unknown Source)\)|\bCaused by: /],
  ["a place in source code", new RegExp(`[\\w/\\\\.-]+\\.(?:${SOURCES}):\\d+\\b|\\bFile "[^"]+", line \\d+`)],
  [
    "a path of the server's",
    /(?:^|[\s"'(=:[])\/(?:usr|home|root|var|opt|etc|app|srv|tmp|proc|mnt|Users|workspace)\/[\w.@-]+/,
  ],
  ["a path of the server's", /\b[A-Z]:\\[\w.-]+\\|\bnode_modules\//],
  [
    "a query or a database's words",
    /\bselect\b.+\bfrom\b.+(?:\bwhere\b|=|;|\$\d|\bjoin\b|\blimit\b)|\binsert into \w|\bdelete from \w|\bupdate \w+ set \w|\bSQLSTATE\b|\bORA-\d{5}\b|\bviolates (?:unique|foreign key|check|not-null) constraint\b|\b(?:relation|column) "[^"]+"(?: of relation "[^"]+")? does not exist\b|\bpsycopg\w*\b|\bpq: /i,
  ],
  [
    "an exception's class",
    /\b(?:[a-z_]\w*\.)+[A-Z]\w*(?:Exception|Error)\b|\b[A-Z]\w+Exception\b|\b(?:Type|Reference|Range|Syntax|Key|Attribute|Name|Value|ZeroDivision|Index|Assertion)Error\b[:(]|^Exception calling application/,
  ],
  [
    "a crash's words",
    /\bpanic: |\bruntime error: |\bnil pointer dereference\b|\bsegmentation (?:fault|violation)\b|Cannot read propert(?:y|ies) of (?:undefined|null)/,
  ],
  [
    "an address behind the server",
    /\bE(?:CONNREFUSED|HOSTUNREACH|TIMEDOUT|CONNRESET|AI_AGAIN)\b|\bENOTFOUND\b|\bdial (?:tcp|udp|unix)\b|\b\w+:\/\/[^\s:@/]+:[^\s@/]+@/,
  ],
];
