import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

export interface ScopeRegistry extends AsyncDisposable {
  /** For npm's option `@mooring:registry`. */
  readonly url: string;
}

interface Packed {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly fileName: string;
  readonly contents: Buffer;
}

/** Serves packed packages on loopback as a registry would, and no others. */
export async function serveScope(directory: string): Promise<ScopeRegistry> {
  const fileNames = (await readdir(directory)).filter((name) => name.endsWith(".tgz"));
  const packed = await Promise.all(fileNames.map((fileName) => readPacked(directory, fileName)));
  let url = "";
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    const file = packed.find(({ fileName }) => path === `/${fileName}`);
    const named = packed.find(({ manifest }) => path === `/${manifest.name}`);
    if (file !== undefined) response.end(file.contents);
    else if (named !== undefined) response.end(JSON.stringify(packument(named, url)));
    else response.writeHead(404).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function packument({ manifest, fileName, contents }: Packed, url: string): object {
  const integrity = `sha512-${createHash("sha512").update(contents).digest("base64")}`;
  const version = { ...manifest, dist: { tarball: `${url}${fileName}`, integrity } };
  return {
    name: manifest.name,
    "dist-tags": { latest: manifest.version },
    versions: { [manifest.version]: version },
  };
}

async function readPacked(directory: string, fileName: string): Promise<Packed> {
  const contents = await readFile(join(directory, fileName));
  return { fileName, contents, manifest: JSON.parse(entryOf(gunzipSync(contents), "package/package.json")) };
}

/** A file of a tar archive: headers and contents lie in blocks of 512 bytes. */
function entryOf(archive: Buffer, name: string): string {
  for (let at = 0; at < archive.length;) {
    const header = archive.subarray(at, at + 512);
    const size = Number.parseInt(header.toString("latin1", 124, 136), 8) || 0;
    const contents = archive.subarray(at + 512, at + 512 + size);
    if (header.toString("latin1", 0, 100).replace(/\0.*$/s, "") === name) return contents.toString();
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`Expected the archive to have ${name}, got none`);
}
