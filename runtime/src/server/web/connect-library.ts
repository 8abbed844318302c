import type * as Connect from "@connectrpc/connect";

/** `@connectrpc/connect`, which a server without `http` has no need of. */
export type ConnectLibrary = Pick<
  typeof Connect,
  "ConnectError" | "cors" | "createConnectRouter" | "createContextKey" | "createContextValues"
>;

/** @throws {Error} saying what to install, if it isn't there */
export async function loadConnect(): Promise<ConnectLibrary> {
  try {
    return await import("@connectrpc/connect");
  } catch (cause) {
    throw new Error(
      "Can't start the server: `http` needs the package @connectrpc/connect, which can't be loaded. Install it beside " +
        "@accord-grpc/runtime: npm install @connectrpc/connect",
      { cause },
    );
  }
}
