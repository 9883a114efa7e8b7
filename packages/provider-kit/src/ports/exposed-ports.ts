import type { Duplex } from "node:stream";
import type { RunnerConnection, RunnerPort } from "@mooring/api";
import { openForward, type PortForward } from "./port-forward.js";

export interface ExposedPortsOptions {
  /** Where a client on this host reaches a port of the place; absent or `undefined`: it is forwarded. */
  readonly directUrl: ((port: number) => string | undefined) | undefined;
  /** The quick way, if there is one for this port; else `connect`. */
  dial?(port: number): Promise<Duplex | undefined>;
  connect(port: number): Promise<RunnerConnection>;
}

interface Exposure {
  readonly port: RunnerPort;
  readonly forward: PortForward | undefined;
}

/** The ports of one session that are exposed; each once, however often it is asked for. */
export class ExposedPorts {
  readonly #options: ExposedPortsOptions;
  readonly #exposures = new Map<number, Promise<Exposure>>();

  constructor(options: ExposedPortsOptions) {
    this.#options = options;
  }

  async expose(port: number, label: string | undefined): Promise<RunnerPort> {
    let exposure = this.#exposures.get(port);
    if (exposure === undefined) {
      exposure = this.#open(port, label);
      this.#exposures.set(port, exposure);
      exposure.catch(() => this.#exposures.delete(port));
    }
    return (await exposure).port;
  }

  async #open(port: number, label: string | undefined): Promise<Exposure> {
    const directUrl = this.#options.directUrl?.(port);
    const forward =
      directUrl === undefined
        ? await openForward({
            dial: async () => this.#options.dial?.(port),
            connect: () => this.#options.connect(port),
          })
        : undefined;
    return {
      forward,
      port: {
        port,
        ...(label === undefined ? {} : { label }),
        url: directUrl ?? `http://127.0.0.1:${forward?.localPort ?? port}`,
        close: async () => {
          this.#exposures.delete(port);
          await forward?.close();
        },
      },
    };
  }

  async list(): Promise<RunnerPort[]> {
    const exposures = await Promise.all(this.#exposures.values());
    return exposures.map(({ port }) => port);
  }

  async closeAll(): Promise<void> {
    const exposures = [...this.#exposures.values()];
    this.#exposures.clear();
    await Promise.allSettled(exposures.map(async (opening) => (await opening).forward?.close()));
  }
}
