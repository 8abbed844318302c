import { isIP, type Socket } from "node:net";
import type { ConnectionOptions, SecureContext } from "node:tls";
import { ChannelCredentials } from "@grpc/grpc-js";

type ConnectorArguments = Parameters<ChannelCredentials["_createSecureConnector"]>;
type Connector = ReturnType<ChannelCredentials["_createSecureConnector"]>;
type VerifyOptions = Parameters<typeof ChannelCredentials.createFromSecureContext>[1];

/** What grpc-js's connectors have inside: options for TLS, or certificates that are renewed and make them. */
interface ConnectorInside {
  readonly connectionOptions?: ConnectionOptions;
  readonly parent?: {
    readonly verifyOptions?: VerifyOptions;
    getLatestSecureContext?(): SecureContext | null;
  };
}

/**
 * Credentials for servers that are addressed by their IP. grpc-js names the address as TLS's server name, which may be none
 * (RFC 6066) and which Node refuses from 26 on. Without a name, Node compares the certificate with the host, which is the address.
 *
 * Where grpc-js's connectors are other than they were, they do as they do.
 */
export function withoutIpServername(credentials: ChannelCredentials): ChannelCredentials {
  return credentials._isSecure() ? new NamelessCredentials(credentials) : credentials;
}

class NamelessCredentials extends ChannelCredentials {
  readonly #credentials: ChannelCredentials;

  constructor(credentials: ChannelCredentials) {
    super();
    this.#credentials = credentials;
  }

  override _isSecure(): boolean {
    return true;
  }

  // Channels with equal credentials share their connections.
  override _equals(other: ChannelCredentials): boolean {
    return other instanceof NamelessCredentials && this.#credentials._equals(other.#credentials);
  }

  override _createSecureConnector(...args: ConnectorArguments): Connector {
    const connector = this.#credentials._createSecureConnector(...args);
    const { connectionOptions, parent } = connector as ConnectorInside;
    if (connectionOptions !== undefined) {
      return nameless(connector, connectionOptions);
    }
    return parent?.getLatestSecureContext === undefined ? connector : new RenewedConnector(connector, parent, args);
  }
}

/** A connector of certificates that are renewed: each connection takes those of its time. */
class RenewedConnector implements Connector {
  readonly #connector: Connector;
  readonly #certificates: NonNullable<ConnectorInside["parent"]>;
  readonly #args: ConnectorArguments;

  constructor(connector: Connector, certificates: NonNullable<ConnectorInside["parent"]>, args: ConnectorArguments) {
    this.#connector = connector;
    this.#certificates = certificates;
    this.#args = args;
  }

  connect(socket: Socket): ReturnType<Connector["connect"]> {
    const context = this.#certificates.getLatestSecureContext?.();
    if (context === undefined || context === null) {
      return this.#connector.connect(socket);
    }
    const credentials = ChannelCredentials.createFromSecureContext(context, this.#certificates.verifyOptions);
    const fixed = credentials._createSecureConnector(...this.#args);
    const { connectionOptions } = fixed as ConnectorInside;
    return isIpServername(connectionOptions)
      ? nameless(fixed, connectionOptions).connect(socket)
      : this.#connector.connect(socket);
  }

  waitForReady(): Promise<void> {
    return this.#connector.waitForReady();
  }

  getCallCredentials(): ReturnType<Connector["getCallCredentials"]> {
    return this.#connector.getCallCredentials();
  }

  destroy(): void {
    this.#connector.destroy();
  }
}

function nameless(connector: Connector, options: ConnectionOptions): Connector {
  // A connector of our own, that does all as grpc-js's does: with other options.
  return isIpServername(options)
    ? Object.create(connector, { connectionOptions: { value: { ...options, servername: undefined } } })
    : connector;
}

function isIpServername(options: ConnectionOptions | undefined): options is ConnectionOptions {
  return options?.servername !== undefined && isIP(options.servername) !== 0;
}
