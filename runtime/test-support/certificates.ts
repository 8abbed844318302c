import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const COMMITTED = join(import.meta.dirname, "certificates");

/** The committed certificates by their names: `ca.pem`, `server-1.pem`, `server-1.key`, … */
export const certificateFile = (name: string): string => join(COMMITTED, name);

/** Where one side of a connection has its files, which a test replaces as something else would in production. */
export class CertificateFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a folder with a certificate in `tls.crt` and `tls.key`, and a CA in `ca.crt`. */
  static async of(certificate: string, ca: string): Promise<CertificateFolder> {
    const folder = new CertificateFolder(await mkdtemp(join(tmpdir(), "accord-tls-")));
    await folder.put("tls.crt", `${certificate}.pem`);
    await folder.put("tls.key", `${certificate}.key`);
    await folder.put("ca.crt", `${ca}.pem`);
    return folder;
  }

  get certificate(): string {
    return join(this.path, "tls.crt");
  }

  get key(): string {
    return join(this.path, "tls.key");
  }

  get ca(): string {
    return join(this.path, "ca.crt");
  }

  async put(name: "tls.crt" | "tls.key" | "ca.crt", committed: string): Promise<void> {
    await copyFile(certificateFile(committed), join(this.path, name));
  }

  async delete(): Promise<void> {
    await rm(this.path, { recursive: true });
  }
}
