import { isIP } from "node:net";

/** A host and its port, as far as they are known. */
export interface HostPort {
  readonly host: string;
  readonly port: number | undefined;
}

/** Takes `ledger:50051`, `127.0.0.1:50051`, `[::1]:50051`, `::1` or a name alone apart. */
export function hostPort(text: string): HostPort {
  if (isIP(text) === 6) {
    return { host: text, port: undefined };
  }
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>.*?))(?::(?<port>\d{1,5}))?$/.exec(text)?.groups;
  return {
    host: parts?.v6 ?? parts?.name ?? text,
    port: parts?.port === undefined ? undefined : Number(parts.port),
  };
}
