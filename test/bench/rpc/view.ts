import type { SubjectName } from "./subject.js";

/** Whose processor time counts. */
export type Measured = "both" | "server" | "client";

/** A way to look at subjects: whom they are put together with, and which of the two processes is measured. */
export interface View {
  readonly name: ViewName;
  readonly title: string;
  readonly measured: Measured;
  /** Who is compared unless somebody else is named. */
  readonly subjects: readonly SubjectName[];
  /** What is done unless something else is named: scenarios, by the beginning of their names. */
  readonly scenarios: readonly string[];
  readonly server: (subject: SubjectName) => SubjectName;
  readonly client: (subject: SubjectName) => SubjectName;
}

export type ViewName = "pairs" | "servers-grpc-js" | "servers-ghz" | "clients-grpc-js" | "clients-grpc-go";

const itself = (subject: SubjectName) => subject;
const always = (subject: SubjectName) => () => subject;

const CALLS = ["empty", "small-64", "large-16", "stream"];
const CLIENTS: readonly SubjectName[] = ["http2", "grpc-js", "nice-grpc", "connect-node", "accord"];

/** A client and a server of one kind hide the worse half: so each is put together with others', too. */
export const VIEWS: readonly View[] = [
  {
    name: "pairs",
    title: "each subject's client and server",
    measured: "both",
    subjects: ["http2", "grpc-js", "nice-grpc", "connect-node", "accord-silent", "accord"],
    scenarios: ["small", "large", "stream", "error"],
    server: itself,
    client: itself,
  },
  {
    name: "servers-grpc-js",
    title: "servers, called by plain grpc-js",
    measured: "server",
    subjects: ["http2", "grpc-js", "connect-node", "accord-silent", "accord", "accord-pino", "grpc-go"],
    scenarios: CALLS,
    server: itself,
    client: always("grpc-js"),
  },
  {
    name: "servers-ghz",
    title: "servers, called by ghz",
    measured: "server",
    subjects: ["http2", "grpc-js", "connect-node", "accord-silent", "accord", "accord-pino", "grpc-go"],
    scenarios: CALLS,
    server: itself,
    client: always("grpc-go"),
  },
  {
    name: "clients-grpc-js",
    title: "clients, calling plain grpc-js's server",
    measured: "client",
    subjects: CLIENTS,
    scenarios: CALLS,
    server: always("grpc-js"),
    client: itself,
  },
  {
    name: "clients-grpc-go",
    title: "clients, calling grpc-go's server",
    measured: "client",
    subjects: CLIENTS,
    scenarios: CALLS,
    server: always("grpc-go"),
    client: itself,
  },
];

/** Whether a view needs Go's programs. */
export function needsGo({ server, client }: View, subject: SubjectName): boolean {
  return server(subject) === "grpc-go" || client(subject) === "grpc-go";
}
