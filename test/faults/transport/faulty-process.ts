import type { TransportExit, TransportProcess } from "@mooring/provider-kit";
import { FaultyOutput } from "./faulty-output.js";
import { faultyStdin } from "./faulty-stdin.js";
import { earlyCode } from "./fault.js";
import type { Garbage } from "./garbage.js";
import { type Injector, never, planted } from "./injector.js";

/** How long after its start a process seems to have ended that has not. */
const earlyMs = 20;

/** A process whose streams, end and ending can fail. */
export function faultyProcess(real: TransportProcess, injector: Injector, garbage: Garbage): TransportProcess {
  injector.holds(real);
  let isSilent = false;
  let tellExit: (exit: TransportExit) => void = () => undefined;
  const saidExit = new Promise<TransportExit>((resolve) => {
    tellExit = resolve;
  });
  const output = (name: "stdout" | "stderr") =>
    new FaultyOutput({
      name,
      real: real[name],
      injector,
      garbage: name === "stdout" ? garbage.fromFarSide : {},
      end(exit) {
        tellExit(exit);
        real.kill();
      },
      silence: () => {
        isSilent = true;
      },
      isSilent: () => isSilent,
    });
  const stdin = faultyStdin(real, injector, garbage.toFarSide);
  const [stdout, stderr] = [output("stdout"), output("stderr")];
  const exited = Promise.race([saidExit, faultyExit(real, injector, tellExit, () => isSilent)]);
  // Of a transport whose promise rejects: whether somebody listens is the kit's to see to.
  return { stdin, stdout, stderr, exited, kill: () => faultyKill(real, injector) };
}

async function faultyExit(
  { exited }: TransportProcess,
  injector: Injector,
  tellExit: (exit: TransportExit) => void,
  isSilent: () => boolean,
): Promise<TransportExit> {
  const manner = injector.next("exited");
  if (manner === "error") {
    await exited;
    throw planted("waiting for the end");
  }
  if (manner === "hang") return never();
  if (manner === "early-unknown") injector.after(earlyMs, () => tellExit({ code: null, signal: null }));
  if (manner === "early-code") injector.after(earlyMs, () => tellExit({ code: earlyCode, signal: null }));
  const exit = await exited;
  if (manner === "delay") await injector.wait(injector.delayMs);
  return isSilent() ? never() : exit;
}

function faultyKill(real: TransportProcess, injector: Injector): void {
  const manner = injector.next("kill");
  if (manner === "error") throw planted("kill");
  if (manner === "hang") return;
  if (manner === "delay") return injector.after(injector.delayMs, () => real.kill());
  real.kill();
  if (manner === "error-after") throw planted("kill");
}
